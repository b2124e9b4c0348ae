# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What exposures leave to their masked images."""

from lsst.geom import Extent2D

from ._imageOrigin import PARENT

__all__ = ["ExposurePixels"]


class ExposurePixels:
    """Part of `ExposureF` and so on."""

    @property
    def maskedImage(self):
        """The pixels; assigning shares the planes of another masked image."""
        return self._maskedImage

    @maskedImage.setter
    def maskedImage(self, value):
        self.setMaskedImage(value)

    def getMaskedImage(self):
        """Return the pixels."""
        return self._maskedImage

    def setMaskedImage(self, maskedImage):
        """Share the planes of another masked image."""
        if not isinstance(maskedImage, self._maskedImageClass):
            raise TypeError(f"{type(self).__name__} needs a {self._maskedImageClass.__name__}, "
                            f"not a {type(maskedImage).__name__}")
        self._maskedImage = type(maskedImage)(maskedImage)

    @property
    def image(self):
        """The image plane; assigning copies pixels."""
        return self._maskedImage.image

    @image.setter
    def image(self, value):
        self._maskedImage.image = value

    @property
    def mask(self):
        """The mask plane; assigning copies pixels (`MaskX`)."""
        return self._maskedImage.mask

    @mask.setter
    def mask(self, value):
        self._maskedImage.mask = value

    @property
    def variance(self):
        """The variance plane; assigning copies pixels (`ImageF`)."""
        return self._maskedImage.variance

    @variance.setter
    def variance(self, value):
        self._maskedImage.variance = value

    def getImage(self):
        """Return the image plane."""
        return self.image

    def setImage(self, image):
        """Copy pixels into the image plane."""
        self.image = image

    def getMask(self):
        """Return the mask plane."""
        return self.mask

    def setMask(self, mask):
        """Copy pixels into the mask plane."""
        self.mask = mask

    def getVariance(self):
        """Return the variance plane."""
        return self.variance

    def setVariance(self, variance):
        """Copy pixels into the variance plane."""
        self.variance = variance

    def getWidth(self):
        """Return the number of columns."""
        return self._maskedImage.getWidth()

    def getHeight(self):
        """Return the number of rows."""
        return self._maskedImage.getHeight()

    def getDimensions(self):
        """Return (width, height) as an `lsst.geom.Extent2I`."""
        return self._maskedImage.getDimensions()

    def getX0(self):
        """Return the x index of the first column in the parent's coordinates."""
        return self._maskedImage.getX0()

    def getY0(self):
        """Return the y index of the first row in the parent's coordinates."""
        return self._maskedImage.getY0()

    width = property(getWidth, doc="Number of columns (`int`).")
    height = property(getHeight, doc="Number of rows (`int`).")
    x0 = property(getX0, doc="The x index of the first column (`int`).")
    y0 = property(getY0, doc="The y index of the first row (`int`).")

    def getXY0(self):
        """Return the position of the lower left pixel in the parent's coordinates."""
        return self._maskedImage.getXY0()

    def setXY0(self, xy0):
        """Set the position of the lower left pixel (`lsst.geom.Point2I`); the WCS moves along."""
        old = self.getXY0()
        if self.hasWcs():
            shift = Extent2D(xy0.getX() - old.getX(), xy0.getY() - old.getY())
            self.setWcs(self.getWcs().copyAtShiftedPixelOrigin(shift))
        self._maskedImage.setXY0(xy0)

    def getBBox(self, origin=PARENT):
        """Return the bounding box in the given coordinates (`lsst.geom.Box2I`)."""
        return self._maskedImage.getBBox(origin)

    def _isAssignable(self, value):
        return type(value) is type(self) or isinstance(value, self._maskedImageClass)

    def assign(self, rhs, bbox=None, origin=PARENT):
        """Copy the planes of another exposure or masked image, into a part of this one if there is a box."""
        self._maskedImage.assign(getattr(rhs, "_maskedImage", rhs), bbox, origin)

    def set(self, value, mask=None, variance=None):
        """Set all pixels; see ``set`` of masked images."""
        self._maskedImage.set(value, mask, variance)

    def _get(self, index, origin):
        return self._maskedImage._get(index, origin)

    def _set(self, index, value, origin):
        self._maskedImage._set(index, value, origin)
