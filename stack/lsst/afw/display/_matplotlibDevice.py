# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A backend that draws on matplotlib figures."""

__all__ = ["DisplayImpl"]

import numpy as np

from . import virtualDevice
from ._colors import IGNORE, OTHER_COLORS

_MASK_TRANSPARENCY = 60  # Percent, for planes without one of their own.


class DisplayImpl(virtualDevice.DisplayImpl):
    """Draws on a figure of `matplotlib.pyplot`, whose number is the frame; axes are parent coordinates.

    Parameters
    ----------
    display : `lsst.afw.display.Display`
        The display; its frame may also be a `matplotlib.figure.Figure`.
    verbose : `bool`
        Not used.
    """

    def __init__(self, display, verbose=False):
        import matplotlib.pyplot as plt
        from matplotlib.figure import Figure

        super().__init__(display, verbose)
        isFigure = isinstance(display.frame, Figure)
        self._figure = display.frame if isFigure else plt.figure(display.frame)
        self._ownsFigure = not isFigure
        self._colormap = "gray"
        self._scaling = ("linear", "zscale", None, None)
        self._image = None
        self._origin = (0, 0)

    @property
    def _axes(self):
        return self._figure.gca()

    def _close(self):
        import matplotlib.pyplot as plt

        if self._ownsFigure:
            plt.close(self._figure)

    def _flush(self):
        self._figure.canvas.draw_idle()

    def _mtv(self, image, mask=None, wcs=None, title=""):
        self._figure.clf()
        self._image, self._origin = image.array, tuple(image.getXY0())
        x0, y0 = self._origin
        extent = (x0 - 0.5, x0 + image.getWidth() - 0.5, y0 - 0.5, y0 + image.getHeight() - 0.5)
        options = {"origin": "lower", "extent": extent, "interpolation": "nearest"}
        shown = self._axes.imshow(image.array, cmap=self._colormap, norm=self._makeNorm(), **options)
        if mask is not None:
            self._showMask(mask, options)
        self._figure.colorbar(shown, ax=self._axes)
        self._axes.set_title(title)
        if wcs is not None:
            self._axes.format_coord = lambda x, y: f"({x:.1f}, {y:.1f}) {_formatSky(wcs, x, y)}"

    def _showMask(self, mask, options):
        """Draw the mask planes over the image, each in its color."""
        from matplotlib.colors import to_rgba

        others = iter(OTHER_COLORS*10)
        for name, bit in sorted(mask.getMaskPlaneDict().items(), key=lambda item: item[1]):
            color = self.display.getMaskPlaneColor(name) or next(others)
            isSet = (mask.array & (1 << bit)) != 0
            if color.lower() == IGNORE or not isSet.any():
                continue
            transparency = self._getMaskTransparency(name)
            transparency = _MASK_TRANSPARENCY if transparency is None else transparency
            overlay = np.zeros((*isSet.shape, 4))
            overlay[isSet] = to_rgba(color, 1 - transparency/100)
            self._axes.imshow(overlay, **options)

    def _makeNorm(self):
        """Return how values become shades."""
        from astropy.visualization import (
            AsinhStretch,
            ImageNormalize,
            LinearStretch,
            LogStretch,
            SqrtStretch,
        )

        stretches = {"linear": LinearStretch, "asinh": AsinhStretch, "log": LogStretch, "sqrt": SqrtStretch}
        algorithm, *limits = self._scaling
        if algorithm not in stretches:
            raise ValueError(f"Unknown scaling {algorithm!r}; choose from {', '.join(stretches)}")
        low, high = self._findLimits(*limits)
        return ImageNormalize(vmin=low, vmax=high, stretch=stretches[algorithm](), clip=False)

    def _findLimits(self, low, high, unit):
        values = np.asarray(self._image, dtype=np.float64)
        values = values[np.isfinite(values)]
        if len(values) == 0:
            return 0.0, 1.0
        if low == "minmax":
            return values.min(), values.max()
        if low == "zscale":
            from astropy.visualization import ZScaleInterval

            return ZScaleInterval().get_limits(values)
        if unit is not None and unit.lower() == "percent":
            return np.percentile(values, [low, high])
        if unit is not None and unit.lower() == "sigma":
            return np.median(values) + np.array([low, high])*values.std()
        return low, high

    def _scale(self, algorithm, min, max, unit=None, **kwargs):
        self._scaling = (algorithm, min, max, unit)
        if self._image is not None:
            self._axes.images[0].set_norm(self._makeNorm())

    def _setImageColormap(self, cmap):
        self._colormap = "gray" if cmap == "grey" else cmap
        if self._image is not None:
            self._axes.images[0].set_cmap(self._colormap)

    def _erase(self):
        axes = self._axes
        for artist in [*axes.lines, *axes.patches, *axes.texts]:
            artist.remove()

    def _dot(self, symb, c, r, size, ctype, **kwargs):
        from matplotlib.patches import Circle, Ellipse

        x, y = self._toParent(c, r)
        color = ctype or "green"
        if hasattr(symb, "getTheta"):  # Axes of an ellipse.
            ellipse = Ellipse((x, y), 2*symb.getA(), 2*symb.getB(), angle=np.rad2deg(symb.getTheta()))
            ellipse.set(fill=False, edgecolor=color, **kwargs)
            self._axes.add_patch(ellipse)
        elif symb == "o":
            self._axes.add_patch(Circle((x, y), size, fill=False, edgecolor=color, **kwargs))
        elif symb in _STROKES:
            for dx, dy in _STROKES[symb]:
                shift = np.array([-1, 1])*size
                self._axes.plot(x + dx*shift, y + dy*shift, color=color, **kwargs)
        else:
            self._axes.text(x, y, symb, color=color, ha="center", va="center", **kwargs)

    def _drawLines(self, points, ctype):
        x, y = zip(*(self._toParent(*point) for point in points))
        self._axes.plot(x, y, color=ctype or "green")

    def _toParent(self, column, row):
        return column + self._origin[0], row + self._origin[1]

    def _pan(self, colc, rowc):
        axes = self._axes
        for center, get, put in zip(self._toParent(colc, rowc), (axes.get_xlim, axes.get_ylim),
                                    (axes.set_xlim, axes.set_ylim)):
            half = (get()[1] - get()[0])/2
            put(center - half, center + half)

    def _zoom(self, zoomfac):
        if self._image is None:
            return
        height, width = self._image.shape
        for size, get, put in ((width, self._axes.get_xlim, self._axes.set_xlim),
                               (height, self._axes.get_ylim, self._axes.set_ylim)):
            center, half = sum(get())/2, 0.5*size/zoomfac
            put(center - half, center + half)


# Directions of the strokes of each symbol.
_DIAGONAL = 0.5**0.5
_STROKES = {"+": [(1, 0), (0, 1)], "x": [(_DIAGONAL, _DIAGONAL), (_DIAGONAL, -_DIAGONAL)],
            "*": [(1, 0), (0.5, 0.75**0.5), (0.5, -(0.75**0.5))]}


def _formatSky(wcs, x, y):
    from lsst.geom import Point2D

    return str(wcs.pixelToSky(Point2D(x, y)))
