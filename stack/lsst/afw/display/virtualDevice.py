# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A backend that shows nothing, and the methods that backends have."""

__all__ = ["DisplayImpl"]


class DisplayImpl:
    """What a display passes on to its backend; coordinates are local, those of the first pixel being (0, 0).

    Parameters
    ----------
    display : `lsst.afw.display.Display`
        The display.
    verbose : `bool`
        Be chatty? Not used here.
    """

    def __init__(self, display, verbose=False):
        self.display, self.verbose = display, verbose
        self._maskTransparency = {}

    def _close(self):
        """Release what the display holds."""

    def _buffer(self, enable=True):
        """Put off drawing, or stop doing so."""

    def _flush(self):
        """Draw what was put off."""

    def _show(self):
        """Bring the display to the front."""

    def _mtv(self, image, mask=None, wcs=None, title=""):
        """Show an image and its mask."""

    def _erase(self):
        """Remove all that was drawn on the image."""

    def _dot(self, symb, c, r, size, ctype, **kwargs):
        """Draw a symbol."""

    def _drawLines(self, points, ctype):
        """Connect points."""

    def _scale(self, algorithm, min, max, unit=None, **kwargs):
        """Set which values are dark and bright."""

    def _pan(self, colc, rowc):
        """Center on a position."""

    def _zoom(self, zoomfac):
        """Magnify."""

    def _setImageColormap(self, cmap):
        """Set the colors of pixel values."""

    def _setMaskTransparency(self, transparency, maskplane):
        """Set the transparency of a mask plane, or of those without one of their own; percent."""
        self._maskTransparency[maskplane] = transparency

    def _getMaskTransparency(self, maskplane=None):
        """Return the transparency of a mask plane, percent; `None` if not set."""
        return self._maskTransparency.get(maskplane, self._maskTransparency.get(None))
