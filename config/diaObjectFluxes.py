# Add the per-band flux statistics of Rubin's DiaObject table, in nJy.
config.loader.doCalibrate = True
config.aggregation.doFluxes = True
