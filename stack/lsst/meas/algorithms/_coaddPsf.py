# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions of coadded images."""

__all__ = ["CoaddPsf", "CoaddPsfConfig", "CoaddPsfControl"]

import functools

import numpy as np
from lsst.pex.config import Config
from lsst.pex.config import Field as ConfigField

import lsst.afw.table as afwTable
from lsst.afw.detection._psfCache import PsfMemory
from lsst.afw.geom import makeWcsPairTransform
from lsst.afw.image import ImageD
from lsst.afw.math import WarpingControl
from lsst.geom import Box2D, Box2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, LogicError, RangeError, RuntimeError

from ._imagePsf import ImagePsf
from ._warpedPsf import WarpedPsf


class CoaddPsfConfig(Config):
    """How the PSFs of the inputs are warped."""

    warpingKernelName = ConfigField(
        dtype=str, default="lanczos3",
        doc="Name of warping kernel; choices: lanczos3,lanczos4,lanczos5,bilinear,nearest")
    cacheSize = ConfigField(dtype=int, default=10000, doc="Warping kernel cache size")

    def makeControl(self):
        """Return the control object with these values."""
        return CoaddPsfControl(self.warpingKernelName, self.cacheSize)


class CoaddPsfControl:
    """How the PSFs of the inputs are warped.

    Parameters
    ----------
    warpingKernelName : `str`
        Name of the warping kernel.
    cacheSize : `int`
        Number of fractions of a pixel at which the kernel is evaluated; 0 for exact fractions.
    """

    ConfigClass = CoaddPsfConfig

    def __init__(self, warpingKernelName="lanczos3", cacheSize=10000):
        self.warpingKernelName = warpingKernelName
        self.cacheSize = cacheSize


