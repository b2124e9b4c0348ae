# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""WCSs for tests: those that the real stack wrote, and made ones."""

from pathlib import Path

import fitsio
import numpy as np

from lsst.afw.geom import SkyWcs, makeCdMatrix, makeSimpleWcsMetadata, makeSipMatrixMetadata, makeSkyWcs
from lsst.geom import Point2D, SpherePoint, arcseconds, degrees

DATA = Path(__file__).parents[1]/"data" / "stack-v23"
SHARED = Path(__file__).parents[4] / "shared"
ZOO = sorted((DATA / "zoo").glob("*.fits"))
DIFFEXPS = sorted((DATA / "repo" / "deepDiff").glob("v*/R*/diffexp-*.fits*"))


def storedText(path):
    """Return the text of the SkyWcs in an exposure, read without the slice."""
    with fitsio.FITS(str(path)) as file:
        for hdu in file:
            if hdu.get_exttype() == "BINARY_TBL" and "wcs" in hdu.get_colnames():
                return hdu.read()["wcs"][0].tobytes().decode()
    raise LookupError(path)


def expectedPath(diffexp, ending):
    """Return the path of what the real stack made of a difference image."""
    visit, raft, sensor = diffexp.parent.parent.name, diffexp.parent.name, diffexp.name[8:11]
    return DATA / "expected" / "forced" / f"{visit}-{raft}-{sensor}{ending}"


def sipMatrices():
    """Return the SIP matrices A and B of the zoo's WCSs."""
    a, b = np.zeros((2, 4, 4))
    a[0, 2], a[1, 1], a[2, 0], a[3, 0] = 1e-7, -2e-7, 3e-7, 2e-11
    b[0, 2], b[0, 3], b[1, 1], b[2, 0] = 2e-7, -3e-11, 2e-7, -1e-7
    return a, b


def makeSip():
    """Return the TAN-SIP WCS of the zoo."""
    crval = SpherePoint(53 * degrees, -27.4 * degrees)
    matrix = makeCdMatrix(0.2 * arcseconds, 12 * degrees)
    metadata = makeSimpleWcsMetadata(Point2D(150, 240), crval, matrix, "TAN-SIP")
    for name, coefficients in zip("AB", sipMatrices(), strict=True):
        metadata.combine(makeSipMatrixMetadata(coefficients, name))
    return SkyWcs(metadata)


def makeTan(ra=30.0, dec=-20.0, orientation=0.0, flipX=False, scale=0.2, crpix=(100.0, 200.0)):
    """Return a TAN WCS; angles in degrees, scale in arcseconds."""
    matrix = makeCdMatrix(scale * arcseconds, orientation * degrees, flipX)
    return makeSkyWcs(Point2D(*crpix), SpherePoint(ra * degrees, dec * degrees), matrix)


def gnomonic(ra0, dec0, xi, eta):
    """Return RA and Dec of tangent-plane offsets, all in radians, by vectors (Calabretta & Greisen 2002)."""
    sa, ca, sd, cd = np.sin(ra0), np.cos(ra0), np.sin(dec0), np.cos(dec0)
    center, east, north = [cd * ca, cd * sa, sd], [-sa, ca, 0.0], [-sd * ca, -sd * sa, cd]
    x, y, z = (c + xi * e + eta * n for c, e, n in zip(center, east, north, strict=True))
    return np.arctan2(y, x) % (2 * np.pi), np.arctan2(z, np.hypot(x, y))


def separation(ra0, dec0, ra1, dec1):
    """Return angles (radians) between positions."""
    h = np.sin((dec1 - dec0) / 2) ** 2 + np.cos(dec0) * np.cos(dec1) * np.sin((ra1 - ra0) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(h))
