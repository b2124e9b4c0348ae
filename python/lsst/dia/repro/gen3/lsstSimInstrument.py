# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The instrument of repositories that were Gen2 repositories of lsst.obs.lsstSim."""

from __future__ import annotations

__all__ = ["DETECTORS", "LsstSimInstrument"]

from itertools import product
from typing import Any

from lsst.daf.butler import Registry
from lsst.pipe.base import Instrument

from ..bands import BANDS

#: Raft and sensor of each detector, by its number, as the Gen2 mapper counts them.
DETECTORS = {(5*rx + ry)*10 + 3*sx + sy: (f"{rx},{ry}", f"{sx},{sy}")
             for rx, ry, sx, sy in product(range(5), range(5), range(3), range(3))}

#: With so many the packer of pipe_base makes the mapper's ccdExposureId of 41 bits, (visit << 9) + detector.
DETECTOR_MAX, VISIT_MAX = 1 << 9, 1 << 32


class LsstSimInstrument(Instrument):
    """The camera that lsst.obs.lsstSim simulated."""

    @classmethod
    def getName(cls) -> str:
        """Return what data IDs call it."""
        return "LSSTSim"

    def getRawFormatter(self, dataId: Any) -> type:
        """Refuse to read raw images; there are none of it.

        Raises
        ------
        NotImplementedError
            Raised always.
        """
        raise NotImplementedError(f"There are no raw images of {self.getName()}")

    def register(self, registry: Registry, *, update: bool = False) -> None:
        """Make a repository know the instrument, its detectors and its filters.

        Parameters
        ----------
        registry : `lsst.daf.butler.Registry`
            Registry of the repository.
        update : `bool`, optional
            Replace records that are others?
        """
        name = self.getName()
        records: list[tuple[str, dict[str, Any]]] = [
            ("instrument", {"name": name, "detector_max": DETECTOR_MAX, "visit_max": VISIT_MAX,
                            "exposure_max": VISIT_MAX, "class_name": f"{__name__}.{type(self).__name__}"})]
        records += [("physical_filter", {"instrument": name, "name": band, "band": band}) for band in BANDS]
        records += [("detector", {"instrument": name, "id": number, "full_name": f"R:{raft} S:{sensor}",
                                  "raft": raft, "name_in_raft": sensor, "purpose": "SCIENCE"})
                    for number, (raft, sensor) in DETECTORS.items()]
        with registry.transaction():
            for element, record in records:
                registry.syncDimensionData(element, record, update=update)
