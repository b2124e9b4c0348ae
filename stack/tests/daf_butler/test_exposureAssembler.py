# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exposures taken apart and put together: what is left out, and what is refused."""

import logging

import pytest
from lsst.daf.butler import StorageClassConfig, StorageClassFactory

from lsst.afw.image import ExposureD, ExposureF, ImageD, ImageF
from lsst.meas.algorithms import ImagePsf
from lsst.obs.base.exposureAssembler import ExposureAssembler


@pytest.fixture(scope="module")
def assembler():
    factory = StorageClassFactory()
    factory.addFromConfig(StorageClassConfig())
    return ExposureAssembler(factory.getStorageClass("ExposureF"))


def values(components):
    return {name: item.component for name, item in components.items()}


def test_componentsThatAnExposureLacksAreNotThere(assembler):
    parts = assembler.disassemble(ExposureF(3, 2))
    assert sorted(parts) == ["image", "mask", "metadata", "variance"]
    assert parts["mask"].storageClass.name == "MaskX"
    whole = assembler.assemble(values(parts))
    assert isinstance(whole, ExposureF) and not whole.hasWcs() and whole.info.id is None


def test_planesAreShared(assembler, exposure):
    whole = assembler.assemble(values(assembler.disassemble(exposure)))
    whole.image.array[3, 4] = -17.0
    assert exposure.image.array[3, 4] == -17.0


def test_componentsWithoutPixels(assembler, exposure):
    whole = assembler.assemble({"wcs": exposure.wcs, "filter": exposure.filterLabel, "id": 12})
    assert whole.wcs == exposure.wcs and whole.filterLabel == exposure.filterLabel and whole.info.id == 12
    assert whole.getBBox().isEmpty()


class MyPsf(ImagePsf):
    """A PSF that no file can hold."""


def test_aPsfThatCannotBeStored(assembler, partsRepo, exposure, caplog):
    exposure.setPsf(MyPsf())
    with caplog.at_level(logging.WARNING):
        name = partsRepo.put(exposure, "ExposureF")
    assert "MyPsf, cannot be stored and is left out" in caplog.text
    assert partsRepo.get(name).psf is None and partsRepo.get(name).wcs == exposure.wcs


def test_whatIsRefused(assembler, exposure):
    parts = values(assembler.disassemble(exposure))
    with pytest.raises(ValueError, match="do not have: color, weather"):
        assembler.assemble({**parts, "weather": 1, "color": 2})
    with pytest.raises(RuntimeError, match="make a ExposureD, not a ExposureF"):
        assembler.assemble({"image": ImageD(3, 2)})
    with pytest.raises(TypeError, match="mismatch"):
        assembler.disassemble(ExposureD(3, 2))
    with pytest.raises(AttributeError, match="ExposureF has no component 'weather'"):
        assembler.getComponent(exposure, "weather")
    with pytest.raises(AttributeError, match="ImageF has no component 'wcs'"):
        assembler.getComponent(ImageF(3, 2), "wcs")
    for call in (lambda: assembler.assemble(parts, pytype=ExposureD),
                 lambda: assembler.disassemble(exposure, subset=["wcs"]),
                 lambda: assembler.disassemble(exposure, override=exposure)):
        with pytest.raises(NotImplementedError):
            call()


def test_whichPartTellsTheGeometry():
    choose = ExposureAssembler.selectResponsibleComponent
    assert choose("bbox", {"wcs", "variance", "mask"}) == "mask"
    assert choose("xy0", {"wcs", "variance"}) == "variance"
    with pytest.raises(ValueError, match="bbox"):
        choose("bbox", {"wcs"})
    with pytest.raises(ValueError, match="psf"):
        choose("psf", {"image"})


def test_parametersThatAreOthers(assembler, exposure):
    assert assembler.handleParameters(exposure, None) is exposure
    assert assembler.handleParameters(exposure, {"amp": 3}) is exposure
