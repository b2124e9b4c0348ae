# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Draw a light curve with stamps under it."""

__all__ = ["drawLightCurve"]

import numpy as np

from .bandStyle import BAND_COLORS, BAND_MARKERS, sortBands


def drawLightCurve(table, path, usable, threshold, stamps=(), subtitle=""):
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
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(10, 6.4 if stamps else 4.4), constrained_layout=True)
    heights = [2.4, 1] if stamps else [1]
    grid = figure.add_gridspec(len(heights), max(len(stamps), 1), height_ratios=heights)
    axis = figure.add_subplot(grid[0, :])
    flux, fluxErr, mjd = (np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan)
                          for name in ("psfDiffFlux", "psfDiffFluxErr", "midpointMjdTai"))
    _drawFluxes(axis, table, usable & np.isfinite(mjd), mjd, flux, fluxErr, threshold)
    _drawStamps(figure, grid, axis, stamps, mjd, table["band"])
    row = table[0]
    axis.set_title(f"DIAObject {row['diaObjectId']}   RA {row['ra']:.5f}  Dec {row['dec']:+.5f} deg"
                   + (f"   {subtitle}" if subtitle else ""), fontsize="medium", pad=14)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _drawFluxes(axis, table, usable, mjd, flux, fluxErr, threshold):
    """Draw fluxes against time: detections filled, others hollow with their limits."""
    with np.errstate(invalid="ignore", divide="ignore"):
        isDetected = np.abs(flux/fluxErr) >= threshold
    limit = threshold*fluxErr
    if "psfDiffFluxLimit" in table.colnames:
        stored = np.ma.filled(np.ma.asarray(table["psfDiffFluxLimit"], dtype=float), np.nan)
        limit = np.where(np.isfinite(stored), stored, limit)
    bands = np.asarray(table["band"])
    for band in sortBands(bands[usable]):
        color, marker = BAND_COLORS.get(band, "0.4"), BAND_MARKERS.get(band, "D")
        for isFilled in (True, False):
            rows = usable & (bands == band) & (isDetected == isFilled)
            label = band if isFilled or not (usable & (bands == band) & isDetected).any() else None
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


def _drawStamps(figure, grid, axis, stamps, mjd, bands):
    """Draw the stamps, numbered as on the light curve."""
    from matplotlib.transforms import blended_transform_factory

    onTop = blended_transform_factory(axis.transData, axis.transAxes)
    for number, (row, stamp) in enumerate(stamps, 1):
        axis.text(mjd[row], 1.0, str(number), transform=onTop, ha="center", va="bottom", fontsize="small")
        axis.axvline(mjd[row], color="0.85", linewidth=0.8, zorder=0)
        image = figure.add_subplot(grid[1, number - 1])
        image.set(xticks=[], yticks=[])
        image.set_title(f"{number}: {bands[row]}, {mjd[row]:.2f}", fontsize="small",
                        color=BAND_COLORS.get(bands[row], "0.2"))
        finite = stamp[np.isfinite(stamp)]
        noise = 1.4826*np.median(np.abs(finite - np.median(finite))) if len(finite) else 0
        noise = noise or 1.0
        image.imshow(stamp, origin="lower", cmap="gray", vmin=-5*noise, vmax=8*noise, interpolation="nearest")
        if len(finite):
            _drawReticle(image, stamp.shape[0])
        else:
            image.text(0.5, 0.5, "no image", ha="center", va="center", transform=image.transAxes)


def _drawReticle(image, size):
    """Mark the middle of a stamp without covering it."""
    middle, gap, length = size//2, 0.1*size, 0.12*size
    image.plot([middle + gap, middle + gap + length], [middle, middle], color="#ffb000", linewidth=1.5)
    image.plot([middle, middle], [middle + gap, middle + gap + length], color="#ffb000", linewidth=1.5)
