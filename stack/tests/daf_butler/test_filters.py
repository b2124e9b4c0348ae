# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which filter an exposure read through the Gen3 butler has: that of the data ID, or that of the file."""

import re
import warnings

import pytest
from conftest import DATA_ID
from lsst.daf.butler import (
    DataCoordinate,
    DatasetRef,
    DatasetType,
    FileDescriptor,
    Location,
    StorageClassConfig,
    StorageClassFactory,
)

from lsst.afw.image import FilterLabel
from lsst.obs.base.formatters.fitsExposure import FitsExposureFormatter

OF_THE_DATA_ID = FilterLabel(band="r", physical="r_03")
OF_THE_FILE = FilterLabel(band="g", physical="g_01")


@pytest.fixture
def path(exposure, tmp_path):
    exposure.setFilterLabel(OF_THE_FILE)
    exposure.writeFits(str(tmp_path/"exposure.fits"))
    return tmp_path/"exposure.fits"


def asVersion1(path):
    """Make a file of the version that had only a name for the filter, in the header."""
    content = path.read_bytes()
    cards = re.findall(rb"HIERARCH EXPINFO_V *= *2 ", content)
    assert len(cards) == 1
    path.write_bytes(content.replace(cards[0], cards[0].replace(b"2", b"1")))


def read(butler, path, dataId, component=None):
    """Read a file with the formatter for a data ID, as the butler does for one that it has not expanded."""
    factory = StorageClassFactory()
    factory.addFromConfig(StorageClassConfig())
    storageClass = factory.getStorageClass("ExposureF")
    datasetType = DatasetType("exposure", tuple(dataId), storageClass, universe=butler.dimensions)
    ref = DatasetRef(datasetType, DataCoordinate.standardize(dataId, universe=butler.dimensions), run="tests")
    descriptor = FileDescriptor(Location(None, str(path)), storageClass)
    return FitsExposureFormatter(descriptor, ref=ref).read_from_local_file(str(path), component)


def test_theDataIdCounts(repo, path):
    name = repo.ingest(path, "ExposureF")
    with pytest.warns(UserWarning, match='exposure.fits: the filter is .*"g_01".* in the file, but .*"r_03"'):
        assert repo.get(name).filterLabel == OF_THE_DATA_ID
    with pytest.warns(UserWarning, match="which counts"):
        assert repo.get(f"{name}.filter") == OF_THE_DATA_ID


def test_ofOldFilesNothingElseIsExpected(repo, path):
    asVersion1(path)
    name = repo.ingest(path, "ExposureF")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert repo.get(name).filterLabel == OF_THE_DATA_ID == repo.get(f"{name}.filter")


def test_aDataIdThatIsShort(repo, path):
    """The database is not asked here, so the file has to do."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(repo.butler, path, DATA_ID).filterLabel == OF_THE_FILE
        assert read(repo.butler, path, DATA_ID, "filter") == OF_THE_FILE
    asVersion1(path)
    with pytest.warns(UserWarning, match="lacks what it implies"):
        read(repo.butler, path, DATA_ID)


def test_aDataIdWithoutFilter(repo, path):
    with pytest.warns(UserWarning, match="but None in the data ID"):
        assert read(repo.butler, path, {"instrument": "Toy", "detector": 1}).filterLabel is None


def test_aDataIdWithABandAlone(repo, path):
    with pytest.warns(UserWarning, match="which counts"):
        assert read(repo.butler, path, {"band": "i"}).filterLabel == FilterLabel(band="i")
