# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Compare what the Gen3 tasks made with what the Gen2 commands made of the same data, bit by bit."""

from __future__ import annotations

__all__ = ["Comparison", "compareResults", "main"]

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lsst.afw.table import BaseCatalog
from lsst.daf.butler import Butler as Gen3Butler
from lsst.daf.butler import DatasetRef
from lsst.daf.persistence import Butler, ButlerDataRef

from .gen3Results import ASSOCIATED, TILE, findRefs, readTiles
from .lsstSimInstrument import DETECTOR_MAX, DETECTORS

#: Columns of a table by their names; whether a value is null is in another, whose name ends with this.
Columns = Mapping[str, np.ndarray]
NULLS = " is null"

#: What reads the tables of a dataset type, by visit and detector; these are 0 where one table has all.
Tables = Mapping[tuple[int, int], Callable[[], Columns]]
ALL = (0, 0)

LIGHT_CURVES = ("diaLightCurves", "diaLightCurveSummary")


class Comparison(NamedTuple):
    """How the tables of a dataset type compare.

    Attributes
    ----------
    name : `str`
        The dataset type.
    nTables, nRows, nValues : `int`
        How many of Gen2's tables, rows and values were compared.
    differences : `list` [`str`]
        What differs; empty if nothing does.
    """

    name: str
    nTables: int
    nRows: int
    nValues: int
    differences: list[str]

    def __str__(self) -> str:
        verdict = "differ:" if self.differences else "are equal"
        return "\n    ".join([f"{self.name}: {self.nTables} tables, {self.nRows} rows, {self.nValues} values "
                              + verdict, *self.differences])


def compareResults(gen2: Butler, gen3: Gen3Butler) -> list[Comparison]:
    """Compare all results of two repositories, every row and column of them.

    Parameters
    ----------
    gen2 : `lsst.daf.persistence.Butler`
        Butler of the Gen2 results.
    gen3 : `lsst.daf.butler.Butler`
        Butler of the Gen3 results with their collections; tables of tiles
        count as one.

    Returns
    -------
    comparisons : `list` [`Comparison`]
        One for each dataset type. Columns of the data ID, which have other
        names in Gen3, are compared as Gen2 has them.
    """
    return [_compare(name, _findGen2(gen2, name), _findGen3(gen3, name))
            for name in (*ASSOCIATED, "forcedDIASource", *LIGHT_CURVES)]


def _compare(name: str, gen2: Tables, gen3: Tables) -> Comparison:
    """Compare the tables of a dataset type."""
    differences = [f"{place} is in {home} alone" for places, home in
                   ((gen2.keys() - gen3.keys(), "Gen2"), (gen3.keys() - gen2.keys(), "Gen3"))
                   for place in map(_describe, sorted(places))]
    nRows = nValues = 0
    for place in sorted(gen2.keys() & gen3.keys()):
        expected, found = gen2[place](), gen3[place]()
        nRows += len(next(iter(expected.values())))
        nValues += sum(column.size for name, column in expected.items() if not name.endswith(NULLS))
        differences += [f"{_describe(place)}: {text}" for text in _findDifferences(expected, found)]
    return Comparison(name, len(gen2), nRows, nValues, differences)


def _findDifferences(expected: Columns, found: Columns) -> list[str]:
    """Return a sentence for each column that is not the same in every bit."""
    differences = [f"{name} is in {home} alone" for names, home in
                   ((expected.keys() - found.keys(), "Gen2"), (found.keys() - expected.keys(), "Gen3"))
                   for name in sorted(names)]
    for name in sorted(expected.keys() & found.keys()):
        mine, theirs = expected[name], found[name]
        if (mine.dtype, mine.shape) != (theirs.dtype, theirs.shape):
            differences.append(f"{name} is {mine.dtype} {mine.shape} and {theirs.dtype} {theirs.shape}")
        elif mine.tobytes() != theirs.tobytes():
            isOther = [one.tobytes() != other.tobytes() for one, other in zip(mine, theirs)]
            differences.append(f"{name} differs in {sum(isOther)} of {len(mine)} rows, first in row "
                               f"{isOther.index(True)}")
    return differences


def _describe(place: tuple[int, int]) -> str:
    """Say which table it is."""
    return "the table" if place == ALL else "visit {} detector {}".format(*place)


