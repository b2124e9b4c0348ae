# Forced photometry with all that can be had: fluxes beside lost pixels, joint fits of neighbours, aperture
# corrections, and control positions that tell how far to trust the errors.
config.nanPolicy = "leaveOut"
config.doJointFit = True
config.calibration.doApCorr = True
config.doControl = True
