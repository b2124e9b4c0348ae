# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects of classes that are not known: named when they are asked for, and in nobody else's way."""

import logging

import numpy as np
import pytest
from astropy.io import fits

import lsst.afw.table as afwTable
from lsst.afw.geom import Polygon
from lsst.afw.image import ExposureF, ExposureFitsReader, FilterLabel
from lsst.geom import Box2D, Box2I, Extent2I, Point2I
from lsst.pex.exceptions import NotFoundError


def rename(path, target, old, new):
    """Change the name of a class in the archive of a file."""
    old, new = (name.encode().ljust(len(old), b"\0") for name in (old, new))
    data = path.read_bytes()
    assert old in data and len(new) == len(old)
    target.write_bytes(data.replace(old, new))
    return str(target)


@pytest.fixture
def doctored(stackData, tmp_path):
    """An exposure with a PSF of a kind that nobody knows."""
    return rename(stackData/"zoo"/"pcaPsf.fits", tmp_path/"doctored.fits", "PcaPsf", "NoPsf")


def test_unknownPsf(doctored, stackData, caplog):
    reader = ExposureFitsReader(doctored)
    with pytest.raises(NotFoundError, match=r"'NoPsf'.*lsst\.meas\.algorithms.*doctored\.fits"):
        reader.readPsf()
    with pytest.raises(NotFoundError, match=r"previous attempt.*'NoPsf'.*doctored\.fits, HDU \d+"):
        reader.readPsf()
    assert reader.readWcs() is not None and reader.readPhotoCalib() is not None
    with caplog.at_level(logging.WARNING):
        exposure = ExposureF(doctored)
        assert not exposure.hasPsf()
    assert any("NoPsf" in message and "doctored.fits" in message for message in caplog.messages)
    original = ExposureF(str(stackData/"zoo"/"pcaPsf.fits"))
    assert original.hasPsf()
    assert exposure.getWcs() == original.getWcs() and exposure.photoCalib == original.photoCalib
    np.testing.assert_array_equal(exposure.image.array, original.image.array)
    exposure = ExposureF(doctored, Box2I(original.getXY0(), Extent2I(5, 6)))
    assert exposure.getDimensions() == Extent2I(5, 6) and exposure.hasWcs()


def test_unknownPartOfAPsf(stackData, tmp_path):
    """The class of the PSF is known, that of its kernel is not."""
    path = rename(stackData/"zoo"/"kernelPsf.fits", tmp_path/"doctored.fits", "FixedKernel", "NotAKernel")
    exposure = ExposureF(path)
    assert exposure.hasWcs() and not exposure.hasPsf()
    with pytest.raises(NotFoundError, match="'NotAKernel'"):
        ExposureFitsReader(path).readPsf()


def test_unknownComponent(stackData, tmp_path, caplog):
    """A component under a name of its own, of which this stack has never heard."""
    exposure = ExposureF(str(stackData/"zoo"/"singlePsf.fits"))
    exposure.info.setComponent("NEWS", FilterLabel(band="z"))
    exposure.info.setFilterLabel(None)
    exposure.info.setComponent("OTHER", Polygon(Box2D(exposure.getBBox())))
    path = tmp_path/"news.fits"
    exposure.writeFits(str(path))
    assert ExposureF(str(path)).info.getComponent("NEWS").bandLabel == "z"
    doctored = rename(path, tmp_path/"doctored.fits", "FilterLabel", "NewsOfStack")
    with caplog.at_level(logging.WARNING):
        exposure = ExposureF(doctored)
        assert not exposure.info.hasComponent("NEWS")
    assert any("NEWS" in message and "NewsOfStack" in message for message in caplog.messages)
    assert exposure.info.hasComponent("OTHER") and exposure.hasPsf() and exposure.hasWcs()
    with pytest.raises(NotFoundError, match="NewsOfStack"):
        ExposureFitsReader(doctored).readComponent("NEWS")


