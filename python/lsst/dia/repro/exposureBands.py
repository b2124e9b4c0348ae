# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The bands of exposures."""

from __future__ import annotations

__all__ = ["ExposureBands"]

import logging
from collections.abc import Iterable

from .exposureHandle import ExposureHandle

LOG = logging.getLogger(__name__)


class ExposureBands:
    """Looks up the bands of exposures.

    The band is that of the filter label of the difference image, such as ``i``
    for the filter ``i2``. All exposures of a filter have the same; a label is
    read, which costs opening an image, for one of them.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def find(self, exposure: ExposureHandle) -> str:
        """Return the band of an exposure.

        Parameters
        ----------
        exposure : `ExposureHandle`
            The exposure.

        Returns
        -------
        band : `str`
            Its band; the filter of its data ID as long as no image told more.
        """
        name = str(exposure.dataId.get("filter", ""))
        # Without a filter in the data ID there is nothing to know others by.
        if not name or name not in self._known:
            try:
                label = exposure.readFilterLabel()
            except Exception as error:
                LOG.debug("No filter label for %s: %s", exposure.dataId, error)
                return name
            self._known[name] = label.bandLabel if label is not None and label.hasBandLabel() else name
        return self._known[name]

    def findAll(self, exposures: Iterable[ExposureHandle]) -> list[str]:
        """Return the bands of exposures, whichever of them have an image.

        Parameters
        ----------
        exposures : iterable [`ExposureHandle`]
            The exposures.

        Returns
        -------
        bands : `list` [`str`]
            The band of each.
        """
        found = [(str(exposure.dataId.get("filter", "")), self.find(exposure)) for exposure in exposures]
        # The first ones of a filter may lack the image that a later one has.
        return [self._known.get(name, band) if name else band for name, band in found]
