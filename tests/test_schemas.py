# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Felis schemas of the output tables, held against what the commands write."""

import copy
import pathlib
import re
from typing import NamedTuple

import lsst.dia.repro
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.units import Unit
from lsst.afw.image import ExposureF
from lsst.daf.persistence import Butler
from lsst.geom import Point2D

# Stacks of v23 are older than Felis.
Schema = pytest.importorskip("felis.datamodel").Schema

CONFIG = pathlib.Path(__file__).parent.parent/"config"
SCHEMAS = pathlib.Path(lsst.dia.repro.__file__).parent/"schemas"
PRODUCTS = ["reproDIAObjects", "reproDIASources", "forcedDIASource", "diaLightCurves", "diaLightCurveSummary"]

# The images that the repository has, in r and i.
IDS = ["--id", "visit=853^892", "sensor=1,2", "--id", "visit=866^905"]
GROUPS = {
    "default": {
        "reproDIAObjects": {"flags", "bands"},
        "reproDIASources": {"copyColumns"},
        "forcedDIASource": {"plugins", "calibrated"},
        "diaLightCurves": {"gen2", "flags", "calibrated", "reason"},
        "diaLightCurveSummary": {"band_r", "band_i"},
    },
    "complete": {
        "reproDIAObjects": {"flags", "bands", "fluxes"},
        "reproDIASources": {"copyColumns", "calibrated"},
        "forcedDIASource": {"plugins", "calibrated", "apertureCorrected", "leaveOut", "jointFit", "control"},
        "diaLightCurves": {"gen2", "flags", "calibrated", "reason", "apertureCorrected", "leaveOut",
                           "jointFit", "control"},
        "diaLightCurveSummary": {"band_r", "band_i"},
    },
    "files": {
        "diaLightCurves": {"detector", "instrument", "flags", "calibrated", "reason"},
        "diaLightCurveSummary": {"band_r", "band_i"},
    },
}
OPTIONS = {
    "default": ([], []),
    "complete": (["--configfile", CONFIG/"diaObjectFluxes.py", "--config", "associator=assignment"],
                 ["--configfile", CONFIG/"forcedComplete.py"]),
}

AFW_TYPES = {"L": "long", "I": "int", "D": "double", "F": "float", "Angle": "double", "Flag": "boolean",
             "String": "string"}
ARROW_TYPES = {"int64": "long", "int32": "int", "double": "double", "float": "float", "bool": "boolean",
               "string": "string"}


class Found(NamedTuple):
    """What an output says of a column, and its values."""

    datatype: str
    unit: str
    description: str
    values: np.ndarray


def loadSchema(product):
    return Schema.from_uri(f"{SCHEMAS/product}.yaml", context={"id_generation": True,
                                                               "check_description": True})


@pytest.fixture(scope="module")
def outputs(stackData, run, tmp_path_factory):
    """The columns of each product of a run with default options and of one with all of them."""
    found = {}
    for name, (maker, forced) in OPTIONS.items():
        out = tmp_path_factory.mktemp("schemas")/name
        for command in (["diaObjectMaker.py", stackData/"repo", *IDS, "--output", out, *maker],
                        ["forcedDiaPhot.py", out, *IDS, *forced],
                        ["diaLightCurves.py", out, *IDS]):
            result = run(*command, "--no-versions")
            assert result.returncode == 0, result.stderr + result.stdout
        butler = Butler(str(out))
        found[name] = {product: afwColumns(butler, product) for product in PRODUCTS[:3]}
        found[name].update((product, parquetColumns(butler.get(f"{product}_filename")[0]))
                           for product in PRODUCTS[3:])
    return found


def afwColumns(butler, product):
    """Return the columns of a catalog, of one image if there is one for each (`dict` of `Found`)."""
    dataId = {"visit": 905, "raft": "2,2", "sensor": "1,1"} if product == "forcedDIASource" else {}
    catalog = butler.get(product, dataId)
    columns = {}
    for item in catalog.schema:
        field = item.field
        unit = "rad" if field.getTypeString() == "Angle" else field.getUnits()
        # afw doubles an apostrophe whenever it writes a description.
        columns[field.getName()] = Found(AFW_TYPES[field.getTypeString()], unit,
                                         re.sub("'+", "'", field.getDoc()),
                                         np.array([record[item.key] for record in catalog]))
    return columns


def parquetColumns(path):
    table = pq.read_table(path)
    return {field.name: Found(ARROW_TYPES[str(field.type)], field.metadata.get(b"unit", b"").decode(),
                              re.sub("'+", "'", field.metadata[b"description"].decode()),
                              table[field.name].to_numpy())
            for field in table.schema}


def differences(table, groups, columns):
    """Return what is not as the table of a schema has it if only those groups are there (`list`)."""
    of = {column.name: set() for column in table.columns}
    for group in table.column_groups:
        for column in group.columns:
            of[column.name].add(group.name)
    expected = {column.name: column for column in table.columns if of[column.name] <= groups}
    wrong = [f"{name} is missing" for name in expected.keys() - columns.keys()]
    wrong += [f"{name} is unknown" for name in columns.keys() - expected.keys()]
    for name in expected.keys() & columns.keys():
        wrong += [f"{name}: {what}" for what in columnDifferences(expected[name], columns[name])]
    return sorted(wrong)


