# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sort the forced measurements of all images into light curves."""

from __future__ import annotations

__all__ = ["LightCurveCollection"]

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import TaskError

from ..bands import sortBands
from .arrowTables import Column, Values
from .lightCurveColumns import POSITIONS_DIFFER, exposureColumns, findColumns
from .objectPositions import findMoved, firstRows
from .sortedRuns import SortedRuns

#: Field of a scratch record that tells its image; no column has such a name.
IMAGE = "#image"

#: Fields that must be the same in all records of an id.
_POSITION = ("diaObjectId", "ra", "dec")

_EXPOSURE_KEYS = ("band", "ccdExposureId", "midpointMjdTai")


class LightCurveCollection:
    """The measurements of all images on their way to a table of light curves.

    `add` takes the catalogs of the images, in order of time, and writes what
    is needed of them to scratch files; `groups` reads it back object by object.
    No more than a catalog or a row group is in memory,
    and of each image a few numbers.

    Parameters
    ----------
    directory : `str`
        Where to make the scratch files; whoever made it removes it.
    fluxField : `str`
        Prefix of the flux that makes the light curves.
    centroidField : `str`
        Prefix of the pixel position.
    copyColumns : `list` [`str`]
        More columns, as shell patterns, that keep their names.
    allowMixed : `bool`, optional
        May the rows of one id be of different positions?
    """

    def __init__(self, directory: str, fluxField: str, centroidField: str,
                 copyColumns: Sequence[str], allowMixed: bool = False) -> None:
        self._choice = fluxField, centroidField, copyColumns
        self._allowMixed = allowMixed
        self._runs = SortedRuns(directory, "diaObjectId")
        self._columns: dict[str, Column] = {}
        self._exposures: list[dict[str, Any]] = []
        self._present: list[frozenset[str]] = []
        self._sameColumns: dict[frozenset[str], frozenset[str]] = {}
        self._isStale: np.ndarray | None = None

    def __enter__(self) -> LightCurveCollection:
        return self

    def __exit__(self, *error: Any) -> None:
        self._runs.__exit__(*error)

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def bands(self) -> list[str]:
        """The bands of the images, in order of wavelength where they are Rubin's (`list` [`str`])."""
        return sortBands(exposure["band"] for exposure in self._exposures)

    @property
    def dataIdKeys(self) -> list[str]:
        """The keys of the data IDs, the visit first (`list` [`str`])."""
        keys = {key for exposure in self._exposures for key in exposure} - set(_EXPOSURE_KEYS)
        return sorted(keys, key=lambda key: (key != "visit", key))

    @property
    def textLengths(self) -> dict[str, int]:
        """Length of the longest value of each column of text (`dict` [`str`, `int`])."""
        return {column.name: max([len(str(exposure.get(column.name, ""))) for exposure in self._exposures],
                                 default=0)
                for column in self._exposureColumns() if column.dtype == "str"}

    def lacks(self, name: str) -> bool:
        """Tell whether no image at all has a column."""
        return not any(name in present for present in self._present)

    def columns(self) -> list[Column]:
        """Return the columns of the table.

        Returns
        -------
        columns : `list` [`Column`]
            Those that light curves always have, and those of any image; an
            image that lacks one has nulls.
        """
        columns = self._rowColumns()
        return columns[:2] + self._exposureColumns() + columns[2:]

    def add(self, catalog: SourceCatalog, dataId: Mapping[str, Any], band: str, ccdExposureId: int,
            mjd: float, fluxes: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """Add the measurements on one image.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            Forced measurements; ``diaObjectId`` must be among the columns.
        dataId : `dict`
            Data ID of the image.
        band : `str`
            Its band.
        ccdExposureId : `int`
            Its id.
        mjd : `float`
            Middle of the exposure, MJD (TAI).
        fluxes : `tuple` [`numpy.ndarray`, `numpy.ndarray`], optional
            Flux and error, nJy, (N,), for a catalog that has not got them.
        """
        found = [column for column in findColumns(catalog.schema, *self._choice)
                 if column.name not in dataId]
        values = {column.name: _read(catalog, column) for column in found if column.source}
        if fluxes is not None:
            values["psfDiffFlux"], values["psfDiffFluxErr"] = fluxes
        records = np.empty(len(catalog), dtype=[(IMAGE, "int32")] + [
            (column.name, column.dtype) for column in found if column.name in values])
        records[IMAGE] = len(self._exposures)
        for name, value in values.items():
            records[name] = value
        self._runs.append(records)
        self._exposures.append(dict(dataId, band=band, ccdExposureId=ccdExposureId, midpointMjdTai=mjd))
        present = frozenset(values) | {POSITIONS_DIFFER.name}
        # Nearly all images have the same columns, and need not each have a set of them.
        self._present.append(self._sameColumns.setdefault(present, present))
        for column in found:
            known = self._columns.setdefault(column.name, column)
            dtype = str(np.promote_types(known.dtype, column.dtype))
            self._columns[column.name] = known._replace(dtype=dtype)

    def markStale(self, isStale: np.ndarray) -> None:
        """Mark the measurements of some images.

        Parameters
        ----------
        isStale : `numpy.ndarray`, (N,)
            Whether each image, in the order in which they were added, was
            measured at other positions than it should have been, bool.
        """
        self._isStale = isStale

    def groups(self, size: int) -> Iterator[tuple[Values, dict[str, np.ndarray]]]:
        """Read the light curves, some objects at a time.

        Parameters
        ----------
        size : `int`
            About how many measurements to read at once.

        Yields
        ------
        values : `dict` [`str`, `numpy.ndarray` or `pyarrow.Array`]
            Columns of the table, sorted by ``diaObjectId``, and as the images
            were added within an object.
        missing : `dict` [`str`, `numpy.ndarray`]
            Which values of a column there are not.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if one id has different positions, unless that is allowed.
        """
        names = [column.name for column in self._rowColumns()]
        absent = {name: np.array([name not in present for present in self._present])
                  for name in names}
        # Once, since there may be more images than rows in a group.
        exposures = self._exposureValues()
        for records in self._runs.groups(size):
            image = np.ascontiguousarray(records[IMAGE])
            values: dict[str, Any] = {
                name: np.ascontiguousarray(records[name]) for name in names
                if name in (records.dtype.names or ())}
            index = pa.array(image)
            values.update((name, each.take(index if isinstance(each, pa.Array) else image))
                          for name, each in exposures.items())
            # Of contiguous columns, which are faster to compare than fields of records.
            isMoved = findMoved(*(values[name] for name in _POSITION))
            if not self._allowMixed:
                self._requireOnePosition(records, isMoved)
            if self._isStale is not None:
                isMoved = isMoved | self._isStale[image]
            values[POSITIONS_DIFFER.name] = isMoved
            del records
            yield values, {name: isAbsent[image] for name, isAbsent in absent.items()
                           if name in values and isAbsent.any()}

    def _requireOnePosition(self, records: np.ndarray, isMoved: np.ndarray) -> None:
        """Fail if an object was measured at more than one position."""
        if not isMoved.any():
            return
        moved = int(np.argmax(isMoved))
        first = int(firstRows(records["diaObjectId"])[moved])
        places = " and ".join(f"({records['ra'][row]:.9f}, {records['dec'][row]:.9f}) deg on "
                              f"{self._dataId(records[IMAGE][row])}" for row in (first, moved))
        raise TaskError(f"DIAObject {records['diaObjectId'][moved]} was measured at different positions, "
                        f"{places}, so that its rows may be of different objects: measure all images at the "
                        "same positions, or mark such rows with allowMixed")

    def _dataId(self, image: int) -> dict[str, Any]:
        """Return the data ID of an image."""
        return {key: self._exposures[image][key] for key in self.dataIdKeys if key in self._exposures[image]}

    def _rowColumns(self) -> list[Column]:
        """Return the columns that have one value a measurement."""
        # What one image has in its data ID another may have measured.
        taken = {column.name for column in self._exposureColumns()}
        return [column for column in self._columns.values() if column.name not in taken]

    def _exposureColumns(self) -> list[Column]:
        return exposureColumns({key: self._typeOf(key) for key in self.dataIdKeys})

    def _typeOf(self, key: str) -> str:
        """Return the type of a key of the data IDs."""
        values = [exposure[key] for exposure in self._exposures if key in exposure]
        return "int64" if all(isinstance(value, int) for value in values) else "str"

    def _exposureValues(self) -> dict[str, np.ndarray | pa.Array]:
        """Return the columns that have one value an exposure, with a row an exposure."""
        columns: dict[str, Any] = {}
        for column in self._exposureColumns():
            empty: Any = "" if column.dtype == "str" else 0
            values = [exposure.get(column.name, empty) for exposure in self._exposures]
            if column.dtype == "str":
                # Astropy cannot read text that is null, so that it is empty.
                columns[column.name] = pa.array(map(str, values), pa.string())
            else:
                columns[column.name] = np.array(values, dtype=column.dtype)
        return columns


def _read(catalog: SourceCatalog, column: Column) -> np.ndarray:
    """Return a column in the unit of the table."""
    values = np.asarray(catalog[column.source])
    return values*column.scale if column.scale != 1.0 else values
