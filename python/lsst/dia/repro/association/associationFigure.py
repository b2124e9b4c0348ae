# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Draw what an association did."""

from __future__ import annotations

__all__ = ["drawAssociation"]

from typing import TYPE_CHECKING

import numpy as np
from lsst.afw.table import SourceCatalog

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def drawAssociation(diaObjects: SourceCatalog, diaSources: SourceCatalog, path: str) -> None:
    """Draw a map of the DIAObjects and how well their DIASources agree.

    Parameters
    ----------
    diaObjects, diaSources : `lsst.afw.table.SourceCatalog`
        What `DiaObjectMakerTask.run` returns.
    path : `str`
        File to write; its ending gives the format.
    """
    # Not with pyplot, which would change the backend of whoever calls.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.5), constrained_layout=True)
    sky, number, sigma = figure.subplots(1, 3)
    _drawMap(figure, sky, diaObjects)
    members = np.array(diaObjects["nDiaSources"])
    heights, *_ = number.hist(members, bins=np.arange(0.5, members.max(initial=1) + 1), color="0.4")
    # From where a single DIAObject can be seen, and over a decade, so that numbers stand at the axis.
    number.set(xlabel="DIASources of a DIAObject", ylabel="DIAObjects",
               ylim=(0.5, max(12, 2*max(heights))), yscale="log")
    number.yaxis.set_major_formatter("{x:g}")
    number.locator_params("x", integer=True)
    _drawSeparations(sigma, diaSources)
    figure.suptitle(f"{len(diaObjects)} DIAObjects of {len(diaSources)} DIASources")
    figure.savefig(path, dpi=110)


def _drawMap(figure: Figure, axis: Axes, diaObjects: SourceCatalog) -> None:
    from matplotlib.colors import LogNorm

    # Around the mean direction, so that a field at RA 0 is not torn apart.
    ra, dec = np.array(diaObjects["coord_ra"]), np.array(diaObjects["coord_dec"])
    center = np.arctan2(np.sin(ra).sum(), np.cos(ra).sum())
    east = np.degrees((ra - center + np.pi) % (2*np.pi) - np.pi)
    members = np.array(diaObjects["nDiaSources"])
    points = axis.scatter(np.degrees(center) % 360 + east, np.degrees(dec), s=6, c=members, cmap="viridis_r",
                          norm=LogNorm(1, members.max(initial=10)))
    axis.set(xlabel="RA (deg)", ylabel="Dec (deg)")
    axis.set_aspect(1/max(np.cos(dec.mean()), 0.01) if len(ra) else "auto", adjustable="datalim")
    axis.locator_params("x", nbins=5)
    axis.invert_xaxis()
    figure.colorbar(points, ax=axis, label="DIASources", format="{x:g}")


def _drawSeparations(axis: Axes, diaSources: SourceCatalog) -> None:
    """Draw the separations in sigma against what Gaussian errors give."""
    owner = np.array(diaSources["diaObjectId"])
    ids, count = np.unique(owner, return_counts=True)
    several = (owner != 0) & (count[np.searchsorted(ids, owner)] > 1)
    bins = np.linspace(0, 5, 51)
    axis.hist(np.array(diaSources["separationSigma"])[several], bins=list(bins), density=several.any(),
              color="0.7", label="DIAObjects of several")
    axis.plot(bins, bins*np.exp(-0.5*bins**2), color="k", label="Gaussian errors")
    axis.set(xlabel="separation / error", ylabel="density")
    axis.legend(fontsize="small")
