# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""PSF fluxes of blended neighbours, fitted jointly."""

from __future__ import annotations

__all__ = ["JointFitConfig", "JointFitTask", "cutGroup", "findGroups", "fitGroup"]

from collections.abc import Sequence
from typing import Any

import lsst.geom as geom
import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import numpy as np
from lsst.afw.image import ExposureF
from lsst.afw.table import Schema, SourceCatalog
from scipy.sparse import csc_matrix
from scipy.spatial import cKDTree

from ..friendsOfFriends import findFriends, findNeighborhoods
from ..measuredFlux import isMeasured
from ..segments import findRuns
from ..sky import chord, toVectors
from ..units import ARCSEC
from .imageCoverage import Coverage
from .psfStamps import PsfStamp, PsfStamps, findPsfReach

NAME = "joint_PsfFlux"

#: Least eigenvalue of the normal equations, scaled to a unit diagonal, with
#: which sources can be told apart.
MIN_EIGENVALUE = 1e-8

#: Greatest part that a source may have in combinations that cannot be.
MAX_SHARE = 1e-6

#: Most pairs of neighbours that are listed; they take 16 bytes each.
MAX_PAIRS = 5_000_000


class JointFitConfig(pexConfig.Config):
    """Options of `JointFitTask`."""

    radius = pexConfig.RangeField(
        dtype=float, default=2.0, min=0.0, inclusiveMin=False,
        doc="Neighbours that are at most so far from each other, directly or through others, are fitted "
            "jointly, arcsec.",
    )
    maxSources = pexConfig.RangeField(
        dtype=int, default=200, min=2,
        doc="Most sources that are fitted jointly. A larger group is cut at gaps between its members, and "
            "joint_PsfFlux_flag_groupCut tells who was cut off from a neighbour. With a PSF of 41x41 pixels "
            "a group of 200 takes 0.5 s and 10 MB.",
    )