class CoaddPsf(ImagePsf):
    """The weighted mean of the PSFs of the exposures in a coadd, each warped to the coadd.

    Parameters
    ----------
    catalog : `lsst.afw.table.ExposureCatalog`
        The exposures, with their Psf, Wcs, bounding box and valid polygon.
    coaddWcs : `lsst.afw.geom.SkyWcs`
        WCS of the coadd.
    weightFieldName : `str`
        Field of the weights.
    averagePosition : `lsst.geom.Point2D`
        In the place of ``weightFieldName``: the average position; the weights are in ``weight`` then.
    warpingKernelName : `str`
        Name of the warping kernel.
    cacheSize : `int`
        Number of fractions of a pixel at which the kernel is evaluated; 0 for exact fractions.
    ctrl : `CoaddPsfControl`
        In the place of ``weightFieldName``, which follows it: the last two arguments.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        If no average position is inside an exposure.
    """

    def __init__(self, catalog, coaddWcs, *args, **kwargs):
        super().__init__(isFixed=False)
        self._memory = PsfMemory()
        first = args[0] if args else None
        if isinstance(first, Point2D) or "averagePosition" in kwargs:
            self._initialize(catalog, coaddWcs, None, *args, **kwargs)
        elif isinstance(first, CoaddPsfControl) or "ctrl" in kwargs:
            self._initializeFromControl(catalog, coaddWcs, *args, **kwargs)
        else:
            self._initializeFromCatalog(catalog, coaddWcs, *args, **kwargs)

    def _initializeFromControl(self, catalog, coaddWcs, ctrl, weightFieldName="weight"):
        self._initialize(catalog, coaddWcs, weightFieldName, None, ctrl.warpingKernelName, ctrl.cacheSize)

    def _initializeFromCatalog(self, catalog, coaddWcs, weightFieldName="weight",
                               warpingKernelName="lanczos3", cacheSize=10000):
        self._initialize(catalog, coaddWcs, weightFieldName, None, warpingKernelName, cacheSize)

    def _initialize(self, catalog, coaddWcs, weightFieldName, averagePosition, warpingKernelName="lanczos3",
                    cacheSize=10000):
        self._coaddWcs = coaddWcs
        self._warpingKernelName = warpingKernelName
        self._control = WarpingControl(warpingKernelName, "", cacheSize)
        if averagePosition is None:
            self._catalog = _selectFields(catalog, weightFieldName)
            self._averagePosition = computeAveragePosition(self._catalog, coaddWcs)
        else:
            self._catalog = catalog
            self._averagePosition = Point2D(averagePosition)

    def clone(self):
        """Return a copy; the exposures are shared."""
        return CoaddPsf(self._catalog, self._coaddWcs, self._averagePosition, self._warpingKernelName,
                        self._control.getCacheSize())

    def resized(self, width, height):
        """Raise: the size follows from those of the inputs.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Always.
        """
        raise LogicError("Not Implemented")

    def getAveragePosition(self):
        """Return the weighted mean of the average positions of the inputs' PSFs, pixels of the coadd."""
        return Point2D(self._averagePosition)

    def getCoaddWcs(self):
        """Return the WCS of the coadd."""
        return self._coaddWcs

    def getComponentCount(self):
        """Return the number of exposures."""
        return len(self._catalog)

    def getPsf(self, index):
        """Return the Psf of an exposure."""
        return self._component(index).getPsf()

    def getWcs(self, index):
        """Return the WCS of an exposure."""
        return self._component(index).getWcs()

    def getWeight(self, index):
        """Return the weight of an exposure."""
        return self._component(index).get("weight")

    def getId(self, index):
        """Return the id of an exposure."""
        return self._component(index).getId()

    def getBBox(self, index):
        """Return the bounding box of an exposure."""
        return self._component(index).getBBox()

    def getValidPolygon(self, index):
        """Return the polygon of an exposure in which its pixels are used, or `None`."""
        return self._component(index).getValidPolygon()

    def _component(self, index):
        if not 0 <= index < len(self._catalog):
            raise RangeError("index of CoaddPsf component out of range")
        return self._catalog[index]

    @functools.cached_property
    def _inputs(self):
        return [_Input(record, self._coaddWcs, self._control) for record in self._catalog]

    def _inputsAt(self, position, what):
        sky = self._coaddWcs.pixelToSky(position)
        ra, dec = (np.array([angle.asRadians()]) for angle in sky)
        inputs = [each for each in self._inputs if each.contains(ra, dec)[0]]
        if not inputs:
            raise InvalidParameterError(
                f"Cannot compute {what} at point {position}; no input images at that point.")
        return inputs

    def _doComputeBBox(self, position, color):
        bbox = Box2I()
        for each in self._inputsAt(position, "BBox"):
            bbox.include(each.psf.computeBBox(position, color))
        return bbox

    def _doComputeKernelImage(self, position, color):
        mean = _MeanImage()
        for each in self._inputsAt(position, "CoaddPsf"):
            try:
                # Not computeKernelImage: each input would keep a hundred images.
                image = each.psf._doComputeKernelImage(position, color)
            except RangeError as err:
                raise RangeError(f"{err}; Computing WarpedPsf kernel image for id={each.id}") from err
            mean.add(image.array, tuple(image.getXY0()), each.weight)
        array, xy0 = mean.get()
        return ImageD(array, xy0=Point2I(*xy0))

    def _iterateKernelImages(self, positions):
        if type(self)._doComputeKernelImage is not CoaddPsf._doComputeKernelImage:
            yield from super()._iterateKernelImages(positions)
            return
        means = [_MeanImage() for _ in positions]
        failed = np.zeros(len(positions), dtype=bool)
        ra, dec = self._coaddWcs.pixelToSkyArray(*positions.T)
        for each in self._inputs:
            rows = np.flatnonzero(each.contains(ra, dec))
            missing = np.ones(len(rows), dtype=bool)
            for index, image, xy0 in each.psf._iterateKernelImages(positions[rows]):
                means[rows[index]].add(image, xy0, each.weight)
                missing[index] = False
            failed[rows[missing]] = True
        for row, mean in enumerate(means):
            if not mean.isEmpty() and not failed[row]:
                yield row, *mean.get()


