# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where an output came from: a fingerprint that is stored with it, for its readers to compare."""

from __future__ import annotations

__all__ = ["DIA_OBJECTS", "Fingerprint", "Maker", "Positions", "findVersions", "readFingerprint",
           "storeFingerprint"]

import functools
import importlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lsst.afw.table import BaseCatalog
from lsst.daf.base import PropertyList

from .inputFiles import Inputs
from .plainText import fromHeader, toHeader
from .skyPositions import SkyCircle, SkyPositions

#: Where positions are from unless the user gives others.
DIA_OBJECTS = "reproDIAObjects"

#: What a header has, by attribute: key, no longer than FITS allows, and comment.
CARDS = {
    "task": ("MADEBY", "Task that made this"),
    "positions.origin": ("POSITION", "Where the positions are from"),
    "positions.count": ("POSCOUNT", "Number of positions"),
    "positions.digest": ("POSDIGST", "Digest of their id, ra, dec"),
    "positions.circle": ("POSAREA", "ra, dec, radius (rad) where they matter"),
    "positions.nearDigest": ("POSNEAR", "Digest of those in POSAREA"),
    "inputs.count": ("INPUTS", "Number of data IDs read"),
    "inputs.nBytes": ("INBYTES", "Size of their files"),
    "inputs.dates": ("INDATES", "Digest of when they were written"),
    "inputs.digest": ("INDIGEST", "Digest of data IDs and contents"),
    "config": ("CONFIG", "Digest of the options that matter"),
    "versions": ("VERSIONS", "What it was made with"),
    "failed": ("FAILED", "Data IDs that could not be used"),
    "makers": ("MAKERS", "What made the forced catalogs"),
}


class Maker(NamedTuple):
    """What made some of the catalogs that an output is made of.

    Attributes
    ----------
    task, config, versions : `str`
        As `Fingerprint` has them.
    number : `int`
        How many catalogs.
    """

    task: str
    config: str
    versions: str
    number: int


@dataclass(frozen=True)
class Positions:
    """Which positions a forced measurement was made at.

    Attributes
    ----------
    origin : `str`
        Name of the file or dataset that they are from.
    count : `int`
        Their number.
    digest : `str`
        Digest of their ids and coordinates.
    circle : `SkyCircle` or `None`
        Where they mattered; `None` for all the sky.
    nearDigest : `str`
        Digest of those in the circle.
    sky : `SkyPositions` or `None`
        The positions themselves, where they are at hand; not stored.
    """

    origin: str
    count: int
    digest: str
    circle: SkyCircle | None = None
    nearDigest: str = ""
    sky: SkyPositions | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, origin: str, sky: SkyPositions) -> Positions:
        """Look at positions.

        Parameters
        ----------
        origin : `str`
            Name of the file or dataset.
        sky : `SkyPositions`
            The positions.
        """
        return cls(origin, len(sky), sky.digest, sky=sky)

    def within(self, circle: SkyCircle) -> Positions:
        """Return the same for a measurement to which only a part of the sky matters."""
        return replace(self, circle=circle, nearDigest=self.sky.digestIn(circle) if self.sky else "")

    def isSame(self, now: Positions) -> bool:
        """Tell whether a measurement would be made at the same positions now.

        Parameters
        ----------
        now : `Positions`
            The positions as they are now.
        """
        if self.digest == now.digest:
            return True
        # What has changed elsewhere on the sky does not matter. Of a user's file nobody could tell later:
        # whoever puts the measurements together has the DIAObjects at hand, and no such files.
        return (self.origin == now.origin == DIA_OBJECTS and self.circle is not None and now.sky is not None
                and self.nearDigest == now.sky.digestIn(self.circle))

    def __str__(self) -> str:
        return f"{self.origin} ({self.count} positions, digest {self.digest})"


