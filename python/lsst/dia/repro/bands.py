# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Rubin's bands: their order, and how figures show them."""

from __future__ import annotations

__all__ = ["BANDS", "bandColor", "bandMarker", "sortBands"]

from collections.abc import Iterable

#: By wavelength.
BANDS = ("u", "g", "r", "i", "z", "y")

#: Colours on a white ground, as `lsst.utils.plotting` has them today.
_COLORS = {"u": "#1600ea", "g": "#31de1f", "r": "#b52626", "i": "#370201", "z": "#ba52ff", "y": "#61a2b3"}

#: Those on a dark ground, as Rubin's plots have them.
_COLORS_ON_DARK = {"u": "#3eb7ff", "g": "#30c39f", "r": "#ff7e00", "i": "#2af5ff", "z": "#a7f9c1",
                   "y": "#fdc900"}

#: Matplotlib's names of the symbols.
_MARKERS = {"u": "o", "g": "^", "r": "v", "i": "s", "z": "*", "y": "p"}


def bandColor(band: str, other: str = "0.4", onDark: bool = False) -> str:
    """Return the colour of a band.

    Parameters
    ----------
    band : `str`
        Name of the band.
    other : `str`, optional
        Colour of what is no band of Rubin's.
    onDark : `bool`, optional
        Is the ground dark, and not white?
    """
    return (_COLORS_ON_DARK if onDark else _COLORS).get(band, other)


def bandMarker(band: str) -> str:
    """Return Matplotlib's name of the symbol of a band, a diamond for what is none of Rubin's."""
    return _MARKERS.get(band, "D")


def sortBands(bands: Iterable[str]) -> list[str]:
    """Sort the names of bands by wavelength, each once.

    Parameters
    ----------
    bands : iterable [`str`]
        Names of bands.

    Returns
    -------
    sorted : `list` [`str`]
        The names; those that are not Rubin's come last, by the alphabet.
    """
    order = {band: place for place, band in enumerate(BANDS)}
    return sorted(set(bands), key=lambda band: (order.get(band, len(BANDS)), band))
