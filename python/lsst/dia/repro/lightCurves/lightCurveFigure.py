# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Draw a light curve with stamps under it."""

from __future__ import annotations

__all__ = ["chooseEpochs", "drawLightCurve", "greyRange"]

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

import numpy as np
from astropy.table import Table

from ..bands import bandColor, bandMarker, sortBands
from ..printable import figureText

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec


def drawLightCurve(table: Table, path: str | IO[bytes], usable: np.ndarray, threshold: float,
                   stamps: Sequence[tuple[int, np.ndarray]] = (), subtitle: str = "") -> None:
    """Draw the light curve of an object.

    Parameters
    ----------
    table : `astropy.table.Table`
        Its rows of the light curves, in order of time.
    path : `str` or file object
        What to write; the ending of a path gives the format.
    usable : `numpy.ndarray`
        Which rows to draw, bool.
    threshold : `float`
        Least |flux|/error of a detection.
    stamps : `list` [`tuple` [`int`, `numpy.ndarray`]], optional
        Rows of the table and images there.
    subtitle : `str`, optional
        What to say of the object beside its id and position.
    """
    # Not with pyplot, which would change the backend of whoever calls.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6.4 if stamps else 4.4), constrained_layout=True)
    heights = [2.4, 1] if stamps else [1]
    grid = figure.add_gridspec(len(heights), max(len(stamps), 1), height_ratios=heights)
    axis = figure.add_subplot(grid[0, :])
    flux, fluxErr, mjd = (_withNan(table, name)
                          for name in ("psfDiffFlux", "psfDiffFluxErr", "midpointMjdTai"))
    _drawFluxes(axis, table, usable & np.isfinite(mjd), mjd, flux, fluxErr, threshold)
    _drawStamps(figure, grid, axis, stamps, mjd, table["band"])
    row = table[0]
    axis.set_title(f"DIAObject {row['diaObjectId']}   RA {row['ra']:.5f}  Dec {row['dec']:+.5f} deg"
                   + (f"   {subtitle}" if subtitle else ""), fontsize="medium", pad=14)
    figure.savefig(path, dpi=120)


def chooseEpochs(mjd: np.ndarray, snr: np.ndarray, isUsable: np.ndarray, threshold: float,
                 number: int) -> np.ndarray:
    """Choose the measurements to show stamps of.

    Parameters
    ----------
    mjd, snr : `numpy.ndarray`, (N,)
        Times, in order, and signal-to-noise of the measurements.
    isUsable : `numpy.ndarray`, (N,)
        Which of them count, bool.
    threshold : `float`
        Least absolute signal-to-noise of a detection.
    number : `int`
        How many to choose.

    Returns
    -------
    rows : `numpy.ndarray`
        At most ``number`` rows, in order: the peak, the measurements just
        before and after all detections, and detections spread in time; where
        these are too few, others.
    """
    usable = np.flatnonzero(isUsable & np.isfinite(mjd))
    detected = usable[np.abs(snr[usable]) >= threshold]
    chosen: list[int] = []
    if len(detected):
        before, after = usable[usable < detected[0]], usable[usable > detected[-1]]
        chosen += [detected[np.argmax(np.abs(snr[detected]))]]
        chosen += list(before[-1:]) + list(after[:1])
    for candidates in (detected, usable):
        left = np.setdiff1d(candidates, chosen)
        while len(left) and len(chosen) < number:
            # The one that is farthest in time from all chosen so far.
            distance = np.abs(mjd[left][:, np.newaxis] - mjd[chosen]) if chosen else mjd[left][:, np.newaxis]
            chosen.append(left[np.argmax(distance.min(axis=1))])
            left = np.setdiff1d(left, chosen)
    return np.sort(np.array(chosen[:number], dtype=int))


def greyRange(stamp: np.ndarray) -> tuple[float, float]:
    """Return the values that are black and white on a stamp.

    Parameters
    ----------
    stamp : `numpy.ndarray`, (N, M)
        Pixels of a difference image; NaN where there are none.

    Returns
    -------
    low, high : `float`
        From -5 to 8 times the scatter of the sky.
    """
    finite = stamp[np.isfinite(stamp)]
    # From the median, so that the object does not count.
    noise = 1.4826*np.median(np.abs(finite - np.median(finite))) if len(finite) else 0.0
    return -5*(noise or 1.0), 8*(noise or 1.0)


