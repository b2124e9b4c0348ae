# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What cannot be read through the Gen3 butler raises, and says which file."""

import os
import pathlib
import shutil

import pytest

from lsst.afw.fits import FitsError
from lsst.afw.image import PARENT
from lsst.afw.table.io import MalformedArchiveError
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError, NotFoundError

OUTSIDE = Box2I(Point2I(90, 190), Extent2I(20, 20))


def failing(repo, name, **kwargs):
    """Return the error of a get, whose message must name the file, and what caused it."""
    with pytest.raises(Exception) as caught:
        repo.get(name, **kwargs)
    return caught.value, caught.value.__cause__


@pytest.fixture
def stored(repo, exposure):
    return repo.put(exposure, "ExposureF")


@pytest.mark.parametrize("component", ["", ".image", ".bbox", ".wcs", ".psf"])
def test_truncatedFile(repo, storedExposure, tmp_path, component):
    path = tmp_path/"short.fits"
    # the end of the primary header, so that no component is there
    path.write_bytes(pathlib.Path(storedExposure).read_bytes()[:5000])
    error, cause = failing(repo, repo.ingest(path, "ExposureF") + component)
    assert str(path) in str(error) and isinstance(cause, FitsError)


@pytest.mark.parametrize("storageClass", ["SourceCatalog", "Wcs", "ImageF", "MaskX", "MaskedImageF",
                                          "ExposureF"])
@pytest.mark.parametrize("content", [b"", b"not FITS", b"SIMPLE  =                    T" + b" "*2850])
def test_noFits(repo, tmp_path, storageClass, content):
    path = tmp_path/"file.fits"
    path.write_bytes(content)
    error, _ = failing(repo, repo.ingest(path, storageClass))
    assert str(path) in str(error)


def test_fileThatLostItsEnd(repo, stored):
    """The butler looks at the size of what it wrote."""
    path = repo.path(stored)
    os.truncate(path, 100_000)
    error, _ = failing(repo, stored)
    assert os.path.basename(path) in str(error)


def test_aCatalogIsNoExposure(repo, stackData, tmp_path):
    path = tmp_path/"catalog.fits"
    shutil.copy(stackData/"repo"/"deepDiff"/"v853-fr"/"R22"/"diaSrc-S12.fits", path)
    error, cause = failing(repo, repo.ingest(path, "ExposureF"))
    assert str(path) in str(error) and "not an image" in str(cause)


def test_anExposureIsNoPsf(repo, stackData, tmp_path, exposure):
    path = tmp_path/"wcs.fits"
    exposure.wcs.writeFits(str(path))
    error, cause = failing(repo, repo.ingest(path, "Psf"))
    assert str(path) in str(error) and "SkyWcs, not a Psf" in str(cause)


@pytest.mark.parametrize("component", ["", ".image", ".mask", ".variance"])
def test_boxOutside(repo, stored, component):
    for parameters in ({"bbox": OUTSIDE}, {"bbox": OUTSIDE, "origin": PARENT}):
        error, cause = failing(repo, stored + component, parameters=parameters)
        assert repo.path(stored) in str(error) and isinstance(cause, LengthError)


def test_boxOutsideInMemory(memoryRepo, exposure):
    with pytest.raises(LengthError, match="doesn't fit"):
        memoryRepo.get(memoryRepo.put(exposure, "ExposureF"), parameters={"bbox": OUTSIDE})


def test_noSuchComponent(repo, stored):
    with pytest.raises(KeyError, match="nothing"):
        repo.get(f"{stored}.nothing")


def test_componentsThatAreNotThere(repo, storedExposure, tmp_path):
    """A file without a component says so with None, as in a stack."""
    path = shutil.copy(storedExposure, tmp_path/"bare.fits")
    name = repo.ingest(path, "ExposureF")
    for component in ("detector", "validPolygon", "summaryStats", "transmissionCurve", "coaddInputs"):
        assert repo.get(f"{name}.{component}") is None


def test_noSuchParameter(repo, stored, exposure):
    with pytest.raises(KeyError, match="box"):
        repo.get(stored, parameters={"box": OUTSIDE})
    with pytest.raises(KeyError, match="bbox"):
        repo.get(repo.put(exposure.wcs, "Wcs"), parameters={"bbox": OUTSIDE})


@pytest.mark.parametrize("parameters", [{"amp": 3}, {"amp": "C00", "detector": None},
                                        {"preserve_quantization": True}])
def test_parametersThatAreNotSupported(repo, stored, parameters):
    error, cause = failing(repo, stored, parameters=parameters)
    assert repo.path(stored) in str(error) and isinstance(cause, NotImplementedError)
    assert next(iter(parameters)) in str(cause)


def test_aComponentOfAnUnknownClass(repo, storedExposure, tmp_path):
    """Whoever asks for it gets an error; whoever asks for the exposure gets it without."""
    path = tmp_path/"unknown.fits"
    path.write_bytes(pathlib.Path(storedExposure).read_bytes().replace(b"GaussianPsf", b"GuessianPsf"))
    name = repo.ingest(path, "ExposureF")
    error, cause = failing(repo, f"{name}.psf")
    assert str(path) in str(error) and isinstance(cause, NotFoundError) and "GuessianPsf" in str(cause)
    with pytest.warns(UserWarning, match="the filter is"):
        assert repo.get(name).psf is None


@pytest.mark.parametrize("text", [b"psfSigma: [.5", b"psfSigma: &.5", b"- psfSigma1.5"])
def test_damagedSummaryStats(repo, stored, tmp_path, text):
    path = tmp_path/"damaged.fits"
    content = pathlib.Path(repo.path(stored)).read_bytes()
    assert content.count(b"psfSigma: 1.5") == 1 and len(text) == 13
    path.write_bytes(content.replace(b"psfSigma: 1.5", text))
    error, cause = failing(repo, f"{repo.ingest(path, 'ExposureF')}.summaryStats")
    assert str(path) in str(error) and isinstance(cause, MalformedArchiveError)
