# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a repository stores of formatters, storage classes and types are the names that a stack has."""

import contextlib
import sqlite3

import pytest
import yaml
from lsst.daf.butler import StorageClassConfig, StorageClassFactory
from lsst.resources import ResourcePath
from lsst.utils import doImportType
from lsst.utils.introspection import get_full_type_name

import lsst.afw.image as afwImage
from lsst.afw.detection import PeakCatalog
from lsst.afw.geom import Polygon, SkyWcs
from lsst.afw.math import BackgroundList
from lsst.afw.table import BaseCatalog, ExposureCatalog, SimpleCatalog, SourceCatalog

FITS_EXPOSURE = "lsst.obs.base.formatters.fitsExposure"
FITS_GENERIC = "lsst.obs.base.formatters.fitsGeneric.FitsGenericFormatter"


def default(name):
    """Return a file of the butler's default configuration."""
    # "!include" is a tag of its own
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_constructor("!include", lambda loader, node: None)
    return yaml.load(ResourcePath(f"resource://lsst.daf.butler/configs/{name}").read(), loader)


def records(repo, names):
    """Return (storage class, formatter, component, path) of datasets, as the database has them."""
    query = """SELECT r.storage_class, r.formatter, r.component, r.path
               FROM file_datastore_records r JOIN dataset d ON d.id = r.dataset_id
               JOIN dataset_type t ON t.id = d.dataset_type_id WHERE t.name = ?"""
    with contextlib.closing(sqlite3.connect(f"{repo.root}/gen3.sqlite3")) as database:
        return [row for name in names for row in database.execute(query, (name,))]


def test_inTheDatabase(repo, exposure, stackData):
    catalog = SourceCatalog.readFits(str(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diaSrc-S12.fits"))
    maskedImage = exposure.maskedImage
    items = [(exposure, "ExposureF"), (maskedImage, "MaskedImageF"), (maskedImage.image, "ImageF"),
             (maskedImage.mask, "MaskX"), (catalog, "SourceCatalog"), (exposure.psf, "Psf"),
             (exposure.wcs, "Wcs"), (exposure.photoCalib, "PhotoCalib")]
    rows = records(repo, [repo.put(item, storageClass) for item, storageClass in items])
    generic = [(name, FITS_GENERIC) for name in ("SourceCatalog", "Psf", "Wcs", "PhotoCalib")]
    assert [row[:2] for row in rows] == [
        ("ExposureF", f"{FITS_EXPOSURE}.FitsExposureFormatter"),
        ("MaskedImageF", f"{FITS_EXPOSURE}.FitsMaskedImageFormatter"),
        ("ImageF", f"{FITS_EXPOSURE}.FitsImageFormatter"),
        ("MaskX", f"{FITS_EXPOSURE}.FitsMaskFormatter"), *generic]
    assert {row[2] for row in rows} == {"__NULL_STRING__"} and all(row[3].endswith(".fits") for row in rows)


def test_partsInTheDatabase(partsRepo, exposure):
    rows = records(partsRepo, [partsRepo.put(exposure, "ExposureF")])
    formatters = {component: formatter.rsplit(".", 2)[-2:] for _, formatter, component, _ in rows}
    assert formatters.pop("image") == ["fitsExposure", "FitsImageFormatter"] == formatters.pop("variance")
    assert formatters.pop("mask") == ["fitsExposure", "FitsMaskFormatter"]
    assert {name: formatters.pop(name)[0] for name in ("summaryStats", "metadata", "id")} == {
        "summaryStats": "yaml", "metadata": "yaml", "id": "json"}
    assert sorted(formatters) == ["apCorrMap", "coaddInputs", "detector", "filter", "photoCalib", "psf",
                                  "transmissionCurve", "validPolygon", "visitInfo", "wcs"]
    assert {tuple(value) for value in formatters.values()} == {("fitsGeneric", "FitsGenericFormatter")}


def test_theConfigurationIsTheDefault(repo):
    """Nothing of the datastore is configured in the repository, so that any stack takes its own defaults."""
    with open(f"{repo.root}/butler.yaml") as stream:
        config = yaml.safe_load(stream)
    assert "formatters" not in config["datastore"] and "storageClasses" not in config


@pytest.mark.parametrize("cls, name", [
    (afwImage.ExposureF, "lsst.afw.image.ExposureF"), (afwImage.ImageF, "lsst.afw.image.ImageF"),
    (afwImage.MaskX, "lsst.afw.image.MaskX"), (afwImage.MaskedImageF, "lsst.afw.image.MaskedImageF"),
    (SourceCatalog, "lsst.afw.table.SourceCatalog"), (SimpleCatalog, "lsst.afw.table.SimpleCatalog"),
    (BaseCatalog, "lsst.afw.table.BaseCatalog"), (ExposureCatalog, "lsst.afw.table.ExposureCatalog"),
    (PeakCatalog, "lsst.afw.detection.PeakCatalog"), (afwImage.PhotoCalib, "lsst.afw.image.PhotoCalib"),
    (SkyWcs, "lsst.afw.geom.skyWcs.SkyWcs"), (Polygon, "lsst.afw.geom.polygon.Polygon"),
    (BackgroundList, "lsst.afw.math.BackgroundList")])
def test_fullNames(cls, name):
    """The butler names types in messages and configurations; private modules do not show."""
    assert get_full_type_name(cls) == name


def test_typesOfTheDefaultStorageClasses():
    """Every default storage class whose type is in the slice has its delegate and formatter there."""
    factory, formatters = StorageClassFactory(), default("datastores/formatters.yaml")
    factory.addFromConfig(StorageClassConfig())
    found, missing = set(), set()
    for name, item in default("storageClasses.yaml")["storageClasses"].items():
        if not item["pytype"].startswith(("lsst.afw.", "lsst.daf.base.", "lsst.geom.")):
            continue
        try:
            assert isinstance(factory.getStorageClass(name).pytype, type)
        except ImportError:
            missing.add(name)
            continue
        found.add(name)
        assert factory.getStorageClass(name).delegateClass
        formatter = formatters.get(name)
        if isinstance(formatter, str):
            assert get_full_type_name(doImportType(formatter)) == formatter
    # what only cameras and raw images need
    assert missing == {"Camera", "DecoratedImage", "DecoratedImageU"} and len(found) > 35