def columnDifferences(column, found):
    if found.datatype != column.datatype:
        yield f"is {found.datatype}, not {column.datatype}"
    if Unit(found.unit) != Unit(column.ivoa_unit or column.fits_tunit or ""):
        yield f"is in {found.unit}"
    if found.description != column.description:
        yield f"is described as {found.description}"
    if not column.nullable and any(value is None or value != value for value in found.values):
        yield "has nulls"
    if column.datatype == "string" and max(map(len, found.values)) > column.length:
        yield f"has texts longer than {column.length}"


def testEveryProductHasASchema():
    assert {path.name for path in SCHEMAS.iterdir()} == {product + ".yaml" for product in PRODUCTS}


@pytest.mark.parametrize("product", PRODUCTS)
def testSchemaIsFelis(product):
    schema = loadSchema(product)
    assert re.fullmatch(r"\d+\.\d+\.\d+", schema.version.current)
    assert [table.name for table in schema.tables] == [product]
    assert all(column.ivoa_ucd for column in schema.tables[0].columns)
    assert all(group.description for group in schema.tables[0].column_groups)


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("options", OPTIONS)
def testOutputIsAsTheSchemaSays(outputs, options, product):
    table = loadSchema(product).tables[0]
    assert differences(table, GROUPS[options][product], outputs[options][product]) == []


def testLightCurvesOfFilesAreAsTheSchemaSays(stackData, run, tmp_path):
    for path in stackData.glob("repo/deepDiff/*/*/diffexp*"):
        exposure = ExposureF(str(path))
        exposure.getMetadata().set("LSST BUTLER DATAID INSTRUMENT", "LSSTCam")
        exposure.writeFits(str(tmp_path/f"{path.parts[-3]}-{path.name}"))
    center = exposure.getWcs().pixelToSky(Point2D(exposure.getBBox().getCenter()))
    ra, dec = center.getRa().asDegrees(), center.getDec().asDegrees()
    (tmp_path/"mine.csv").write_text(f"id,ra,dec\n1,{ra},{dec}\n")
    done = run("forcedLightCurves.py", tmp_path, "--refCat", tmp_path/"mine.csv", "--output",
               tmp_path/"curves.parq")
    assert done.returncode == 0, done.stderr
    for product, name in ("diaLightCurves", "curves"), ("diaLightCurveSummary", "curvesSummary"):
        found = parquetColumns(tmp_path/f"{name}.parq")
        assert len(found["diaObjectId"].values)
        assert differences(loadSchema(product).tables[0], GROUPS["files"][product], found) == []


@pytest.mark.parametrize("product", PRODUCTS)
def testPrimaryKeyTellsRowsApart(outputs, product):
    table = loadSchema(product).tables[0]
    keys = [table.primary_key] if isinstance(table.primary_key, str) else table.primary_key
    columns = outputs["complete"][product]
    rows = list(zip(*(columns[key.split(".")[1]].values for key in keys)))
    assert len(rows) == len(set(rows)) > 20


@pytest.mark.parametrize("product", PRODUCTS)
def testEveryGroupIsInARun(product):
    """No column of a schema goes unseen, but for bands that the images lack."""
    seen = set().union(*(groups.get(product, set()) for groups in GROUPS.values()))
    groups = {group.name for group in loadSchema(product).tables[0].column_groups}
    assert groups - seen == ({"band_u", "band_g", "band_z", "band_y"}
                             if product == "diaLightCurveSummary" else set())


@pytest.mark.parametrize("change, message", [
    ({"datatype": "double"}, "nDiaSources: is int, not double"),
    ({"ivoa_unit": "s"}, "nDiaSources: is in "),
    ({"description": "Number"}, "nDiaSources: is described as Number of DIASources"),
    ({"name": "nSources"}, "nDiaSources is unknown"),
])
def testPlantedDifferenceIsFound(outputs, change, message):
    table = copy.deepcopy(loadSchema("reproDIAObjects").tables[0])
    column = next(column for column in table.columns if column.name == "nDiaSources")
    for name, value in change.items():
        setattr(column, name, value)
    columns = outputs["default"]["reproDIAObjects"]
    assert message in differences(table, GROUPS["default"]["reproDIAObjects"], columns)


def testPlantedNullAndLongTextAreFound(outputs):
    columns = dict(outputs["default"]["diaLightCurves"])
    groups = GROUPS["default"]["diaLightCurves"]
    columns["ra"] = columns["ra"]._replace(values=columns["ra"].values + np.nan)
    columns["filter"] = columns["filter"]._replace(values=np.array(["a filter with a long name"]))
    assert differences(loadSchema("diaLightCurves").tables[0], groups, columns) == [
        "filter: has texts longer than 16", "ra: has nulls"]
