# Reject before association what Rubin's pipelines reject, as far as a Gen2 diaSrc catalog tells.
config.cleaning.badFlags = [
    "base_SdssCentroid_flag",
    "base_PixelFlags_flag_offimage",
    "base_PixelFlags_flag_crCenter",
    "base_PixelFlags_flag_saturatedCenter",
    "base_PixelFlags_flag_interpolatedCenter",
    "base_PixelFlags_flag_suspectCenter",
]
