# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs through the Gen3 butler, their schemas, and the tables that it makes of them."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from lsst.afw.detection import PeakCatalog
from lsst.afw.table import BaseCatalog, ExposureCatalog, SimpleCatalog, SourceCatalog


@pytest.fixture
def catalog(stackData):
    return SourceCatalog.readFits(str(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diaSrc-S12.fits"))


def assertSameColumns(first, second):
    assert first.schema == second.schema and len(first) == len(second)
    for name in second.schema.getNames():
        stored, given = first[name], second[name]
        assert np.array_equal(stored, given, equal_nan=given.dtype.kind == "f"), name


@pytest.mark.parametrize("place", ["repo", "memoryRepo"])
def test_sources(request, catalog, place):
    repo = request.getfixturevalue(place)
    result = repo.get(repo.put(catalog, "SourceCatalog"))
    assert isinstance(result, SourceCatalog) and len(result) > 0
    assertSameColumns(result, catalog)
    assert [s.getFootprint().getArea() for s in result] == [s.getFootprint().getArea() for s in catalog]
    assert result.getPsfFluxSlot().getMeasKey() == catalog.getPsfFluxSlot().getMeasKey()


@pytest.mark.parametrize("cls, storageClass", [
    (BaseCatalog, "Catalog"), (SimpleCatalog, "SimpleCatalog"), (ExposureCatalog, "ExposureCatalog"),
    (PeakCatalog, "PeakCatalog")])
def test_otherCatalogs(repo, cls, storageClass):
    schemaOf = SimpleCatalog if cls is BaseCatalog else cls
    catalog = cls(schemaOf.Table.makeMinimalSchema())
    for number in (3, 1):
        catalog.addNew().set("id", number)
    result = repo.get(repo.put(catalog, storageClass))
    assert type(result) is cls
    assertSameColumns(result, catalog)


def test_schema(repo, catalog):
    """A task's schema, which is an InitOutput, is a catalog without rows."""
    empty = SourceCatalog(catalog.schema)
    result = repo.get(repo.put(empty, "SourceCatalog"))
    assert len(result) == 0 and result.schema == catalog.schema
    item = result.schema.find("base_PsfFlux_instFlux")
    assert item.field.getDoc() == catalog.schema.find("base_PsfFlux_instFlux").field.getDoc()
    assert result.schema.getAliasMap() == catalog.schema.getAliasMap()


def test_provenance(repo, catalog):
    name = repo.put(catalog, "SourceCatalog")
    metadata = repo.get(name).getTable().getMetadata()
    assert metadata["LSST BUTLER DATASETTYPE"] == name and metadata["LSST BUTLER DATAID VISIT"] == 5
    # another dataset with the same metadata says only what it is itself
    again = repo.put(repo.get(name), "SourceCatalog")
    metadata = repo.get(again).getTable().getMetadata()
    assert metadata.getArray("LSST BUTLER DATASETTYPE") == [again]


@pytest.mark.parametrize("storageClass", ["SourceCatalog", "ExposureF"])
def test_longNamesInHeaders(repo, catalog, exposure, storageClass):
    """A run longer than a card is read back, by Astropy too."""
    run = "u/someone/" + "a_long_name_for_a_run/"*6 + "20261128T223244Z"
    name = f"long{storageClass}"
    repo.butler.registry.registerRun(run)
    repo.put({"SourceCatalog": catalog, "ExposureF": exposure}[storageClass], storageClass, name, run=run)
    result = repo.get(name, collections=run)
    metadata = (result.getTable() if storageClass == "SourceCatalog" else result).getMetadata()
    assert metadata["LSST BUTLER RUN"] == run
    header = fits.getheader(repo.path(name, collections=run), 1 if storageClass == "SourceCatalog" else 0)
    assert header["LSST BUTLER RUN"] == run and header["LSST BUTLER DATAID DETECTOR"] == 1


def test_asAstropyTable(repo, catalog):
    """A catalog is read, or stored, as an Astropy table; Parquet needs that a task makes one."""
    name = repo.put(catalog, "SourceCatalog")
    for table in (repo.get(name, storageClass="AstropyTable"), repo.get(repo.put(catalog, "AstropyTable"))):
        assert isinstance(table, Table) and len(table) == len(catalog)
        assert np.array_equal(table["coord_ra"], catalog["coord_ra"])
        assert str(table["coord_ra"].unit) == "rad"
    with pytest.raises(ValueError, match="DataFrame.*not compatible"):
        repo.get(name, storageClass="DataFrame")


@pytest.mark.parametrize("storageClass, cls", [
    ("ArrowAstropy", Table), ("DataFrame", pd.DataFrame), ("ArrowNumpy", np.ndarray)])
def test_tablesWrittenOfCatalogs(repo, catalog, storageClass, cls):
    """What a task makes of a catalog goes into Parquet and comes back as other tables."""
    table = catalog.asAstropy()["id", "coord_ra", "base_PsfFlux_instFlux"]
    name = repo.put(table, "ArrowAstropy")
    result = repo.get(name, storageClass=storageClass)
    assert isinstance(result, cls)
    assert np.array_equal(np.asarray(result["coord_ra"]), catalog["coord_ra"])
    part = repo.get(name, parameters={"columns": ["id"]})
    assert part.colnames == ["id"] and np.array_equal(part["id"], catalog["id"])
