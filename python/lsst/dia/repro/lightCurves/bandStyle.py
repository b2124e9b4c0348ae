# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Rubin's colours and symbols of the bands, which differ in shape for whoever does not see the colours."""

__all__ = ["BAND_COLORS", "BAND_MARKERS", "sortBands"]

#: Colours on a white ground, as `lsst.utils.plotting` has them today.
BAND_COLORS = {"u": "#1600ea", "g": "#31de1f", "r": "#b52626", "i": "#370201", "z": "#ba52ff", "y": "#61a2b3"}
#: Matplotlib's names of the symbols.
BAND_MARKERS = {"u": "o", "g": "^", "r": "v", "i": "s", "z": "*", "y": "p"}


def sortBands(bands):
    """Sort the names of bands by wavelength, with unknown ones at the end (`list` [`str`])."""
    return sorted(set(bands), key=lambda band: ("ugrizy".find(band) % 7, band))
