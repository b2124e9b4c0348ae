# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""FITS keywords of WCSs."""

__all__ = [
    "createTrivialWcsMetadata",
    "deleteBasicWcsMetadata",
    "getImageXY0FromMetadata",
    "makeSimpleWcsMetadata",
    "makeSipMatrixMetadata",
]

import numpy as np

from lsst.daf.base import PropertyList
from lsst.geom import Point2I
from lsst.pex.exceptions import TypeError as LsstTypeError


def createTrivialWcsMetadata(wcsName, xy0):
    """Make the keywords of the linear WCS that holds the origin of an image.

    Parameters
    ----------
    wcsName : `str`
        Letter of the WCS; LSST uses "A".
    xy0 : `lsst.geom.Point2I`
        Position of the lower left pixel in the parent image.

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`
    """
    metadata = PropertyList()
    for name, value, comment in (
        ("CTYPE1", "LINEAR", "Type of projection"),
        ("CTYPE2", "LINEAR", "Type of projection"),
        ("CRPIX1", 1.0, "Column Pixel Coordinate of Reference"),
        ("CRPIX2", 1.0, "Row Pixel Coordinate of Reference"),
        ("CRVAL1", float(xy0[0]), "Column pixel of Reference Pixel"),
        ("CRVAL2", float(xy0[1]), "Row pixel of Reference Pixel"),
        ("CUNIT1", "PIXEL", "Column unit"),
        ("CUNIT2", "PIXEL", "Row unit"),
    ):
        metadata.set(name + wcsName, value, comment)
    return metadata


def deleteBasicWcsMetadata(metadata, wcsName):
    """Remove the keywords of an undistorted WCS.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Changed in place.
    wcsName : `str`
        Letter of the WCS, or "" for the primary one.
    """
    names = ["WCSAXES", "CD1_1", "CD1_2", "CD2_1", "CD2_2"]
    names += [f"{prefix}{axis}" for prefix in ("CRPIX", "CRVAL", "CTYPE", "CUNIT") for axis in (1, 2)]
    for name in names:
        if metadata.exists(name + wcsName):
            metadata.remove(name + wcsName)


def getImageXY0FromMetadata(metadata, wcsName, strip=False):
    """Read the origin of an image from the WCS that `createTrivialWcsMetadata` makes.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
    wcsName : `str`
        Letter of the WCS.
    strip : `bool`, optional
        Remove the keywords used?

    Returns
    -------
    xy0 : `lsst.geom.Point2I`
        (0, 0) if there is no such WCS or its reference pixel is not (1, 1).
    """
    names = [f"{prefix}{axis}{wcsName}" for prefix in ("CRPIX", "CRVAL") for axis in (1, 2)]
    if not all(metadata.exists(name) for name in names):
        return Point2I(0, 0)
    crpix1, crpix2, crval1, crval2 = (metadata.getAsDouble(name) for name in names)
    if crpix1 != 1.0 or crpix2 != 1.0:
        return Point2I(0, 0)
    if strip:
        deleteBasicWcsMetadata(metadata, wcsName)
    return Point2I(_roundHalfAway(crval1), _roundHalfAway(crval2))


def _roundHalfAway(value):
    return int(np.copysign(np.floor(abs(value) + 0.5), value))


def _sipNames(name, order):
    """Return the keywords of the coefficients as an array, powers of x first."""
    return np.array([[f"{name}_{i}_{j}" for j in range(order + 1)] for i in range(order + 1)])


def makeSipMatrixMetadata(matrix, name):
    """Make the keywords of a matrix of SIP coefficients, without those that are 0.

    Parameters
    ----------
    matrix : array-like, shape (order + 1, order + 1)
        Element [i, j] belongs to x^i y^j.
    name : `str`
        "A", "B", "AP" or "BP".

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if the matrix is not square.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 1:
        shape = " x ".join(str(size) for size in matrix.shape)
        raise LsstTypeError(f"Matrix must be square and at least 1 x 1; dimensions = {shape}")
    order = matrix.shape[0] - 1
    metadata = PropertyList()
    metadata.set(f"{name}_ORDER", order)
    for key, value in zip(_sipNames(name, order).flat, matrix.flat, strict=True):
        if value != 0:
            metadata.set(str(key), float(value))
    return metadata


def makeSimpleWcsMetadata(crpix, crval, cdMatrix, projection="TAN"):
    """Make the keywords of an undistorted celestial WCS (ICRS).

    Parameters
    ----------
    crpix : `lsst.geom.Point2D`
        Reference pixel, counted from 0.
    crval : `lsst.geom.SpherePoint`
        Its position on the sky.
    cdMatrix : array-like, shape (2, 2)
        Degrees a pixel.
    projection : `str`, optional
        FITS code of the projection.

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`
    """
    cdMatrix = asCdMatrix(cdMatrix)
    metadata = PropertyList()
    for name, value in (
        ("RADESYS", "ICRS"),
        ("CTYPE1", "RA---" + projection),
        ("CTYPE2", "DEC--" + projection),
        ("CRPIX1", crpix[0] + 1),
        ("CRPIX2", crpix[1] + 1),
        ("CRVAL1", crval[0].asDegrees()),
        ("CRVAL2", crval[1].asDegrees()),
        ("CUNIT1", "deg"),
        ("CUNIT2", "deg"),
    ):
        metadata.add(name, value)
    for i in range(2):
        for j in range(2):
            if cdMatrix[i, j] != 0:
                metadata.add(f"CD{i + 1}_{j + 1}", float(cdMatrix[i, j]))
    return metadata


def asCdMatrix(matrix):
    """Return a matrix as `numpy.ndarray` of shape (2, 2), or raise `TypeError`."""
    matrix = np.asarray(matrix, dtype=float)
    if matrix.shape != (2, 2):
        raise TypeError(f"CD matrix must have shape (2, 2), not {matrix.shape}")
    return matrix
