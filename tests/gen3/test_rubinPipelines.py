# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The pipelines for the datasets of Rubin: the same DIAObjects, whatever their DIASources come in."""

import logging

import lsst.afw.table as afwTable
import numpy as np
import pytest
from astropy.table import MaskedColumn, Table, vstack
from gen3.pipelines import RUN, convert, runPipeline
from lsst.daf.butler import Butler, DatasetType
from lsst.dia.repro.gen3.diaSourceTables import findTableExposures
from lsst.pipe.base import TaskError
from lsst.sphgeom import Box

IMAGE = ("instrument", "visit", "detector")
DATASETS = {"difference_image": (IMAGE, "ExposureF"), "dia_source_unstandardized": (IMAGE, "SourceCatalog"),
            "dia_source": (("skymap", "tract"), "ArrowAstropy")}

#: Columns of dia_source by those of the catalogs.
RELEASED = {"x": "base_SdssCentroid_x", "y": "base_SdssCentroid_y", "psfFlux_flag": "base_PsfFlux_flag",
            "centroid_flag": "base_SdssCentroid_flag", "pixelFlags_bad": "base_PixelFlags_flag_bad",
            "pixelFlags_edge": "base_PixelFlags_flag_edge", "psfFlux": "base_PsfFlux_instFlux",
            "psfFluxErr": "base_PsfFlux_instFluxErr"}


@pytest.fixture(scope="module")
def root(stackData, tmp_path_factory):
    """A repository with DIASources in all three forms."""
    root = convert(stackData/"repo", tmp_path_factory.mktemp("rubin")/"gen3")
    butler = Butler.from_config(str(root), run="rubin", writeable=True)
    for name, (dimensions, storageClass) in DATASETS.items():
        butler.registry.registerDatasetType(
            DatasetType(name, dimensions, storageClass, universe=butler.dimensions))
    for ref in butler.query_datasets("deepDiff_differenceExp", RUN):
        butler.put(butler.get(ref), "difference_image", ref.dataId)
    tables = {0: [], 1: []}
    for ref in butler.registry.queryDatasets("deepDiff_diaSrc", collections=RUN).expanded():
        catalog = butler.get(ref)
        butler.put(toUnstandardized(catalog), "dia_source_unstandardized", ref.dataId)
        tables[ref.dataId["visit"] % 2].append(toReleased(catalog, ref.dataId))
    addTracts(butler, tables)
    for tract, parts in tables.items():
        butler.put(vstack(parts), "dia_source", skymap="sky", tract=tract)
    return root


@pytest.fixture(scope="module")
def expected(root):
    """What is made of the catalogs themselves."""
    return runPipeline(root, "dia.yaml", "u/dia", labels=["diaObjectMaker"])


def addTracts(butler, tracts):
    """Register a sky map, which none of the tasks looks at."""
    registry = butler.registry
    registry.syncDimensionData("skymap", {
        "name": "sky", "hash": b"0", "tract_max": 2, "patch_nx_max": 1, "patch_ny_max": 1})
    for tract in tracts:
        registry.syncDimensionData("tract", {"skymap": "sky", "id": tract, "region": Box.full()})


def toUnstandardized(catalog):
    """Return a catalog as Rubin's pipelines have it: another centroid, position errors, text."""
    mapper = afwTable.SchemaMapper(catalog.schema, True)
    mapper.addMinimalSchema(catalog.schema, True)
    schema = mapper.editOutputSchema()
    for name in ("x", "y", "xErr", "yErr"):
        schema.addField("ip_diffim_DipoleFit_" + name, type="D", units="pixel")
    schema.addField("ip_diffim_DipoleFit_flag", type="Flag")
    for name in ("coord_raErr", "coord_decErr"):
        schema.addField(name, type="F", units="rad")
    schema.addField("reliabilityVersion", type="String", size=8)
    made = afwTable.SourceCatalog(schema)
    made.extend(catalog, mapper=mapper)
    made = made.copy(deep=True)
    for name in ("x", "y", "xErr", "yErr", "flag"):
        made["ip_diffim_DipoleFit_" + name] = catalog["base_SdssCentroid_" + name]
    made["coord_raErr"] = made["coord_decErr"] = 1e-7
    made.schema.getAliasMap().set("slot_Centroid", "ip_diffim_DipoleFit")
    return made