def test_componentOfTheWrongClass(stackData, tmp_path):
    """Where the header says that there is a PSF the archive has something else."""
    path = stackData/"zoo"/"singlePsf.fits"
    metadata = ExposureFitsReader(str(path)).readMetadata()
    assert not metadata.exists("PSF_ID")
    data = path.read_bytes()
    card = next(data[i:i + 80] for i in range(0, 28800, 80) if data[i:i + 80].startswith(b"PSF_ID"))
    other = next(data[i:i + 80] for i in range(0, 28800, 80) if b"SKYWCS_ID" in data[i:i + 80])
    number = other.split(b"=")[1].split(b"/")[0].strip()
    data = data.replace(card, (b"PSF_ID  = " + number.rjust(20)).ljust(80))
    (tmp_path/"wrong.fits").write_bytes(data)
    with pytest.raises(Exception, match="SkyWcs, not a Psf.*wrong.fits"):
        ExposureFitsReader(str(tmp_path/"wrong.fits")).readPsf()


def test_exposureCatalog(stackData, tmp_path):
    catalog = afwTable.ExposureCatalog(afwTable.ExposureTable.makeMinimalSchema())
    for name in ("pcaPsf", "singlePsf"):
        exposure, record = ExposureF(str(stackData/"zoo"/f"{name}.fits")), catalog.addNew()
        record.setPsf(exposure.getPsf())
        record.setWcs(exposure.getWcs())
    catalog.writeFits(str(tmp_path/"catalog.fits"))
    path = rename(tmp_path/"catalog.fits", tmp_path/"doctored.fits", "PcaPsf", "NoPsf")
    unknown, known = afwTable.ExposureCatalog.readFits(path)
    assert unknown.getWcs() is not None and known.getPsf() is not None
    with fits.open(tmp_path/"catalog.fits") as file:
        number = next(i for i, hdu in enumerate(file) if hdu.header.get("AR_NAME") == "PcaPsf")
    for _ in range(2):
        with pytest.raises(NotFoundError, match=rf"'NoPsf'.*doctored\.fits, HDU {number}\)"):
            unknown.getPsf()


def test_footprints(stackData, tmp_path):
    """The columns of sources can be used without their footprints."""
    path = stackData/"repo"/"deepDiff"/"v840-fg"/"R22"/"diaSrc-S11.fits"
    doctored = rename(path, tmp_path/"doctored.fits", "SpanSet", "SpanBag")
    catalog = afwTable.SourceCatalog.readFits(doctored)
    original = afwTable.SourceCatalog.readFits(str(path))
    np.testing.assert_array_equal(catalog["base_PsfFlux_instFlux"], original["base_PsfFlux_instFlux"])
    with pytest.raises(NotFoundError, match="'SpanBag'.*doctored.fits"):
        catalog[0].getFootprint()


def test_lostArchive(stackData, tmp_path, caplog):
    """v23 reads the columns of a file that ends before the footprints; here there is a warning too."""
    from lsst.afw.fits import FitsFile

    path = stackData/"repo"/"deepDiff"/"v840-fg"/"R22"/"diaSrc-S11.fits"
    with FitsFile(str(path)) as file:
        end = file.hdu(3).dataStart
    (tmp_path/"cut.fits").write_bytes(path.read_bytes()[:end])
    with caplog.at_level(logging.WARNING):
        catalog = afwTable.SourceCatalog.readFits(str(tmp_path/"cut.fits"))
    assert any("cut.fits" in message and "footprints" in message for message in caplog.messages)
    assert len(catalog) > 0 and catalog[0].getFootprint() is None


def test_pixelsOutsideAreNoReason(stackData):
    """A box that is not inside the image is the caller's mistake, whatever the components are."""
    from lsst.pex.exceptions import LengthError

    with pytest.raises(LengthError):
        ExposureF(str(stackData/"zoo"/"pcaPsf.fits"), Box2I(Point2I(0, 0), Extent2I(5, 5)))
