# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What has a file of its own through the Gen3 butler: WCS, PSF, calibrations and the other components."""

import dataclasses
import math

import numpy as np
import pytest
from lsst.pipe.base import TaskMetadata

from lsst.afw.image import ExposureSummaryStats
from lsst.afw.math import BackgroundList, FixedKernel
from lsst.daf.base import DateTime, PropertyList, PropertySet
from lsst.geom import Point2D

POSITION = Point2D(150.0, 250.0)


def test_wcs(repo, exposure):
    result = repo.get(repo.put(exposure.wcs, "Wcs"))
    assert result == exposure.wcs


def test_psf(repo, exposure):
    result = repo.get(repo.put(exposure.psf, "Psf"))
    assert type(result) is type(exposure.psf)
    assert np.array_equal(result.computeImage(POSITION).array, exposure.psf.computeImage(POSITION).array)


def test_photoCalib(repo, exposure):
    assert repo.get(repo.put(exposure.photoCalib, "PhotoCalib")) == exposure.photoCalib


def test_visitInfo(repo, exposure):
    info = exposure.visitInfo
    result = repo.get(repo.put(info, "VisitInfo"))
    assert (result.getDate(), result.getExposureId()) == (info.getDate(), info.getExposureId())
    assert result.getBoresightRaDec() == info.getBoresightRaDec()


def test_apCorrMap(repo, exposure):
    fields = exposure.info.getApCorrMap()
    result = repo.get(repo.put(fields, "ApCorr"))
    assert {name: field.evaluate(POSITION) for name, field in result.items()} == {
        name: field.evaluate(POSITION) for name, field in fields.items()} != {}


@pytest.mark.parametrize("component, storageClass", [("filter", "FilterLabel"), ("validPolygon", "Polygon")])
def test_whatCompares(repo, exposure, component, storageClass):
    value = {"filter": exposure.filterLabel, "validPolygon": exposure.info.getValidPolygon()}[component]
    assert repo.get(repo.put(value, storageClass)) == value


def test_detector(repo, exposure):
    result = repo.get(repo.put(exposure.detector, "Detector"))
    assert (result.getName(), result.getBBox()) == (exposure.detector.getName(), exposure.getBBox())


def test_transmissionCurve(repo, exposure):
    result = repo.get(repo.put(exposure.info.getTransmissionCurve(), "TransmissionCurve"))
    assert result.sampleAt(POSITION, np.array([5000.0])) == [1.0]


def test_coaddInputs(repo, exposure):
    result = repo.get(repo.put(exposure.info.getCoaddInputs(), "CoaddInputs"))
    assert [record.getId() for record in result.ccds] == [12] and len(result.visits) == 0


def test_background(repo, stackData):
    backgrounds = BackgroundList.readFits(str(stackData/"background"/"backgrounds.fits"))
    result = repo.get(repo.put(backgrounds, "Background"))
    assert len(result) == len(backgrounds) > 0
    assert np.array_equal(result.getImage().array, backgrounds.getImage().array)


def test_kernel(repo, exposure):
    kernel = FixedKernel(exposure.psf.computeKernelImage(POSITION))
    result = repo.get(repo.put(kernel, "MatchingKernel"))
    assert isinstance(result, FixedKernel) and result.getDimensions() == kernel.getDimensions()
    assert result.isPersistable()


def test_anyPersistable(repo, exposure):
    assert repo.get(repo.put(exposure.wcs, "TablePersistable")) == exposure.wcs


def test_summaryStats(repo):
    stats = ExposureSummaryStats(psfSigma=1.5, raCorners=[1.0, 2.0, 3.0, 4.0])
    result = repo.get(repo.put(stats, "ExposureSummaryStats"))
    assert str(dataclasses.asdict(result)) == str(dataclasses.asdict(stats))


def test_summaryStatsOfANewerStack(repo, tmp_path):
    path = tmp_path/"stats.yaml"
    path.write_text("psfSigma: 1.5\ndec: -30.0\npixelScale: 0.2\neffTime: 28.0\n")
    with pytest.warns(FutureWarning, match=r"\['effTime', 'pixelScale'\]"):
        stats = repo.get(repo.ingest(path, "ExposureSummaryStats"))
    assert stats.psfSigma == 1.5 and stats.decl == -30.0 and math.isnan(stats.skyBg)


@pytest.mark.parametrize("cls", [PropertyList, PropertySet])
def test_metadata(repo, cls):
    metadata = cls()
    metadata.set("A.B", 3)
    metadata.set("LIST", [1.5, math.inf])
    metadata.set("DATE", DateTime("2022-01-01T05:02:24.000000000", DateTime.TAI))
    result = repo.get(repo.put(metadata, cls.__name__))
    assert type(result) is cls
    assert result.getScalar("A.B") == 3 and result.getArray("LIST") == [1.5, math.inf]
    assert result.getScalar("DATE") == metadata.getScalar("DATE")


def test_taskMetadata(repo):
    """Either form of a task's metadata is read as the other."""
    metadata = PropertySet()
    metadata.set("task.count", 3)
    result = repo.get(repo.put(metadata, "TaskMetadata"))
    assert isinstance(result, TaskMetadata) and result["task.count"] == 3
    values = {"task": {"count": 4, "times": [1.5, 2.5], "none": []}, "ok": True}
    result = repo.get(repo.put(TaskMetadata.from_dict(values), "TaskMetadata"), storageClass="PropertySet")
    assert isinstance(result, PropertySet) and result.toDict() == {
        "task": {"count": 4, "times": [1.5, 2.5]}, "ok": True}
