# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""PSF fluxes of blended neighbours, fitted jointly."""

__all__ = ["JointFitConfig", "JointFitTask", "findGroups", "fitGroup"]

import lsst.geom as geom
import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import numpy as np

from .psfStamps import findPsfReach

NAME = "joint_PsfFlux"

#: Least eigenvalue of the normal equations, scaled to a unit diagonal, with
#: which sources can be told apart.
MIN_EIGENVALUE = 1e-8


class JointFitConfig(pexConfig.Config):
    """Options of `JointFitTask`."""

    radius = pexConfig.RangeField(
        dtype=float, default=2.0, min=0.0, inclusiveMin=False,
        doc="Neighbours that are at most so far from each other, directly or through others, are fitted "
            "jointly, arcsec.",
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

    def __init__(self, schema, **kwargs):
        super().__init__(**kwargs)
        for suffix, what in (("instFlux", "Flux"), ("instFluxErr", "Error of the flux")):
            schema.addField(f"{NAME}_{suffix}", type="D", units="count",
                            doc=what + " in a joint fit of the PSF to the source and its neighbours")
        schema.addField(NAME + "_flag", type="Flag",
                        doc="General failure: no flux, or a part of the PSF is off the image")
        schema.addField("joint_nSources", type="I", doc="Number of sources fitted jointly, this one included")

    def findReach(self, exposure):
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

    def run(self, catalog, coverage, rows, stamps, leaveOutNan=False):
        """Fit the groups.

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
        leaveOutNan : `bool`, optional
            Leave out pixels that are not finite, where they make the fit fail
            otherwise?
        """
        for suffix in ("instFlux", "instFluxErr", "flag"):
            catalog[f"{NAME}_{suffix}"] = np.array(catalog[f"base_PsfFlux_{suffix}"])
        catalog["joint_nSources"] = np.ones(len(catalog), dtype=np.int32)
        if stamps is None:
            return
        nFitted = 0
        for group in findGroups(coverage.ra, coverage.dec, np.radians(self.config.radius/3600.0)):
            nFitted += self._runGroup(catalog, group, coverage, rows, stamps, leaveOutNan)
        self.log.info("Fitted %d sources jointly with neighbours", nFitted)

    @staticmethod
    def _runGroup(catalog, group, coverage, rows, stamps, leaveOutNan):
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
        if len(members) < 2 or not inside:
            return 0
        flux, error = fitGroup(found, leaveOutNan)
        for k in inside:
            record = catalog[int(rows[members[k]])]
            record[NAME + "_instFlux"], record[NAME + "_instFluxErr"] = flux[k], error[k]
            record[NAME + "_flag"] = bool(found[k].isClipped or not np.isfinite(flux[k] + error[k]))
            record["joint_nSources"] = len(members)
        return len(inside)


def findGroups(ra, dec, radius):
    """Find the groups of positions that are connected by steps of at most the radius.

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
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    vectors = np.stack([np.cos(dec)*np.cos(ra), np.cos(dec)*np.sin(ra), np.sin(dec)], axis=-1)
    pairs = cKDTree(vectors).query_pairs(2.0*np.sin(0.5*radius), output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs), dtype=bool), pairs.T), shape=(len(ra), len(ra)))
    label = connected_components(links, directed=False)[1]
    members = np.flatnonzero(np.bincount(label)[label] > 1)
    members = members[np.argsort(label[members], kind="stable")]
    return np.split(members, np.flatnonzero(np.diff(label[members])) + 1) if len(members) else []


def fitGroup(stamps, leaveOutNan=False):
    """Fit the fluxes of a group of sources.

    With the PSFs phi_k, data d and variance v: A f = b and
    cov = A^-1 M A^-1, where A_kl = sum(phi_k phi_l), b_k = sum(phi_k d),
    M_kl = sum(phi_k phi_l v), over all pixels of any of them.

    Parameters
    ----------
    stamps : `list` [`PsfStamp`]
        The PSF of each and the pixels under it.
    leaveOutNan : `bool`, optional
        Leave out pixels that are not finite?

    Returns
    -------
    flux, error : `numpy.ndarray`, (n,)
        Fluxes and errors. All are NaN if pixels are not finite and not left
        out, or if sources are too close to be told apart; those of a source
        without good pixels are NaN.
    """
    psfs = [np.where(stamp.isUsable & stamp.isFinite if leaveOutNan else stamp.isUsable, stamp.psf, 0.0)
            for stamp in stamps]
    n = len(stamps)
    normal, noise = np.zeros((2, n, n))
    vector = np.zeros(n)
    for k in range(n):
        vector[k] = _sumProducts(psfs[k], stamps[k].data)
        for m in range(k + 1):
            box = geom.Box2I(stamps[k].box)
            box.clip(stamps[m].box)
            product = stamps[k].within(psfs[k], box)*stamps[m].within(psfs[m], box)
            normal[k, m] = normal[m, k] = product.sum()
            noise[k, m] = noise[m, k] = _sumProducts(product, stamps[k].within(stamps[k].variance, box))
    return _solve(normal, vector, noise)


def _sumProducts(weights, values):
    """Sum products, but only where there is a weight: what is left out may be NaN."""
    return (weights*np.where(weights == 0.0, 0.0, values)).sum()


def _solve(normal, vector, noise):
    """Solve the normal equations and propagate the errors."""
    flux, error = np.full((2, len(vector)), np.nan)
    seen = np.flatnonzero(np.diag(normal) > 0.0)
    if not len(seen) or not (np.isfinite(vector).all() and np.isfinite(noise).all()):
        return flux, error
    normal, noise, vector = normal[np.ix_(seen, seen)], noise[np.ix_(seen, seen)], vector[seen]
    scale = 1.0/np.sqrt(np.diag(normal))
    values, axes = np.linalg.eigh(normal*np.outer(scale, scale))
    if values[0] < MIN_EIGENVALUE:
        return flux, error
    inverse = (axes/values) @ axes.T*np.outer(scale, scale)
    flux[seen] = inverse @ vector
    with np.errstate(invalid="ignore"):
        error[seen] = np.sqrt(np.diag(inverse @ noise @ inverse))
    return flux, error