class JointFitTask(pipeBase.Task):
    """Fit the fluxes of neighbours jointly.

    The fluxes of a group are the unweighted least-squares solution for the
    sum of a PSF at each position. Their errors follow from the variances of
    the pixels. A source without neighbours has the flux of base_PsfFlux: it
    is the same fit.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema with base_PsfFlux; gets the fields.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.
    """

    ConfigClass = JointFitConfig
    _DefaultName = "jointFit"

    def __init__(self, schema: Schema, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for suffix, what in (("instFlux", "Flux"), ("instFluxErr", "Error of the flux")):
            schema.addField(f"{NAME}_{suffix}", type="D", units="count",
                            doc=what + " in a joint fit of the PSF to the source and its neighbours")
        schema.addField(NAME + "_flag", type="Flag",
                        doc="General failure: no flux, no error, or a part of the PSF is off the image")
        schema.addField(NAME + "_flag_inseparable", type="Flag",
                        doc="Too close to a neighbour to be told apart; there is no flux")
        schema.addField(NAME + "_flag_groupCut", type="Flag",
                        doc="Fitted without a neighbour within the radius, since the group was too large")
        schema.addField("joint_nSources", type="I", doc="Number of sources fitted jointly, this one included")

    def findReach(self, exposure: ExposureF) -> float:
        """Find out how far beyond the edge of an image objects matter.

        Parameters
        ----------
        exposure : `lsst.afw.image.Exposure`
            The image, with WCS.

        Returns
        -------
        reach : `float`
            How far the PSF reaches, pixels; without a PSF in the middle of
            the image the radius of groups.
        """
        reach = findPsfReach(exposure)
        if reach is None:
            return self.config.radius/exposure.getWcs().getPixelScale().asArcseconds()
        return float(reach.max())

    def run(self, catalog: SourceCatalog, coverage: Coverage, rows: np.ndarray,
            stamps: PsfStamps | None) -> None:
        """Fit the groups.

        Who has no flux from base_PsfFlux gets none here either, but is fitted
        with the others: its light counts where there are pixels.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            Measurements, contiguous; the fields are filled in.
        coverage : `Coverage`
            Objects on the image and beside it.
        rows : `numpy.ndarray`, (n,)
            Row of each object of ``coverage`` in the catalog; -1 for none.
        stamps : `PsfStamps` or `None`
            The PSF and the pixels; `None` if the image has no PSF.
        """
        flux, error = (np.array(catalog["base_PsfFlux_" + suffix]) for suffix in ("instFlux", "instFluxErr"))
        catalog[NAME + "_instFlux"], catalog[NAME + "_instFluxErr"] = flux, error
        catalog[NAME + "_flag"] = np.array(catalog["base_PsfFlux_flag"]) | ~isMeasured(flux, error)
        catalog["joint_nSources"] = np.ones(len(catalog), dtype=np.int32)
        if stamps is None:
            return
        nFitted = 0
        radius = self.config.radius*ARCSEC
        for group in findGroups(coverage.ra, coverage.dec, radius):
            parts, isCut = cutGroup(toVectors(coverage.ra[group], coverage.dec[group]), chord(radius),
                                    self.config.maxSources)
            cut = rows[group[isCut]]
            for row in cut[cut >= 0]:
                catalog[int(row)][NAME + "_flag_groupCut"] = True
            for part in parts:
                nFitted += self._runGroup(catalog, group[part], coverage, rows, stamps)
        self.log.info("Fitted %d sources jointly with neighbours", nFitted)

    @staticmethod
    def _runGroup(catalog: SourceCatalog, group: np.ndarray, coverage: Coverage, rows: np.ndarray,
                  stamps: PsfStamps) -> int:
        """Fit a group and return how many of its members are in the catalog."""
        # What is off the image or without a PSF there cannot be fitted; it
        # keeps the failure of base_PsfFlux.
        members, found = [], []
        for i in group:
            stamp = stamps.at(coverage.x[i], coverage.y[i])
            if stamp is not None and not stamp.box.isEmpty():
                members.append(i)
                found.append(stamp)
        inside = [k for k, i in enumerate(members) if coverage.isInside[i] and rows[i] >= 0]
        # Alone, a source has the same fit from base_PsfFlux already.
        if len(members) < 2 or not inside:
            return 0
        flux, error, isInseparable = fitGroup(found)
        for k in inside:
            record = catalog[int(rows[members[k]])]
            # Bad pixels, or too few good ones, are as bad in company.
            if not isMeasured(record["base_PsfFlux_instFlux"], record["base_PsfFlux_instFluxErr"]):
                flux[k] = error[k] = np.nan
            record[NAME + "_instFlux"], record[NAME + "_instFluxErr"] = flux[k], error[k]
            record[NAME + "_flag"] = bool(found[k].isClipped or not isMeasured(flux[k], error[k]))
            record[NAME + "_flag_inseparable"] = bool(isInseparable[k])
            record["joint_nSources"] = len(members)
        return len(inside)


def findGroups(ra: np.ndarray, dec: np.ndarray, radius: float) -> list[np.ndarray]:
    """Find the groups of positions that are connected by steps of at most the radius.

    In a crowd with too many pairs for memory, groups that are a few radii from
    each other may be joined.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (n,)
        Positions, radians.
    radius : `float`
        The radius, radians.

    Returns
    -------
    groups : `list` [`numpy.ndarray`]
        Indices of the members of each group of two or more, in order.
    """
    if len(ra) < 2:
        return []
    vectors = toVectors(ra, dec)
    tree = cKDTree(vectors)
    if tree.count_neighbors(tree, chord(radius)) <= 2*MAX_PAIRS:
        label, _ = findFriends(vectors, chord(radius))
    else:
        label = findNeighborhoods(ra, dec, radius)
    members = np.flatnonzero(np.bincount(label)[label] > 1)
    members = members[np.argsort(label[members], kind="stable")]
    return [members[start:stop] for start, stop in zip(*findRuns(label[members]))]


def cutGroup(vectors: np.ndarray, length: float, maxSources: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Cut a group into parts of a bounded size.

    Too large a part is cut in two across its longest extent, at the widest gap
    of the middle half, until all are small enough.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (n, 3)
        Unit vectors of the members.
    length : `float`
        How near neighbours are, a chord of the unit sphere.
    maxSources : `int`
        Most members of a part, at least 2.

    Returns
    -------
    parts : `list` [`numpy.ndarray`]
        Indices of the members of each part, in order.
    isCut : `numpy.ndarray`, (n,)
        Whether a neighbour of each is in another part, bool.
    """
    pending, parts = [np.arange(len(vectors))], []
    isCut = np.zeros(len(vectors), dtype=bool)
    while pending:
        part = pending.pop()
        if len(part) <= maxSources:
            parts.append(part)
            continue
        halves = _cutInTwo(vectors[part])
        first, second = part[halves], part[~halves]
        for side, other in ((first, second), (second, first)):
            distance, _ = cKDTree(vectors[other]).query(vectors[side], distance_upper_bound=length*(1 + 1e-9))
            isCut[side] |= np.isfinite(distance)
        pending += [second, first]
    return parts, isCut


def _cutInTwo(vectors: np.ndarray) -> np.ndarray:
    """Tell the members on one side of the widest gap across the longest extent, bool."""
    axis = int(np.argmax(np.ptp(vectors, axis=0)))
    order = np.argsort(vectors[:, axis], kind="stable")
    gaps = np.diff(vectors[order, axis])
    # Near the ends it would cut off few, and many cuts would be needed.
    quarter = len(order)//4
    position = quarter + int(np.argmax(gaps[quarter:len(order) - quarter]))
    isFirst = np.zeros(len(order), dtype=bool)
    isFirst[order[:position + 1]] = True
    return isFirst


def fitGroup(stamps: Sequence[PsfStamp]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the fluxes of a group of sources.

    With the PSFs phi_k, data d and variance v: A f = b and
    cov = A^-1 M A^-1, where A_kl = sum(phi_k phi_l), b_k = sum(phi_k d),
    M_kl = sum(phi_k phi_l v), over all pixels of any of them that are finite
    and not masked.

    Parameters
    ----------
    stamps : `list` [`PsfStamp`]
        The PSF of each and the pixels under it, from one image.

    Returns
    -------
    flux, error : `numpy.ndarray`, (n,)
        Fluxes and errors; NaN of a source without good pixels.
    isInseparable : `numpy.ndarray`, (n,)
        Which sources are too close to others to be told apart, bool; they
        have NaN, and the others the fluxes that they have beside any share
        of the light between those.
    """
    psfs, data, variance = _assemble(stamps)
    normal, noise = (psfs.T @ weighted for weighted in (psfs, psfs.multiply(variance[:, np.newaxis])))
    return _solve(normal.toarray(), psfs.T @ data, noise.toarray())


def _assemble(stamps: Sequence[PsfStamp]) -> tuple[csc_matrix, np.ndarray, np.ndarray]:
    """Return the PSFs, a sparse matrix (m, n), and data and variance of the m pixels under any of them."""
    good = [(stamp.isUsable & stamp.isFinite).ravel() for stamp in stamps]
    numbers, psf, stampData, stampVariance = (
        np.concatenate([values.ravel()[isGood] for values, isGood in zip(arrays, good)])
        for arrays in zip(*((_number(stamp.box), stamp.psf, stamp.data, stamp.variance) for stamp in stamps)))
    pixels, rows = np.unique(numbers, return_inverse=True)
    ends = np.cumsum([0] + [isGood.sum() for isGood in good])
    data, variance = np.zeros((2, len(pixels)))
    data[rows], variance[rows] = stampData, stampVariance
    return csc_matrix((psf, rows, ends), shape=(len(pixels), len(stamps))), data, variance


def _number(box: geom.Box2I) -> np.ndarray:
    """Return a number for each pixel of a box that it has in any box."""
    x = np.arange(box.getMinX(), box.getMaxX() + 1, dtype=np.int64)
    y = np.arange(box.getMinY(), box.getMaxY() + 1, dtype=np.int64)
    # x may be negative, but has no more than 32 bits: no two pixels have one number.
    return (y << 32)[:, np.newaxis] + x


def _solve(normal: np.ndarray, vector: np.ndarray,
           noise: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve the normal equations and propagate the errors; see `fitGroup`."""
    flux, error = np.full((2, len(vector)), np.nan)
    isInseparable = np.zeros(len(vector), dtype=bool)
    # A source without good pixels has a row of zeros, which would make the matrix singular.
    seen = np.flatnonzero(np.diag(normal) > 0.0)
    normal, noise = normal[np.ix_(seen, seen)], noise[np.ix_(seen, seen)]
    # On a unit diagonal an eigenvalue tells how alike PSFs are, and not how sharp.
    scale = 1.0/np.sqrt(np.diag(normal))
    values, axes = np.linalg.eigh(normal*np.outer(scale, scale))
    isKnown = values >= MIN_EIGENVALUE
    # Next to no eigenvalue: light can be moved between these sources, and the pixels hardly change.
    isInseparable[seen] = (axes[:, ~isKnown]**2).sum(axis=1) > MAX_SHARE
    # Without those axes, the fluxes of the other sources are what they are however that light is shared.
    axes = axes[:, isKnown]*scale[:, np.newaxis]
    inverse = (axes/values[isKnown]) @ axes.T
    flux[seen] = inverse @ vector[seen]
    with np.errstate(invalid="ignore"):
        error[seen] = np.sqrt(np.diag(inverse @ noise @ inverse))
    flux[isInseparable] = error[isInseparable] = np.nan
    return flux, error, isInseparable