def toReleased(catalog, dataId):
    """Return a table as Rubin releases it."""
    catalog = catalog.copy(deep=True)
    table = Table({"diaSourceId": catalog["id"], "ra": np.degrees(catalog["coord_ra"]),
                   "dec": np.degrees(catalog["coord_dec"])})
    for name, afwName in RELEASED.items():
        table[name] = catalog[afwName]
    # A position that is missing is null in Arrow, and NaN in afw.
    table["raErr"] = MaskedColumn(np.full(len(table), 2e-5, dtype="f4"), mask=np.arange(len(table)) == 0)
    table["decErr"] = np.full(len(table), 2e-5, dtype="f4")
    table["visit"], table["detector"] = dataId["visit"], dataId["detector"]
    table["band"], table["reliability"] = dataId["band"], np.float32(0.5)
    mid = dataId.timespan.begin + 0.5*(dataId.timespan.end - dataId.timespan.begin)
    table["midpointMjdTai"] = mid.tai.mjd
    return table


def requireEqual(butler, expected):
    """Require that the same DIASources make the same DIAObjects."""
    found, wanted = (each.get("reproDIAObjects", instrument="LSSTSim").copy(deep=True)
                     for each in (butler, expected))
    assert len(wanted) > 20
    for name in ("id", "nDiaSources", "r_nDiaSources", "firstDiaSourceMjdTai",
                 "base_PixelFlags_flag_bad_nSet", "base_PsfFlux_flag"):
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    # Degrees and back are worth a rounding.
    for name in ("coord_ra", "coord_dec"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=1e-15)


def testCatalogsOfRubin(root, expected):
    butler = runPipeline(root, "diaRubin.yaml", "u/rubin", inputs=["rubin"])
    requireEqual(butler, expected)
    sources = butler.get("reproDIASources", instrument="LSSTSim")
    assert "ip_diffim_DipoleFit_x" in sources.schema
    assert len(butler.get("diaLightCurves", instrument="LSSTSim")) > 0
    assert (sources.copy(deep=True)["coord_raErr"] == np.float32(1e-7)).all()


def testTablesOfRubin(root, expected):
    butler = runPipeline(root, "diaRubinTables.yaml", "u/tables", inputs=["rubin"],
                         where="instrument='LSSTSim' and skymap='sky'",
                         overrides=[("diaObjectMaker", "aggregation.doFluxes", True),
                                    ("diaObjectMaker", "loader.doCalibrate", True)])
    requireEqual(butler, expected)
    sources = butler.get("reproDIASources", instrument="LSSTSim").copy(deep=True)
    # What is in nJy already stays as it is.
    np.testing.assert_array_equal(sources["base_PsfFlux_flux"], sources["base_PsfFlux_instFlux"])
    assert np.isnan(sources["coord_raErr"]).any() and (sources["coord_decErr"] > 0).all()


@pytest.mark.parametrize("change, message", [
    (lambda table: table.remove_column("midpointMjdTai"), "has no column midpointMjdTai"),
    (lambda table: table.replace_column("visit", MaskedColumn(table["visit"], mask=True)),
     "has rows without visit"),
])
def testBadTable(root, expected, change, message):
    butler = Butler.from_config(str(root), collections="rubin")
    table = butler.get("dia_source", skymap="sky", tract=0)
    change(table)
    with pytest.raises(TaskError, match=message):
        findTableExposures([table], butler.registry.expandDataId(instrument="LSSTSim"), logging.getLogger())


def testNoRows(root):
    butler = Butler.from_config(str(root), collections="rubin")
    empty = butler.get("dia_source", skymap="sky", tract=0)[:0]
    assert findTableExposures([empty], butler.registry.expandDataId(instrument="LSSTSim"),
                              logging.getLogger()) == []
