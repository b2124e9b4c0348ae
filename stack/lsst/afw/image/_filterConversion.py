# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Old-style filter names and `Filter` objects to `FilterLabel` and back."""

import re

from lsst.pex.exceptions import NotFoundError

from ._filter import Filter
from ._filterLabel import FilterLabel

__all__ = ["makeFilter", "makeFilterLabel", "makeFilterLabelFromName"]

_AFW_NAMES = {
    "SOLID": FilterLabel.fromPhysical("solid plate 0.0 0.0"),
    "i2": FilterLabel.fromBandPhysical("i", "HSC-I2"),
    "r2": FilterLabel.fromBandPhysical("r", "HSC-R2"),
}
"""Names that only existed in `Filter`."""

_BANDS = {"u", "g", "r", "i", "z", "y", "SH", "PH", "VR", "white"}
_NARROW_OR_INTERMEDIATE = re.compile(r"N\d+|I\d{2,}")


def _isBand(name):
    return name in _BANDS or _NARROW_OR_INTERMEDIATE.fullmatch(name) is not None


def _labelFromNameAlone(name):
    if name == Filter.UNKNOWN_NAME:
        return None
    return FilterLabel.fromBand(name) if _isBand(name) else FilterLabel.fromPhysical(name)


def makeFilterLabel(filter):
    """Convert a `Filter` to the `FilterLabel` that describes it best.

    Parameters
    ----------
    filter : `Filter`
        Old-style filter.

    Returns
    -------
    label : `FilterLabel` or `None`
        The label; `None` for the default filter.
    """
    if filter.getId() == Filter.UNKNOWN:
        return _labelFromNameAlone(filter.getName())
    try:
        canonical = filter.getCanonicalName()
    except NotFoundError:
        return _labelFromNameAlone(filter.getName())
    if canonical in _AFW_NAMES:
        return _AFW_NAMES[canonical]
    if not _isBand(canonical):
        return FilterLabel.fromPhysical(canonical)
    # One alias is the physical name; among several nobody knows which.
    aliases = filter.getAliases()
    return FilterLabel(band=canonical, physical=aliases[0] if len(aliases) == 1 else None)


def makeFilterLabelFromName(name):
    """Convert the FILTER of an old header to a `FilterLabel`, with help of the registered filters.

    Parameters
    ----------
    name : `str`
        Band, physical name or alias.

    Returns
    -------
    label : `FilterLabel` or `None`
        The label; `None` for the name of the default filter.
    """
    if name in _AFW_NAMES:
        return _AFW_NAMES[name]
    try:
        label = makeFilterLabel(Filter._named(name))
    except NotFoundError:
        return _labelFromNameAlone(name)
    if (label is not None and not label.hasPhysicalLabel() and label.hasBandLabel()
            and name != label.bandLabel):
        return FilterLabel.fromBandPhysical(label.bandLabel, name)
    return label


def makeFilter(label):
    """Convert a `FilterLabel` to a `Filter`.

    Raises
    ------
    lsst.pex.exceptions.NotFoundError
        Raised for one of the names that only exist in `Filter`, if it is not registered.
    """
    for name, special in _AFW_NAMES.items():
        if label == special:
            return Filter._named(name)
    return Filter._named(label.bandLabel if label.hasBandLabel() else label.physicalLabel, force=True)