class _Input:
    """An exposure of a coadd, with its Psf warped to the coadd."""

    def __init__(self, record, coaddWcs, control):
        self.id, self.weight = record.getId(), record.get("weight")
        self._wcs, self._bbox = record.getWcs(), Box2D(record.getBBox())
        self._polygon = record.getValidPolygon()
        if self._wcs is None:
            raise LogicError("ExposureRecord does not have a Wcs; cannot call contains()")
        self.psf = WarpedPsf(record.getPsf(), makeWcsPairTransform(self._wcs, coaddWcs), control)

    def contains(self, ra, dec):
        """Tell which sky positions, radians, are on the exposure, and in its valid polygon if it has one."""
        x, y = self._wcs.skyToPixelArray(ra, dec)
        inside = self._bbox.contains(x, y)
        if self._polygon is not None:
            inside[inside] = self._polygon._contains(x[inside], y[inside])
        return inside


class _MeanImage:
    """Weighted mean of images of unit sum with different bounding boxes, which are zero outside."""

    def __init__(self):
        self._sum, self._xy0, self._weight = None, (0, 0), 0.0

    def isEmpty(self):
        """Tell whether no image was added."""
        return self._sum is None

    def add(self, image, xy0, weight):
        """Add an image (`numpy.ndarray`) with its origin."""
        self._weight += weight
        if self._sum is None:
            self._sum, self._xy0 = weight*image, xy0
            return
        self._grow(xy0, image.shape)
        x, y = xy0[0] - self._xy0[0], xy0[1] - self._xy0[1]
        self._sum[y:y + image.shape[0], x:x + image.shape[1]] += weight*image

    def _grow(self, xy0, shape):
        """Grow the bounding box to contain another."""
        height, width = self._sum.shape
        left, bottom = max(0, self._xy0[0] - xy0[0]), max(0, self._xy0[1] - xy0[1])
        right = max(0, xy0[0] + shape[1] - (self._xy0[0] + width))
        top = max(0, xy0[1] + shape[0] - (self._xy0[1] + height))
        if left or bottom or right or top:
            self._sum = np.pad(self._sum, ((bottom, top), (left, right)))
            self._xy0 = self._xy0[0] - left, self._xy0[1] - bottom

    def get(self):
        """Return the mean and its origin."""
        return self._sum/self._weight, self._xy0


def _selectFields(catalog, weightFieldName):
    """Return a copy of a catalog with the fields that a CoaddPsf needs, the weights in field ``weight``."""
    mapper = afwTable.SchemaMapper(catalog.schema)
    mapper.addMinimalSchema(afwTable.ExposureTable.makeMinimalSchema(), True)
    if "goodpix" in catalog.schema:
        mapper.addMapping(catalog.schema.find("goodpix").key, True)
    mapper.addMapping(catalog.schema.find(weightFieldName).key, afwTable.Field["D"]("weight", "Coadd weight"))
    selected = afwTable.ExposureCatalog(mapper.getOutputSchema())
    for record in catalog:
        copied = selected.addNew()
        copied.assign(record, mapper)
    return selected


def computeAveragePosition(catalog, coaddWcs):
    """Return the weighted mean of the average positions of the PSFs that is inside an exposure.

    The exposures of least weight are left out until it is.
    """
    hasGoodPix = "goodpix" in catalog.schema
    items = []
    for record in catalog:
        point = coaddWcs.skyToPixel(record.getWcs().pixelToSky(record.getPsf().getAveragePosition()))
        weight = record.get("weight")*(record.get("goodpix") if hasGoodPix else 1)
        items.append((point[0]*weight, point[1]*weight, weight))
    items = np.array(sorted(items, key=lambda item: item[2])).reshape(-1, 3)
    total = items.sum(axis=0)
    for item in (*items, None):
        with np.errstate(invalid="ignore", divide="ignore"):
            position = Point2D(*(total[:2]/total[2]).tolist())
        if len(catalog.subsetContaining(position, coaddWcs, True)) > 0:
            return position
        if item is not None:
            total = total - item
    raise RuntimeError("Could not find a valid average position for CoaddPsf")
