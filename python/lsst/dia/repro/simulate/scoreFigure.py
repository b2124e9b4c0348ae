# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Draw measured light curves against the truth."""

from __future__ import annotations

__all__ = ["drawTrueLightCurves"]

from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

from ..bands import bandColor, bandMarker, sortBands
from ..printable import figureText

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Number of rows of two objects each.
N_ROWS = 3


def drawTrueLightCurves(curves: Table, path: str) -> None:
    """Draw the light curves of the objects with the most significant change.

    Parameters
    ----------
    curves : `astropy.table.Table`
        What `joinTrueFluxes` returns.
    path : `str`
        File to write; its ending gives the format.
    """
    # Not with pyplot, which would change the backend of whoever calls.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 2.6*N_ROWS), constrained_layout=True)
    axes = figure.subplots(N_ROWS, 2, sharex=True, squeeze=False)
    for axis, trueId in zip(axes.flat, _mostSignificant(curves, 2*N_ROWS)):
        _drawOne(axis, curves[curves["trueId"] == trueId])
    for axis in axes[-1]:
        axis.set_xlabel("MJD (TAI)")
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper right", ncol=6)
    figure.suptitle("Forced difference flux (points) and truth (lines)")
    figure.savefig(path, dpi=110)


def _mostSignificant(curves: Table, number: int) -> np.ndarray:
    """Return the true ids with the greatest chi2 of constancy at zero."""
    chi2 = np.nan_to_num((curves["base_PsfFlux_flux"]/curves["base_PsfFlux_fluxErr"])**2)
    total = np.bincount(curves["trueId"], weights=chi2)
    return np.argsort(total)[::-1][:min(number, np.count_nonzero(total))]


def _drawOne(axis: Axes, curve: Table) -> None:
    curve = curve[np.argsort(curve["mjd"])]
    for band in sortBands(curve["filter"]):
        points = curve[curve["filter"] == band]
        color = bandColor(band)
        axis.plot(points["mjd"], points["trueFlux"], color=color, linewidth=1, alpha=0.6)
        axis.errorbar(points["mjd"], points["base_PsfFlux_flux"], points["base_PsfFlux_fluxErr"],
                      fmt=bandMarker(band), markersize=4, color=color, label=figureText(band))
    axis.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    axis.set_ylabel("flux (nJy)")
    axis.set_title(f"DIAObject {curve['diaObjectId'][0]}", fontsize="small")