@dataclass(frozen=True)
class Fingerprint:
    """What made an output.

    Attributes
    ----------
    task : `str`
        Name of the task.
    inputs : `Inputs`
        What was read.
    config : `str`
        Digest of the options that matter to the output; see `digestConfig`.
    versions : `str`
        What it was made with; see `findVersions`.
    positions : `Positions` or `None`
        The positions that were measured at, or that the output has itself;
        `None` before they are known.
    failed : `tuple` [`dict`]
        Data IDs whose data could not be used.
    makers : `tuple` [`Maker`]
        Of light curves, what made the forced catalogs that tell it, that of
        most first.
    """

    task: str
    inputs: Inputs
    config: str
    versions: str
    positions: Positions | None = None
    failed: tuple[dict[str, Any], ...] = ()
    makers: tuple[Maker, ...] = ()

    def toCards(self) -> dict[str, int | str]:
        """Return what is stored, by the keys of `CARDS`; nothing for what is not known."""
        values = {"task": self.task, "config": self.config, "versions": self.versions,
                  "failed": json.dumps(self.failed) if self.failed else None,
                  "makers": json.dumps(self.makers) if self.makers else None}
        for name in ("count", "nBytes", "dates", "digest"):
            values["inputs." + name] = getattr(self.inputs, name)
        if self.positions:
            values["positions.origin"] = toHeader(self.positions.origin)
            for name in ("count", "digest"):
                values["positions." + name] = getattr(self.positions, name)
            if self.positions.circle:
                values["positions.circle"] = str(self.positions.circle)
                values["positions.nearDigest"] = self.positions.nearDigest
        return {CARDS[name][0]: value for name, value in values.items() if value not in (None, "")}

    @classmethod
    def fromCards(cls, cards: Mapping[str, Any]) -> Fingerprint | None:
        """Make a fingerprint of what is stored.

        Parameters
        ----------
        cards : `dict`
            What `toCards` returned, perhaps as text, among other things.

        Returns
        -------
        fingerprint : `Fingerprint` or `None`
            `None` where none is stored, as in files of version 0.2 and of
            others.
        """
        def get(name: str, default: Any = "") -> Any:
            return cards.get(CARDS[name][0], default)

        if not get("task"):
            return None
        inputs = Inputs(int(get("inputs.count", 0)), int(get("inputs.nBytes", 0)), get("inputs.dates"),
                        get("inputs.digest"))
        positions = None
        if get("positions.origin"):
            circle = get("positions.circle")
            positions = Positions(fromHeader(get("positions.origin")), int(get("positions.count", 0)),
                                  get("positions.digest"), SkyCircle.fromText(circle) if circle else None,
                                  get("positions.nearDigest"))
        return cls(get("task"), inputs, get("config"), get("versions"), positions,
                   tuple(json.loads(get("failed", "[]"))),
                   tuple(Maker(*each) for each in json.loads(get("makers", "[]"))))

    def differences(self, now: Fingerprint) -> list[str]:
        """Say how what is stored differs from what a run would store.

        Parameters
        ----------
        now : `Fingerprint`
            What the run would store.

        Returns
        -------
        differences : `list` [`str`]
            Short phrases; none if it would come out the same.
        """
        found = []
        if now.positions and not (self.positions and self.positions.isSame(now.positions)):
            found.append(f"was measured at {self.positions or 'unknown positions'}, not {now.positions}")
        if self.inputs.count != now.inputs.count:
            found.append(f"was made of {self.inputs.count} data IDs, not {now.inputs.count}")
        elif not self.inputs.isSame(now.inputs):
            found.append("its inputs have changed")
        if self.config != now.config:
            found.append("the options are others")
        if self.versions != now.versions:
            found.append(f"was made with {self.versions}, not {now.versions}")
        return found

    def replace(self, **changes: Any) -> Fingerprint:
        """Return a copy with other attributes."""
        return replace(self, **changes)


def storeFingerprint(catalog: BaseCatalog, fingerprint: Fingerprint) -> None:
    """Store a fingerprint in a catalog, whose other metadata go.

    Parameters
    ----------
    catalog : `lsst.afw.table.BaseCatalog`
        The catalog.
    fingerprint : `Fingerprint`
        What made it.
    """
    comments = dict(CARDS.values())
    metadata = PropertyList()
    for key, value in fingerprint.toCards().items():
        metadata.set(key, value, comments[key])
    catalog.table.setMetadata(metadata)


def readFingerprint(catalog: BaseCatalog) -> Fingerprint | None:
    """Return the fingerprint that is stored in a catalog, `None` if there is none."""
    metadata = catalog.table.getMetadata()
    return None if metadata is None else Fingerprint.fromCards(metadata.toDict())


@functools.lru_cache(maxsize=None)
def findVersions() -> str:
    """Return the versions of what results depend on, in one line."""
    parts = {"dia_repro": ("dia-repro", "lsst.dia.repro"), "stack": ("gen2-slice", "lsst.afw"),
             "numpy": ("numpy", "numpy"), "scipy": ("scipy", "scipy"), "astropy": ("astropy", "astropy")}
    return ", ".join(f"{name} {_findVersion(*where)}" for name, where in parts.items())


def _findVersion(distribution: str, package: str) -> str:
    """Return a version as pip knows it, or as EUPS and scons write it."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        pass
    try:
        return importlib.import_module(package + ".version").__version__
    except (ImportError, AttributeError):
        return "unknown"
