# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The names of the fluxes that aperture corrections apply to."""

__all__ = ("addApCorrName", "getApCorrNameSet")

_apCorrNames = set()


def addApCorrName(name):
    """Add a flux.

    Parameters
    ----------
    name : `str`
        Prefix of the fields, such as ``"base_PsfFlux"``.
    """
    _apCorrNames.add(str(name))


def getApCorrNameSet():
    """Return a copy of the set of prefixes."""
    return _apCorrNames.copy()