def _findGen2(butler: Butler, name: str) -> Tables:
    """Return what reads the tables of a dataset type from Gen2."""
    if name in LIGHT_CURVES:
        return {ALL: lambda: _fromArrow(pq.read_table(butler.getUri(name)))}
    if name in ASSOCIATED:
        return {ALL: lambda: _fromCatalog(butler.get(name, immediate=True))}
    return {(ref.dataId["visit"], ref.get("ccdExposureId") % DETECTOR_MAX): partial(_readGen2, ref)
            for ref in butler.subset(name, level="sensor") if ref.datasetExists(name)}


def _readGen2(ref: ButlerDataRef) -> Columns:
    """Return the columns of the catalog that a Gen2 reference is to."""
    return _fromCatalog(ref.get(immediate=True))


def _findGen3(butler: Gen3Butler, name: str) -> Tables:
    """Return what reads the tables of a dataset type from Gen3, with the data IDs of Gen2."""
    filters = {record.id: record.physical_filter
               for record in butler.query_dimension_records("visit", limit=None, explain=False)}

    def read(ref: DatasetRef) -> Columns:
        table = butler.get(ref)
        return _translate(_fromArrow(table) if isinstance(table, pa.Table) else _fromCatalog(table), filters)

    refs = findRefs(butler, name)
    if not refs and name in ASSOCIATED and findRefs(butler, name + TILE):
        return {ALL: lambda: _translate(_fromCatalog(readTiles(butler, name)), filters)}
    return {(ref.dataId.get("visit", 0), ref.dataId.get("detector", 0)): partial(read, ref) for ref in refs}


def _fromCatalog(catalog: BaseCatalog) -> Columns:
    """Return the columns of a catalog of afw."""
    table = catalog.asAstropy(unviewable="copy")
    return {name: np.asarray(table[name]) for name in table.colnames}


def _fromArrow(table: pa.Table) -> Columns:
    """Return the columns of an Arrow table."""
    columns: dict[str, np.ndarray] = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        columns[name + NULLS] = column.is_null().to_numpy(zero_copy_only=False)
        isText = pa.types.is_string(column.type)
        filled = column.fill_null("" if isText else pa.scalar(0).cast(column.type))
        columns[name] = np.array(filled.to_pylist(), "U") if isText else filled.to_numpy(zero_copy_only=False)
    return columns


def _translate(columns: Columns, filters: Mapping[int, str]) -> Columns:
    """Return columns with the data IDs of Gen2 in the place of those of Gen3."""
    if "detector" not in columns:
        return columns
    translated = {name: column for name, column in columns.items()
                  if name.replace(NULLS, "") not in ("instrument", "detector")}
    names = [DETECTORS[number] for number in columns["detector"].tolist()]
    for name, values in (("raft", [raft for raft, _ in names]), ("sensor", [sensor for _, sensor in names]),
                         ("filter", [filters[visit] for visit in columns["visit"].tolist()])):
        translated[name] = np.array(values, "U")
        if "detector" + NULLS in columns:
            translated[name + NULLS] = columns["detector" + NULLS]
    return translated


def main(args: Sequence[str] | None = None) -> int:
    """Compare repositories, as the command line says, and print what was compared.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        1 if anything differs.
    """
    parser = argparse.ArgumentParser(description="Compare Gen3 results with those of the Gen2 commands.")
    parser.add_argument("gen2", metavar="GEN2", help="directory of the Gen2 results")
    parser.add_argument("gen3", metavar="GEN3", help="directory of the Gen3 repository")
    parser.add_argument("--collections", nargs="+", required=True, metavar="NAME",
                        help="collections of Gen3 results; each is compared")
    parsed = parser.parse_args(args)
    logging.basicConfig(level=logging.WARNING)
    gen2, isEqual = Butler(parsed.gen2), True
    for collection in parsed.collections:
        print(f"{parsed.gen2} and {collection} of {parsed.gen3}:")
        for comparison in compareResults(gen2, Gen3Butler.from_config(parsed.gen3, collections=collection)):
            print(comparison)
            isEqual = isEqual and not comparison.differences
    return 0 if isEqual else 1


if __name__ == "__main__":
    sys.exit(main())
