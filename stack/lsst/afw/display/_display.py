# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Displays of images, with symbols on them."""

__all__ = ["Display", "delAllDisplays", "getDefaultBackend", "getDefaultFrame", "getDisplay",
           "incrDefaultFrame", "setDefaultBackend", "setDefaultFrame", "setDefaultMaskPlaneColor",
           "setDefaultMaskTransparency"]

import contextlib
import importlib
import re

from lsst.afw.image import PARENT, DecoratedImage, Exposure, Image, ImageI, Mask, MaskedImage

from ._colors import MASK_PLANE_COLORS

_BACKENDS = {"matplotlib": "lsst.afw.display._matplotlibDevice",
             "virtualDevice": "lsst.afw.display.virtualDevice"}


class Display:
    """A frame that shows an image.

    Parameters
    ----------
    frame : `int` or `matplotlib.figure.Figure`, optional
        Number of the frame (of the figure), or the figure itself.
    backend : `str`, optional
        "matplotlib", the default here; "virtualDevice", which shows nothing; or the name of another package
        in ``lsst.display``.
    **kwargs
        More arguments for the backend.

    Raises
    ------
    ImportError
        If there is no such backend.

    Notes
    -----
    Methods of the backend are methods of the display. There are no callbacks for keys.
    """

    _displays = {}
    _defaultBackend = "matplotlib"
    _defaultFrame = 0
    _defaultMaskPlaneColor = dict(MASK_PLANE_COLORS)
    _defaultMaskTransparency = {}
    _defaultImageColormap = "gray"

    def __init__(self, frame=None, backend=None, *args, **kwargs):
        self.frame = Display._defaultFrame if frame is None else frame
        self.name = backend or Display._defaultBackend
        self._xy0 = None
        self._maskPlaneColors = dict(Display._defaultMaskPlaneColor)
        self._impl = _importBackend(self.name).DisplayImpl(self, *args, **kwargs)
        self.setMaskTransparency(Display._defaultMaskTransparency)
        self.setImageColormap(Display._defaultImageColormap)
        Display._displays[self.frame] = self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __str__(self):
        return f"Display[{self.frame}]"

    def __getattr__(self, name):
        if name.startswith("_impl") or self.__dict__.get("_impl") is None:
            raise AttributeError("Device has no _impl attached")
        try:
            return getattr(self._impl, name)
        except AttributeError:
            raise AttributeError(f'Device {self.name} has no attribute "{name}"') from None

    def close(self):
        """Close the display."""
        if self._impl is not None:
            self._impl._close()
            self._impl = None
        Display._displays.pop(self.frame, None)

    @staticmethod
    def setDefaultBackend(backend):
        """Set the backend of further displays.

        Raises
        ------
        RuntimeError
            If there is none of that name.
        """
        try:
            _importBackend(backend)
        except ImportError as error:
            raise RuntimeError(f"Unable to set backend to {backend}: {error}") from error
        Display._defaultBackend = backend

    @staticmethod
    def getDefaultBackend():
        """Return the name of the backend of further displays."""
        return Display._defaultBackend

    @staticmethod
    def setDefaultFrame(frame=0):
        """Set the frame of further displays."""
        Display._defaultFrame = frame

    @staticmethod
    def getDefaultFrame():
        """Return the frame of further displays."""
        return Display._defaultFrame

    @staticmethod
    def incrDefaultFrame():
        """Make the next frame that of further displays, and return it."""
        Display._defaultFrame += 1
        return Display._defaultFrame

    @staticmethod
    def setDefaultMaskTransparency(maskPlaneTransparency={}):  # noqa: B006
        """Set the transparency of mask planes on further displays: percent, or percent by name."""
        values = maskPlaneTransparency
        Display._defaultMaskTransparency = dict(values) if isinstance(values, dict) else values

    @staticmethod
    def setDefaultMaskPlaneColor(name=None, color=None):
        """Set the color of a mask plane on further displays, or of many by name; without names, reset all."""
        if name is None:
            Display._defaultMaskPlaneColor = dict(MASK_PLANE_COLORS)
        else:
            Display._defaultMaskPlaneColor.update(name if isinstance(name, dict) else {name: color})

    @staticmethod
    def getDisplay(frame=None, backend=None, create=True, verbose=False, *args, **kwargs):
        """Return the display of a frame; made if need be, unless ``backend`` is empty.

        Raises
        ------
        RuntimeError
            If ``backend`` is empty and there is none.
        """
        frame = Display._defaultFrame if frame is None else frame
        if frame not in Display._displays:
            if backend == "":
                raise RuntimeError(f"Frame {frame} does not exist")
            Display(frame, backend, *args, verbose=verbose, **kwargs)
        return Display._displays[frame]

    @staticmethod
    def delAllDisplays():
        """Close all displays."""
        for display in list(Display._displays.values()):
            display.close()

    def setImageColormap(self, cmap):
        """Set the colors of pixel values, by name."""
        self._impl._setImageColormap(cmap)

    def setMaskPlaneColor(self, name, color=None):
        """Set the color of a mask plane, or of many by name, for images shown later; "ignore" hides it."""
        self._maskPlaneColors.update(name if isinstance(name, dict) else {name: color})

    def getMaskPlaneColor(self, name=None):
        """Return the color of a mask plane, or those of all by name."""
        return self._maskPlaneColors if name is None else self._maskPlaneColors.get(name)

    def setMaskTransparency(self, transparency=None, name=None):
        """Set the transparency (percent) of a mask plane, of all, or by name, for images shown later."""
        if isinstance(transparency, dict):
            for plane, value in transparency.items():
                self.setMaskTransparency(value, plane)
        elif transparency is not None:
            self._impl._setMaskTransparency(min(max(transparency, 0), 100), name)

    def getMaskTransparency(self, name=None):
        """Return the transparency of a mask plane, percent."""
        return self._impl._getMaskTransparency(name)

    def show(self):
        """Bring the display to the front."""
        return self._impl._show()

    def mtv(self, data, title="", wcs=None):
        """Show an image.

        Parameters
        ----------
        data : image, mask, masked image, exposure or decorated image of `lsst.afw.image`
            What to show.
        title : `str`
            Title.
        wcs : `lsst.afw.geom.SkyWcs`, optional
            Sky coordinates; not with an exposure, which has its own.

        Raises
        ------
        RuntimeError
            If it is something else, or an exposure is given a WCS.
        """
        if isinstance(data, Exposure):
            if wcs is not None:
                raise RuntimeError("You may not specify a wcs with an Exposure")
            data, wcs = data.getMaskedImage(), data.getWcs()
        elif isinstance(data, DecoratedImage):
            data = data.image
        image, mask = data, None
        if isinstance(data, MaskedImage):
            image, mask = data.image, data.mask
        elif isinstance(data, Mask):
            image, mask = ImageI(data.getBBox()), data
            image.array[:, :] = data.array
        elif not isinstance(data, Image):
            raise RuntimeError(f"Unsupported type {data!r}")
        self._xy0 = image.getXY0()
        self._impl._mtv(image, mask, wcs, title)

    @contextlib.contextmanager
    def Buffering(self):
        """Put off drawing within a ``with`` statement."""
        self._impl._buffer(True)
        yield
        self._impl._buffer(False)
        self.flush()

    def flush(self):
        """Draw what was put off."""
        self._impl._flush()

    def erase(self):
        """Remove all symbols."""
        self._impl._erase()

    def dot(self, symb, c, r, size=2, ctype=None, origin=PARENT, *args, **kwargs):
        """Draw a symbol.

        Parameters
        ----------
        symb : `str` or `lsst.afw.geom.ellipses.BaseCore`
            ``+``, ``x``, ``*``, ``o`` (a circle), ``@:Mxx,Mxy,Myy`` or an ellipse; any other text is written.
        c, r : `float`
            Column and row.
        size : `float`
            Radius, pixels.
        ctype : `str`, optional
            Color.
        origin : `lsst.afw.image.ImageOrigin`
            Whether column and row count from xy0 (``LOCAL``).
        **kwargs
            For the backend.
        """
        from lsst.afw.geom import ellipses

        symb = str(symb) if isinstance(symb, int) else symb
        match = re.match(r"@:([^,]+),([^,]+),([^,]+)", symb) if isinstance(symb, str) else None
        if match:
            xx, xy, yy = map(float, match.groups())
            symb = ellipses.Quadrupole(xx, yy, xy)
        if isinstance(symb, ellipses.BaseCore):
            symb = ellipses.Axes(symb)
        self._impl._dot(symb, *self._toLocal(c, r, origin), size, ctype, **kwargs)

    def line(self, points, origin=PARENT, symbs=False, ctype=None, size=0.5):
        """Connect points; or draw a symbol at each, if ``symbs`` has them."""
        points = [self._toLocal(*point, origin) for point in points]
        if not symbs:
            if points:
                self._impl._drawLines(points, ctype)
            return
        symbs = symbs if len(symbs) > 1 else list(symbs)*len(points)
        for symb, point in zip(symbs, points):
            self._impl._dot(symb, *point, size, ctype)

    def scale(self, algorithm, min, max=None, unit=None, **kwargs):
        """Set which values are dark and bright.

        Parameters
        ----------
        algorithm : `str`
            "linear", "asinh", "log" or "sqrt".
        min : `float` or `str`
            Dark value; or "minmax" or "zscale", without ``max``.
        max : `float`, optional
            Bright value.
        unit : `str`, optional
            What both are in: absolute, "percent" of the pixels, or "sigma" about the median.

        Raises
        ------
        RuntimeError
            If ``max`` is missing.
        """
        if min in ("minmax", "zscale"):
            if max is not None or unit is not None:
                raise RuntimeError(f'You may not specify "{min}" and max or unit')
        elif max is None:
            raise RuntimeError("Please specify max")
        self._impl._scale(algorithm, min, max, unit, **kwargs)

    def zoom(self, zoomfac=None, colc=None, rowc=None, origin=PARENT):
        """Magnify (1 shows all), and center on a position if one is given."""
        if (colc is None) != (rowc is None):
            raise RuntimeError("Please specify row and column center to pan about")
        if zoomfac is None and rowc is None:
            zoomfac = 2
        if zoomfac is not None:
            center = None if rowc is None else self._toLocal(colc, rowc, origin)
            self._impl._zoom(zoomfac)
            if center is not None:
                self._impl._pan(*center)
        else:
            self._impl._pan(*self._toLocal(colc, rowc, origin))

    def pan(self, colc=None, rowc=None, origin=PARENT):
        """Center on a position."""
        self.zoom(None, colc, rowc, origin)

    def _toLocal(self, column, row, origin):
        if origin != PARENT or self._xy0 is None:
            return column, row
        return column - self._xy0[0], row - self._xy0[1]


def _importBackend(backend):
    name = backend.rpartition("lsst.display.")[2]
    try:
        return importlib.import_module(_BACKENDS.get(name) or f"lsst.display.{name}")
    except ImportError as error:
        raise ImportError(f"Could not load the requested backend: {backend}; "
                          f"there are {', '.join(_BACKENDS)}") from error


getDisplay = Display.getDisplay
setDefaultBackend = Display.setDefaultBackend
getDefaultBackend = Display.getDefaultBackend
setDefaultFrame = Display.setDefaultFrame
getDefaultFrame = Display.getDefaultFrame
incrDefaultFrame = Display.incrDefaultFrame
setDefaultMaskTransparency = Display.setDefaultMaskTransparency
setDefaultMaskPlaneColor = Display.setDefaultMaskPlaneColor
delAllDisplays = Display.delAllDisplays
