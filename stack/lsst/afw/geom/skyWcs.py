# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The WCS that maps pixels to the sky."""

__all__ = ["SkyWcs"]

import numpy as np

import astshim
from lsst.afw.typehandling import Storable
from lsst.daf.base import PropertySet
from lsst.geom import AffineTransform, Angle, Extent2D, Point2D, SpherePoint, radians
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError
from lsst.pex.exceptions import TypeError as LsstTypeError

from ._fitsWcs import propertyListFromFitsChan, readLsstSkyWcs
from ._frameDicts import checkFrameDict, modifiedFrameDict
from ._wcsDerivatives import tangentPlaneJacobians
from .transform import TransformPoint2ToPoint2, TransformPoint2ToSpherePoint, reduceTransform
from .wcsUtils import makeSimpleWcsMetadata

# Largest departure of pixels to IWC from linearity, in pixels, for a WCS to count as a FITS WCS
_TIGHT_FITS_TOL = 0.0001


class SkyWcs(Storable):
    """Immutable map of pixels (from 0, in the parent image) to ICRS positions.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet` or `astshim.FrameDict`
        FITS keywords; or the frames PIXELS, maybe ACTUAL_PIXELS before it, IWC and SKY.
    strip : `bool`, optional
        Remove the keywords used from the metadata?

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if the metadata do not describe a celestial WCS, or a frame is missing.

    Notes
    -----
    WCSs are equal if their texts are: those made the same way, and one that was written and read.
    """

    __hash__ = None

    def __init__(self, metadata=None, strip=False, *, frameDict=None):
        source = frameDict if metadata is None else metadata
        if isinstance(source, astshim.FrameDict):
            checkFrameDict(source)
            self._frameDict = source.copy()
        elif isinstance(source, PropertySet):
            self._frameDict = readLsstSkyWcs(source, strip)
        else:
            raise TypeError(f"SkyWcs needs a PropertySet or FrameDict, not {type(source).__name__}")
        self._transform = TransformPoint2ToSpherePoint(self._frameDict.getMapping())
        self._pixelOrigin = self.skyToPixel(self.getSkyOrigin())
        self._pixelScaleAtOrigin = self._pixelScale(self._pixelOrigin)

    def pixelToSky(self, pixel, y=None):
        """Compute sky positions.

        Parameters
        ----------
        pixel : `lsst.geom.Point2D`, sequence of `lsst.geom.Point2D`, or `float`
            One position, many, or x.
        y : `float`, optional
            y, if the first argument is x.

        Returns
        -------
        sky : `lsst.geom.SpherePoint` or `list` [`lsst.geom.SpherePoint`]
        """
        return self._transform.applyForward(pixel if y is None else Point2D(pixel, y))

    def skyToPixel(self, sky):
        """Compute pixel positions.

        Parameters
        ----------
        sky : `lsst.geom.SpherePoint` or sequence of `lsst.geom.SpherePoint`

        Returns
        -------
        pixel : `lsst.geom.Point2D` or `list` [`lsst.geom.Point2D`]
        """
        return self._transform.applyInverse(sky)

    def pixelToSkyArray(self, x, y, degrees=False):
        """Compute many sky positions.

        Parameters
        ----------
        x, y : array-like, shape (n,)
            Pixel positions.
        degrees : `bool`, optional
            Return degrees, not radians?

        Returns
        -------
        ra, dec : `numpy.ndarray`, shape (n,)
            RA from 0 to a full circle. NaN where there is no position.
        """
        ra, dec = self._transform._mapping._tran(_stack(x, y), True)
        ra %= 2.0 * np.pi
        return (np.rad2deg(ra), np.rad2deg(dec)) if degrees else (ra, dec)

    def skyToPixelArray(self, ra, dec, degrees=False):
        """Compute many pixel positions.

        Parameters
        ----------
        ra, dec : array-like, shape (n,)
            Sky positions.
        degrees : `bool`, optional
            Are they in degrees, not radians?

        Returns
        -------
        x, y : `numpy.ndarray`, shape (n,)
            NaN where there is no position.
        """
        sky = _stack(ra, dec)
        x, y = self._transform._mapping._tran(np.deg2rad(sky) if degrees else sky, False)
        return x, y

    def getFrameDict(self):
        """Return a copy of the `astshim.FrameDict`."""
        return self._frameDict.copy()

    def getTransform(self):
        """Return the `TransformPoint2ToSpherePoint` of pixels to sky."""
        return self._transform

    def getPixelOrigin(self):
        """Return the reference pixel (`lsst.geom.Point2D`): CRPIX - 1."""
        return Point2D(self._pixelOrigin)

    def getSkyOrigin(self):
        """Return the reference position on the sky (`lsst.geom.SpherePoint`): CRVAL in ICRS."""
        ra, dec = self._frameDict.getFrame(astshim.FrameSet.CURRENT, False).getSkyRef()
        return SpherePoint(ra, dec, radians)

    def getPixelScale(self, pixel=None):
        """Return the square root of the area of a pixel on the sky (`lsst.geom.Angle`).

        Parameters
        ----------
        pixel : `lsst.geom.Point2D`, optional
            Where; by default at the pixel origin.
        """
        return self._pixelScaleAtOrigin if pixel is None else self._pixelScale(pixel)

    def _pixelScale(self, pixel):
        """Return the scale from a pixel and its neighbors in x and y, as unit vectors."""
        x, y = pixel[0] + np.array([0.0, 1.0, 0.0]), pixel[1] + np.array([0.0, 0.0, 1.0])
        ra, dec = self._transform._mapping._tran(np.array([x, y]), True)
        vectors = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
        area = np.cross(vectors[:, 1] - vectors[:, 0], vectors[:, 2] - vectors[:, 0])
        return Angle((area @ area) ** 0.25, radians)

    def getCdMatrix(self, pixel=None):
        """Return the CD matrix (`numpy.ndarray`, shape (2, 2)) in degrees a pixel.

        Parameters
        ----------
        pixel : `lsst.geom.Point2D`, optional
            Where; by default at the pixel origin.
        """
        pixelToIwc = TransformPoint2ToPoint2(self._pixelToIwc())
        return pixelToIwc.getJacobian(self._pixelOrigin if pixel is None else pixel)

    def _pixelToIwc(self):
        return self._frameDict.getMapping(astshim.FrameSet.BASE, "IWC")

    def _tangentPlaneMatrixArray(self, x, y):
        """Return the derivatives (shape (n, 2, 2), radians a pixel) of offsets east and north at many pixels.

        This is what the plugin base_LocalWcs measures: a gnomonic projection about each of the positions.
        """
        return tangentPlaneJacobians(self._transform._mapping, _stack(x, y))

    @property
    def isFlipped(self):
        """Is East to the right where North is up? (`bool`).

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the CD matrix is singular.
        """
        cd = self.getCdMatrix()
        determinant = cd[0, 0] * cd[1, 1] - cd[0, 1] * cd[1, 0]
        if determinant == 0:
            raise LsstRuntimeError("CD matrix is singular")
        return bool(determinant > 0)

    @property
    def isFits(self):
        """Can FITS keywords describe the WCS accurately? (`bool`)."""
        try:
            self.getFitsMetadata(True)
        except RuntimeError:
            return False
        return True

    def getFitsMetadata(self, precise=False):
        """Return the FITS keywords of the WCS.

        Parameters
        ----------
        precise : `bool`, optional
            Fail if they would not be accurate? Otherwise they are then those of `getTanWcs` at the origin.

        Returns
        -------
        metadata : `lsst.daf.base.PropertyList`

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if ``precise`` and FITS cannot represent the WCS.
        """
        channel = astshim.FitsChan(
            astshim.StringStream(),
            f"Encoding=FITS-WCS, CDMatrix=1, FitsAxisOrder=<copy>, FitsTol={_TIGHT_FITS_TOL:g}",
        )
        if channel.write(self._gridToSky()) > 0:
            metadata = propertyListFromFitsChan(channel)
        elif precise:
            raise LsstRuntimeError("Could not represent this SkyWcs using FITS-WCS metadata")
        else:
            metadata = self.getTanWcs(self._pixelOrigin).getFitsMetadata(True)
        # AST derives these from EQUINOX; they are not the dates of the observation
        for name in ("DATE-OBS", "MJD-OBS"):
            metadata.remove(name)
        names = ("CD1_1", "CD1_2", "CD2_1", "CD2_2")
        if any(metadata.exists(name) for name in names):
            for name in names:
                if not metadata.exists(name):
                    metadata.set(name, 0.0, "Transformation matrix element")
        return metadata

    def hasFitsApproximation(self):
        """Is there an approximation with FITS keywords? Never (`bool`); the name is of stacks after v23."""
        return False

    def getFitsApproximation(self):
        """Return the approximation with FITS keywords: `None`."""
        return None

    def _gridToSky(self):
        """Return the `astshim.FrameSet` of FITS pixels, which count from 1, to the sky."""
        frames = self._frameDict
        gridToIwc = astshim.ShiftMap([-1.0, -1.0]).then(self._pixelToIwc())
        mapping = gridToIwc.then(frames.getMapping("IWC", "SKY"))
        return astshim.FrameSet(astshim.Frame(2, "Domain=GRID"), mapping, frames.getFrame("SKY"))

    def getTanWcs(self, pixel):
        """Return the undistorted gnomonic `SkyWcs` that agrees with this one near a `lsst.geom.Point2D`."""
        return SkyWcs(makeSimpleWcsMetadata(pixel, self.pixelToSky(pixel), self.getCdMatrix(pixel)))

    def copyAtShiftedPixelOrigin(self, shift):
        """Return a `SkyWcs` whose pixels are those of this one plus ``shift`` (`lsst.geom.Extent2D`)."""
        newToOld = astshim.ShiftMap([-shift[0], -shift[1]])
        return SkyWcs(modifiedFrameDict(newToOld, self._frameDict, True))

    def linearizePixelToSky(self, coord, skyUnit):
        """Approximate `pixelToSky` near a position.

        Parameters
        ----------
        coord : `lsst.geom.SpherePoint` or `lsst.geom.Point2D`
            Where, on the sky or in pixels.
        skyUnit : `lsst.geom.AngleUnit`
            Unit of the sky positions.

        Returns
        -------
        affine : `lsst.geom.AffineTransform`
            Equal to `pixelToSky` there; elsewhere it adds offsets in the tangent plane.
        """
        if isinstance(coord, SpherePoint):
            pixel, sky = self.skyToPixel(coord), coord
        else:
            pixel, sky = coord, self.pixelToSky(coord)
        steps = (Extent2D(1, 0), Extent2D(0, 1))
        offsets = [sky.getTangentPlaneOffset(self.pixelToSky(pixel + step)) for step in steps]
        matrix = np.array([[offset[i].asAngularUnits(skyUnit) for offset in offsets] for i in range(2)])
        position = sky.getPosition(skyUnit)
        return AffineTransform(matrix, np.array([position[0], position[1]]) - matrix @ [pixel[0], pixel[1]])

    def linearizeSkyToPixel(self, coord, skyUnit):
        """Approximate `skyToPixel` near a position: the inverse of `linearizePixelToSky`."""
        return self.linearizePixelToSky(coord, skyUnit).inverted()

    def writeString(self):
        """Return the WCS as text (`str`): version, class, a flag that is 0, the frames as AST writes them."""
        return f"1 SkyWcs 0 {self._frameDict.show(False)}"

    @classmethod
    def readString(cls, string):
        """Make a `SkyWcs` from the text of `writeString`.

        Raises
        ------
        lsst.pex.exceptions.TypeError
            Raised if the text is of another version or class.
        RuntimeError
            Raised if AST cannot read it.
        """
        version, className, _, body = (string.split(None, 3) + [""] * 4)[:4]
        if version != "1":
            raise LsstTypeError(f"Unsupported version {version}")
        if className != "SkyWcs":
            raise LsstTypeError(f"Class name in stream {className} != SkyWcs")
        frameSet = astshim.Object.fromString(body)
        if not isinstance(frameSet, astshim.FrameSet):
            raise LsstTypeError(
                f"The AST serialization was read as a {frameSet.className} instead of a FrameSet"
            )
        return cls(astshim.FrameDict(frameSet))

    def __eq__(self, other):
        if not isinstance(other, SkyWcs):
            return NotImplemented
        return self is other or self.writeString() == other.writeString()

    def __str__(self):
        if self.isFits:
            kind = "FITS standard SkyWcs:"
        else:
            frames = [self._frameDict.getFrame(i + 1, False).domain for i in range(self._frameDict.nFrame)]
            kind = f"Non-standard SkyWcs (Frames: {', '.join(frames)}): "
        return (
            f"{kind}\nSky Origin: {self.getSkyOrigin()}\nPixel Origin: {self._pixelOrigin}\n"
            f"Pixel Scale: {self._pixelScaleAtOrigin.asArcseconds():g} arcsec/pixel"
        )

    __repr__ = __str__
    __reduce__ = reduceTransform


def _stack(x, y):
    """Return two vectors as one array of shape (2, n)."""
    return np.vstack((x, y)).astype(float, copy=False)
