# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Simulated images of Gaussian sources, with a catalog of the truth."""

import numpy as np
from blendContext import BlendContext
from scipy import ndimage

import lsst.afw.detection
import lsst.afw.geom
import lsst.afw.image
import lsst.afw.table
import lsst.geom

__all__ = ["TestDataset"]


class TestDataset:
    """An ideal image of Gaussian sources and the catalog of the truth, to be realized with noise.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the image.
    threshold : `float`, optional
        Pixels of a source above this value, before noise, make its footprint.
    exposure : `lsst.afw.image.ExposureF`, optional
        Image to add the sources to, with a Gaussian PSF; it is changed.
    **kwds
        Arguments of `makeEmptyExposure`, if there is no ``exposure``.

    Attributes
    ----------
    exposure : `lsst.afw.image.ExposureF`
        The image without noise.
    catalog : `lsst.afw.table.SourceCatalog`
        The truth: fields ``truth_*``, and footprints.
    psfShape : `lsst.afw.geom.Quadrupole`
        Shape of the PSF.
    """

    __test__ = False  # pytest takes it for a test case otherwise

    keys = {}
    """Keys of the fields of the truth, by name."""

    @classmethod
    def makeMinimalSchema(cls):
        """Make a schema of the fields of the truth.

        Returns
        -------
        schema : `lsst.afw.table.Schema`
            Schema; others that are given to `realize` must contain it. Its slots of centroid, shape and
            model flux are the truth.
        """
        if not hasattr(cls, "_schema"):
            cls._schema = cls._makeSchema()
        schema = lsst.afw.table.Schema(cls._schema)
        schema.disconnectAliases()
        return schema

    @classmethod
    def _makeSchema(cls):
        schema = lsst.afw.table.SourceTable.makeMinimalSchema()
        cls.keys = {
            "parent": schema.find("parent").key,
            "nChild": schema.addField("deblend_nChild", type=np.int32),
            "instFlux": schema.addField(
                "truth_instFlux", type=np.float64, doc="true instFlux", units="count"
            ),
            "centroid": lsst.afw.table.Point2DKey.addFields(
                schema, "truth", "true simulated centroid", "pixel"
            ),
            "centroid_sigma": lsst.afw.table.CovarianceMatrix2fKey.addFields(
                schema, "truth", ["x", "y"], "pixel"
            ),
            "centroid_flag": schema.addField("truth_flag", type="Flag", doc="never set by the simulation"),
            "shape": lsst.afw.table.QuadrupoleKey.addFields(
                schema, "truth", "true shape after PSF convolution", lsst.afw.table.CoordinateType.PIXEL
            ),
            "isStar": schema.addField("truth_isStar", type="Flag", doc="set if the object is a star"),
        }
        for slot in ("Shape", "Centroid", "ModelFlux"):
            schema.getAliasMap().set("slot_" + slot, "truth")
        return schema

    @staticmethod
    def makePerturbedWcs(
        oldWcs,
        minScaleFactor=1.2,
        maxScaleFactor=1.5,
        minRotation=None,
        maxRotation=None,
        minRefShift=None,
        maxRefShift=None,
        minPixShift=2.0,
        maxPixShift=4.0,
        randomSeed=1,
    ):
        """Make a TAN WCS that differs from another by random scale, rotation and shifts.

        Parameters
        ----------
        oldWcs : `lsst.afw.geom.SkyWcs`
            The other.
        minScaleFactor, maxScaleFactor : `float`, optional
            Limits of the factor of the scale, or of its inverse.
        minRotation, maxRotation : `lsst.geom.Angle`, optional
            Limits of the rotation, in either sense; 30 and 60 degrees by default.
        minRefShift, maxRefShift : `lsst.geom.Angle`, optional
            Limits of the shifts of the reference position on the sky, either way; 0.5 and 1 arcsec by
            default.
        minPixShift, maxPixShift : `float`, optional
            Limits of the shifts of the reference pixel, either way (pixels).
        randomSeed : `int`, optional
            Seed.

        Returns
        -------
        newWcs : `lsst.afw.geom.SkyWcs`
            The new WCS.
        """
        random = np.random.RandomState(randomSeed)

        def draw(low, high, otherLow=None, otherHigh=None):
            if random.uniform() > 0.5:
                return float(random.uniform(low, high))
            otherLow = -high if otherLow is None else otherLow
            otherHigh = -low if otherHigh is None else otherHigh
            return float(random.uniform(otherLow, otherHigh))

        def drawAngle(low, high, default):
            low, high = (given or value for given, value in zip((low, high), default))
            return draw(low.asRadians(), high.asRadians()) * lsst.geom.radians

        factor = draw(minScaleFactor, maxScaleFactor, 1.0 / maxScaleFactor, 1.0 / minScaleFactor)
        rotations = (30.0 * lsst.geom.degrees, 60.0 * lsst.geom.degrees)
        rotation = drawAngle(minRotation, maxRotation, rotations)
        shifts = (0.5 * lsst.geom.arcseconds, 1.0 * lsst.geom.arcseconds)
        dRa = drawAngle(minRefShift, maxRefShift, shifts)
        dDec = drawAngle(minRefShift, maxRefShift, shifts)
        dx, dy = draw(minPixShift, maxPixShift), draw(minPixShift, maxPixShift)
        linear = (
            lsst.geom.LinearTransform(oldWcs.getCdMatrix())
            * lsst.geom.LinearTransform.makeRotation(rotation)
            * lsst.geom.LinearTransform.makeScaling(factor)
        )
        sky, pixel = oldWcs.getSkyOrigin(), oldWcs.getPixelOrigin()
        return lsst.afw.geom.makeSkyWcs(
            crpix=lsst.geom.Point2D(pixel.getX() + dx, pixel.getY() + dy),
            crval=lsst.geom.SpherePoint(sky.getRa() + dRa, sky.getDec() + dDec),
            cdMatrix=linear.getMatrix(),
        )

    @staticmethod
    def makeEmptyExposure(bbox, wcs=None, crval=None, cdelt=None, psfSigma=2.0, psfDim=17, calibration=4):
        """Make an image of zeros with calibration, WCS and PSF.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the image.
        wcs : `lsst.afw.geom.SkyWcs`, optional
            WCS; by default a TAN projection around the center of the image.
        crval : `lsst.geom.SpherePoint`, optional
            Sky position of the center; RA and Dec of 45 degrees by default.
        cdelt : `lsst.geom.Angle`, optional
            Pixel scale; 0.2 arcsec by default.
        psfSigma : `float`, optional
            Standard deviation of the Gaussian PSF (pixels).
        psfDim : `int`, optional
            Width and height of the image of the PSF (pixels).
        calibration : `float`, optional
            Calibration (nJy per count).

        Returns
        -------
        exposure : `lsst.afw.image.ExposureF`
            The image.
        """
        if wcs is None:
            wcs = lsst.afw.geom.makeSkyWcs(
                crpix=lsst.geom.Box2D(bbox).getCenter(),
                crval=crval or lsst.geom.SpherePoint(45.0, 45.0, lsst.geom.degrees),
                cdMatrix=lsst.afw.geom.makeCdMatrix(scale=cdelt or 0.2 * lsst.geom.arcseconds),
            )
        exposure = lsst.afw.image.ExposureF(bbox)
        exposure.setWcs(wcs)
        exposure.setPsf(lsst.afw.detection.GaussianPsf(psfDim, psfDim, psfSigma))
        exposure.setPhotoCalib(lsst.afw.image.PhotoCalib(calibration))
        return exposure

    @staticmethod
    def drawGaussian(bbox, instFlux, ellipse):
        """Draw a Gaussian.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the image.
        instFlux : `float`
            Integral of the Gaussian over the plane (count).
        ellipse : `lsst.afw.geom.Ellipse`
            Its center and moments.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The values at the centers of the pixels.
        """
        x = np.arange(bbox.getBeginX(), bbox.getEndX())
        y = np.arange(bbox.getBeginY(), bbox.getEndY())[:, np.newaxis]
        matrix = ellipse.getGridTransform().getMatrix()
        u, v = (row[0] * x + row[1] * y + row[2] for row in matrix[:2])
        image = lsst.afw.image.ImageF(bbox)
        peak = instFlux / (2.0 * ellipse.getCore().getArea())
        image.array[:, :] = peak * np.exp(-0.5 * (u**2 + v**2))
        return image

    def __init__(self, bbox, threshold=10.0, exposure=None, **kwds):
        self.threshold = threshold
        self.exposure = self.makeEmptyExposure(bbox, **kwds) if exposure is None else exposure
        self.psfShape = self.exposure.getPsf().computeShape(bbox.getCenter())
        self.schema = self.makeMinimalSchema()
        self.catalog = lsst.afw.table.SourceCatalog(self.schema)

    def _installFootprint(self, record, image):
        """Give a record the pixels above the threshold as footprint, grown by the size of the PSF."""
        above = image.array >= self.threshold
        _, count = ndimage.label(above, structure=np.ones((3, 3)))
        if count != 1:
            raise RuntimeError(f"Threshold {self.threshold} results in {count} footprints of one object")
        region = image.getBBox()
        mask = lsst.afw.image.Mask(region)
        mask.array[above] = 1
        spans = lsst.afw.geom.SpanSet.fromMask(mask, 1)
        spans = spans.dilated(int(self.psfShape.getDeterminantRadius() + 1.0)).clippedTo(region)
        spans.setMask(self.exposure.mask, self.exposure.mask.getPlaneBitMask("DETECTED"))
        footprint = lsst.afw.detection.Footprint(spans, region)
        for y, x in np.argwhere(above & (ndimage.maximum_filter(image.array, 3) == image.array)):
            footprint.addPeak(x + region.getMinX(), y + region.getMinY(), image.array[y, x])
        footprint.sortPeaks()
        record.setFootprint(footprint)

    def addSource(self, instFlux, centroid, shape=None):
        """Add a source.

        Parameters
        ----------
        instFlux : `float`
            Flux (count).
        centroid : `lsst.geom.Point2D`
            Position (pixels).
        shape : `lsst.afw.geom.Quadrupole`, optional
            Moments before the PSF blurs them; a point by default.

        Returns
        -------
        record : `lsst.afw.table.SourceRecord`
            The truth; the moments are those after the PSF. The error of the position is random.
        image : `lsst.afw.image.ImageF`
            The source alone.
        """
        fullShape = self.psfShape if shape is None else shape.convolve(self.psfShape)
        covariance = np.random.normal(0, 0.1, 4).reshape(2, 2)
        covariance[0, 1] = covariance[1, 0]
        record = self.catalog.addNew()
        record.set(self.keys["instFlux"], instFlux)
        record.set(self.keys["centroid"], centroid)
        record.set(self.keys["centroid_sigma"], covariance.astype(np.float32))
        record.set(self.keys["isStar"], shape is None)
        record.set(self.keys["shape"], fullShape)
        ellipse = lsst.afw.geom.Ellipse(fullShape, centroid)
        image = self.drawGaussian(self.exposure.getBBox(), instFlux, ellipse)
        self._installFootprint(record, image)
        self.exposure.image.array[:, :] += image.array
        return record, image

    def addBlend(self):
        """Add a blend; see `BlendContext`.

        Returns
        -------
        context : `BlendContext`
            Use it in a ``with`` statement, and call its method ``addChild``.
        """
        return BlendContext(self)

    def transform(self, wcs, **kwds):
        """Observe the same sources with another WCS, PSF and calibration.

        Parameters
        ----------
        wcs : `lsst.afw.geom.SkyWcs`
            The other WCS.
        **kwds
            Arguments of `makeEmptyExposure`; what is not given is not as it was, but has its default.

        Returns
        -------
        newDataset : `TestDataset`
            The new data.

        Raises
        ------
        NotImplementedError
            There are blends.
        """
        if any(record.get(self.keys["nChild"]) for record in self.catalog):
            raise NotImplementedError("Transforming blended sources in TestDatasets is not supported")
        oldToNew = lsst.afw.geom.makeWcsPairTransform(self.exposure.getWcs(), wcs)
        box = lsst.geom.Box2D()
        for corner in lsst.geom.Box2D(self.exposure.getBBox()).getCorners():
            box.include(oldToNew.applyForward(lsst.geom.Point2D(corner)))
        result = TestDataset(bbox=lsst.geom.Box2I(box), wcs=wcs, **kwds)
        oldCalib, newCalib = self.exposure.getPhotoCalib(), result.exposure.getPhotoCalib()
        for record in self.catalog:
            magnitude = oldCalib.instFluxToMagnitude(record.get(self.keys["instFlux"]))
            result.addSource(
                newCalib.magnitudeToInstFlux(magnitude),
                oldToNew.applyForward(record.get(self.keys["centroid"])),
                self._transformShape(record, oldToNew),
            )
        return result

    def _transformShape(self, record, transform):
        """Transform the shape without PSF; `None` for a star."""
        if record.get(self.keys["isStar"]):
            return None
        full, psf = record.get(self.keys["shape"]), self.psfShape
        shape = lsst.afw.geom.Quadrupole(
            full.getIxx() - psf.getIxx(), full.getIyy() - psf.getIyy(), full.getIxy() - psf.getIxy(), False
        )
        local = lsst.afw.geom.linearizeTransform(transform, record.get(self.keys["centroid"]))
        return shape.transform(local.getLinear())

    def realize(self, noise, schema, randomSeed=1):
        """Make an image with noise, and the catalog that detection and deblending would give.

        Parameters
        ----------
        noise : `float`
            Standard deviation of the Gaussian noise of all pixels (count).
        schema : `lsst.afw.table.Schema`
            Schema of the catalog; it must contain that of `makeMinimalSchema`.
        randomSeed : `int`, optional
            Seed.

        Returns
        -------
        exposure : `lsst.afw.image.ExposureF`
            The image.
        catalog : `lsst.afw.table.SourceCatalog`
            The truth, with footprints; children of blends have heavy ones, with noise.
        """
        assert schema.contains(self.schema)
        random = np.random.RandomState(randomSeed)
        exposure = self.exposure.clone()
        exposure.variance.array[:, :] = noise**2
        exposure.image.array[:, :] += random.randn(exposure.getHeight(), exposure.getWidth()) * noise
        mapper = lsst.afw.table.SchemaMapper(self.schema)
        mapper.addMinimalSchema(self.schema, True)
        catalog = lsst.afw.table.SourceCatalog(schema)
        catalog.extend(self.catalog, mapper=mapper)
        for record in catalog:
            if record.getParent() != 0:
                self._addNoise(record, catalog.find(record.getParent()).getFootprint(), exposure)
        return exposure, catalog

    def _addNoise(self, record, footprint, exposure):
        """Give a child its share of the pixels with noise: as large as that of the pixels without."""
        ideal, noisy = (
            footprint.spans.flatten(image.array, image.getXY0())
            for image in (self.exposure.image, exposure.image)
        )
        old = record.getFootprint()
        new = lsst.afw.detection.HeavyFootprintF(old)
        new.getImageArray()[:] = noisy * (old.getImageArray() / ideal)
        new.getMaskArray()[:] = old.getMaskArray()
        new.getVarianceArray()[:] = old.getVarianceArray()
        record.setFootprint(new)