def _withNan(table: Table, name: str) -> np.ndarray:
    """Return a column with NaN where there is no value."""
    return np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan)


def _drawFluxes(axis: Axes, table: Table, usable: np.ndarray, mjd: np.ndarray, flux: np.ndarray,
                fluxErr: np.ndarray, threshold: float) -> None:
    """Draw fluxes against time: detections filled, others hollow with their limits."""
    with np.errstate(invalid="ignore", divide="ignore"):
        isDetected = np.abs(flux/fluxErr) >= threshold
    limit = threshold*fluxErr
    if "psfDiffFluxLimit" in table.colnames:
        stored = _withNan(table, "psfDiffFluxLimit")
        limit = np.where(np.isfinite(stored), stored, limit)
    bands = np.asarray(table["band"])
    for band in sortBands(bands[usable]):
        color, marker = bandColor(band), bandMarker(band)
        for isFilled in (True, False):
            rows = usable & (bands == band) & (isDetected == isFilled)
            isShown = isFilled or not (usable & (bands == band) & isDetected).any()
            label = figureText(band) if isShown else None
            if rows.any():
                axis.errorbar(mjd[rows], flux[rows], fluxErr[rows], fmt=marker, color=color, label=label,
                              markersize=5, elinewidth=1, alpha=1.0 if isFilled else 0.55,
                              markerfacecolor=color if isFilled else "white")
        rows = usable & (bands == band)
        axis.plot(mjd[rows], flux[rows], color=color, linewidth=0.7, alpha=0.3)
        rows &= ~isDetected
        axis.plot(mjd[rows], limit[rows], linestyle="none", marker=r"$\downarrow$", color=color,
                  markersize=6, alpha=0.35)
    axis.axhline(0, color="0.6", linewidth=0.8, zorder=0)
    axis.set(xlabel="MJD (TAI)", ylabel="difference flux (nJy)")
    axis.ticklabel_format(axis="x", useOffset=False)
    handles, labels = axis.get_legend_handles_labels()
    if labels:
        note = f"filled: |S/N| $\\geq$ {threshold:g};  $\\downarrow$: limit"
        axis.legend(handles, labels, ncol=len(labels), fontsize="small", title=note, title_fontsize="x-small")


def _drawStamps(figure: Figure, grid: GridSpec, axis: Axes, stamps: Sequence[tuple[int, np.ndarray]],
                mjd: np.ndarray, bands: np.ndarray) -> None:
    """Draw the stamps, numbered as on the light curve."""
    from matplotlib.transforms import blended_transform_factory

    onTop = blended_transform_factory(axis.transData, axis.transAxes)
    for number, (row, stamp) in enumerate(stamps, 1):
        axis.text(mjd[row], 1.0, str(number), transform=onTop, ha="center", va="bottom", fontsize="small")
        axis.axvline(mjd[row], color="0.85", linewidth=0.8, zorder=0)
        image = figure.add_subplot(grid[1, number - 1])
        image.set(xticks=[], yticks=[])
        image.set_title(f"{number}: {figureText(bands[row])}, {mjd[row]:.2f}", fontsize="small",
                        color=bandColor(bands[row], other="0.2"))
        low, high = greyRange(stamp)
        image.imshow(stamp, origin="lower", cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        if np.isfinite(stamp).any():
            _drawReticle(image, stamp.shape[0])
        else:
            image.text(0.5, 0.5, "no image", ha="center", va="center", transform=image.transAxes)


def _drawReticle(image: Axes, size: int) -> None:
    """Mark the middle of a stamp without covering it."""
    middle, gap, length = size//2, 0.1*size, 0.12*size
    image.plot([middle + gap, middle + gap + length], [middle, middle], color="#ffb000", linewidth=1.5)
    image.plot([middle, middle], [middle + gap, middle + gap + length], color="#ffb000", linewidth=1.5)
