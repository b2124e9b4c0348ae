# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names of the stack that have moved since v23, from wherever they are.

All other names that the algorithms use are the same in v23 and in a current
stack: `doc/lsst.dia.repro/current-stack.rst`.
"""

from __future__ import annotations

__all__ = ["disableImplicitThreading", "getFilterLabel", "setFilterLabel", "timeMethod"]

from lsst.afw.image import ExposureF, FilterLabel

try:
    from lsst.base import disableImplicitThreading
except ImportError:
    # Since 2022.
    from lsst.utils.threads import disable_implicit_threading as disableImplicitThreading

try:
    from lsst.pipe.base import timeMethod
except ImportError:
    # Since 2023.
    from lsst.utils.timer import timeMethod


def getFilterLabel(exposure: ExposureF) -> FilterLabel | None:
    """Return the filter of an exposure.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        The exposure.

    Returns
    -------
    label : `lsst.afw.image.FilterLabel` or `None`
        Its filter, `None` if it has none.
    """
    # First the old name: v23 has a `getFilter` too, which returns something else.
    if hasattr(exposure, "getFilterLabel"):
        return exposure.getFilterLabel()
    return exposure.getFilter()


def setFilterLabel(exposure: ExposureF, label: FilterLabel | None) -> None:
    """Set the filter of an exposure.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        The exposure.
    label : `lsst.afw.image.FilterLabel` or `None`
        Its filter, `None` for none.
    """
    if hasattr(exposure, "setFilterLabel"):
        exposure.setFilterLabel(label)
    else:
        exposure.setFilter(label)
