# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints, on images of their own and in files of the real stack."""

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.detection import (
    Footprint,
    HeavyFootprintF,
    PeakTable,
    makeHeavyFootprint,
)
from lsst.afw.geom import Span, SpanSet, Stencil
from lsst.afw.table import SOURCE_IO_NO_HEAVY_FOOTPRINTS, SourceCatalog


def test_peaksGoWithThePixels():
    footprint = Footprint(SpanSet([Span(0, 0, 3), Span(5, 0, 1)]))
    footprint.addPeak(1.7, 0.0, 3.0)
    footprint.addPeak(0.0, 5.0, 7.0)
    footprint.sortPeaks()
    assert [peak.getPeakValue() for peak in footprint.peaks] == [7.0, 3.0]
    first, second = footprint.split()
    assert [peak.getIx() for peak in first.peaks] == [1]
    assert [peak.getIy() for peak in second.peaks] == [5]
    assert first.spans.union(second.spans) == footprint.spans
    footprint.shift(1, 2)
    assert [peak.getI() for peak in footprint.peaks][1] == lsst.geom.Point2I(2, 2)
    footprint.clipTo(lsst.geom.Box2I(lsst.geom.Point2I(0, 0), lsst.geom.Extent2I(9, 4)))
    assert len(footprint.peaks) == 1
    with pytest.raises(pexExceptions.LogicError):
        footprint.setPeakSchema(PeakTable.makeMinimalSchema())


def test_copiesShareNoCatalog():
    footprint = Footprint(SpanSet.fromShape(2))
    footprint.addPeak(0, 0, 1)
    duplicate = Footprint(footprint)
    duplicate.addPeak(1, 1, 2)
    assert len(footprint.peaks) == 1


def test_heavyFootprints(tmp_path):
    image = afwImage.MaskedImageF(20, 20)
    image.image.array[:] = np.arange(400).reshape(20, 20)
    image.mask.array[:] = 4
    image.variance.array[:] = 2.5
    footprint = Footprint(SpanSet.fromShape(3, Stencil.CIRCLE, offset=(8, 9)))
    footprint.addPeak(8, 9, 1.0)
    heavy = makeHeavyFootprint(footprint, image)
    heavy.writeFits(str(tmp_path / "heavy.fits"))
    again = HeavyFootprintF.readFits(str(tmp_path / "heavy.fits"))
    assert again == footprint and again.isHeavy()
    np.testing.assert_array_equal(again.getImageArray(), footprint.spans.flatten(image.image.array))
    assert again.getMaskBitsSet() == 4
    out = afwImage.MaskedImageF(20, 20)
    again.insert(out)
    assert out.variance.array.sum() == pytest.approx(2.5 * footprint.getArea())
    assert heavy.dot(again) == pytest.approx((heavy.getImageArray().astype(float)**2).sum())


def test_footprintsOfTheRealStack(stackData):
    """Peaks of sources lie in their footprints, and on pixels that the image's mask says were detected."""
    checked = 0
    for path in sorted((stackData / "repo" / "deepDiff").glob("*/*/diaSrc-*.fits")):
        exposurePath = path.with_name(path.name.replace("diaSrc", "diffexp"))
        if not exposurePath.exists():
            continue
        mask = afwImage.ExposureF(str(exposurePath)).mask
        detected = mask.getPlaneBitMask(["DETECTED", "DETECTED_NEGATIVE"])
        for source in SourceCatalog.readFits(str(path)):
            footprint = source.getFootprint()
            assert len(footprint.peaks) > 0
            assert footprint.getRegion().isEmpty()
            for peak in footprint.peaks:
                assert footprint.contains(peak.getI())
                assert mask[peak.getI()] & detected
                assert abs(peak.getFx() - peak.getIx()) <= 0.5
            checked += 1
    assert checked > 50


def test_heavyFootprintsCanBeReadLight(tmp_path):
    catalog = SourceCatalog(SourceCatalog.Table.make(SourceCatalog.Table.makeMinimalSchema()))
    footprint = Footprint(SpanSet.fromShape(3))
    footprint.addPeak(0, 0, 1)
    heavy = HeavyFootprintF(footprint)
    for array in (heavy.getImageArray(), heavy.getMaskArray(), heavy.getVarianceArray()):
        array[:] = 1
    catalog.addNew().setFootprint(heavy)
    catalog.writeFits(str(tmp_path / "cat.fits"))
    assert SourceCatalog.readFits(str(tmp_path / "cat.fits"))[0].getFootprint().isHeavy()
    light = SourceCatalog.readFits(str(tmp_path / "cat.fits"), flags=SOURCE_IO_NO_HEAVY_FOOTPRINTS)
    assert not light[0].getFootprint().isHeavy()
    assert light[0].getFootprint() == footprint
