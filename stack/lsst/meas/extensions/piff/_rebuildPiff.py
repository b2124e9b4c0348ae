# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Makes the PSF of Piff that a pickle tells of, by Piff's own constructors, of checked numbers.

Nothing gets into an object behind its constructor, as with ``pickle``: the C++ code of galsim reads beyond
the pixels of an image whose bounds do not fit them. Nor does the version of Piff matter that wrote it.
"""

__all__ = ["rebuildPiff"]

import math
import re

import galsim
import numpy as np

import piff

from ._piffPickle import Record

_MAX_SIZE = 256
"""Most pixels of a side of a model or a stamp; those of Rubin have 25 to 41."""

_MAX_ORDER, _MAX_KEYS = 10, 3
_MAX_STARS = 100_000
_KEYS = {"x", "y", "u", "v", "colorValue"}
_DTYPE = re.compile("[fiu][248]|[biu]1")
_INTERPOLANTS = {f"galsim.interpolant.{cls.__name__}": cls
                 for cls in (galsim.Cubic, galsim.Linear, galsim.Nearest, galsim.Quintic)}
_LANCZOS = "galsim.interpolant.Lanczos"


def rebuildPiff(value):
    """Make a PSF of Piff.

    Parameters
    ----------
    value : `object`
        What `readPiffPickle` returned.

    Returns
    -------
    size : `int`
        Width and height of its images, pixels.
    psf : `piff.SimplePSF`
        The PSF. Of its stars it has position, color and whether they were used.

    Raises
    ------
    ValueError
        Raised if that is no PSF, or one of a kind that is not known; the message tells what is wrong.
    """
    if type(value) is not tuple or len(value) != 3:
        raise ValueError("it is not a width, a height and a PSF")
    width, height = (_integer(size, "size of images", 1, _MAX_SIZE) for size in value[:2])
    if width != height:
        raise ValueError(f"its images have {width} x {height} pixels and are not square")
    state = _stateOf(value[2], "piff.simplepsf.SimplePSF")
    psf = piff.SimplePSF(_makeModel(state.get("model")), _makeInterp(state.get("interp")))
    psf.wcs, psf.pointing = _makeWcs(state.get("wcs")), None
    if state.get("pointing") is not None:
        raise ValueError("its coordinates are on the sky")
    psf.stars = _makeStars(state.get("stars"))
    _checkSolution(psf)
    return width, psf


def _stateOf(record, *names):
    """Return the state of an object that must be of one of some classes and have fields by name."""
    if type(record) is not Record or record.name not in names or type(record.state) is not dict:
        raise ValueError(f"there is {_describe(record)} where {' or '.join(names)} should be")
    return record.state


def _describe(value):
    return value.name if type(value) is Record else f"a {type(value).__name__}"


def _makeModel(record):
    state = _stateOf(record, "piff.pixelgrid.PixelGrid")
    return piff.PixelGrid(_real(state.get("scale"), "scale of the model", 1e-4, 1e4),
                          _integer(state.get("size"), "size of the model", 1, _MAX_SIZE),
                          _makeInterpolant(state.get("interp")), centered=bool(state.get("_centered")),
                          fit_flux=bool(state.get("_fit_flux")))


def _makeInterpolant(record):
    state = _stateOf(record, _LANCZOS, *_INTERPOLANTS)
    # Its GSParams are accuracies of what drawing a model of pixels does not do.
    if record.name != _LANCZOS:
        return _INTERPOLANTS[record.name]()
    order = _integer(state.get("_n"), "order of Lanczos", 1, 31)
    return galsim.Lanczos(order, bool(state.get("_conserve_dc")))


def _makeInterp(record):
    state = _stateOf(record, "piff.basis_interp.BasisPolynomial")
    keys, orders, maxOrder = (state.get(name) for name in ("_keys", "_orders", "_max_order"))
    if not all(type(value) in (tuple, list) and 1 <= len(value) <= _MAX_KEYS for value in (keys, orders)):
        raise ValueError("its polynomial has no keys")
    if not all(type(key) is str and key in _KEYS for key in keys):
        raise ValueError("its polynomial is not one in position and color")
    orders = tuple(_integer(order, "order of the polynomial", 0, _MAX_ORDER) for order in orders)
    maxOrder = None if maxOrder is None else _integer(maxOrder, "order of the polynomial", 0,
                                                      _MAX_KEYS*_MAX_ORDER)
    interp = piff.BasisPolynomial(orders, tuple(keys), maxOrder)
    interp.q = _toArray(state.get("q")).astype(np.float64)
    return interp


def _checkSolution(psf):
    """Raise if the numbers of a PSF do not fit each other."""
    star = piff.Star.makeTarget(x=0.0, y=0.0, properties={"colorValue": 0.0}, wcs=psf.wcs[0])
    shape = psf.model.size**2, len(psf.interp.basis(star))
    if psf.interp.q.shape != shape or not np.isfinite(psf.interp.q).all():
        raise ValueError(f"its {psf.interp.q.shape} coefficients are not {shape} numbers")


def _makeWcs(wcs):
    if type(wcs) is not dict or len(wcs) != 1:
        raise ValueError("it is not that of one detector")
    state = _stateOf(next(iter(wcs.values())), "galsim.wcs.PixelScale")
    return {0: galsim.PixelScale(_real(state.get("_scale"), "pixel scale", 1e-4, 1e4))}


def _makeStars(stars):
    if type(stars) is not list or len(stars) > _MAX_STARS:
        raise ValueError("it has no list of stars")
    return [_makeStar(_stateOf(_stateOf(star, "piff.star.Star").get("data"), "piff.star.StarData"))
            for star in stars]


def _makeStar(state):
    position = _stateOf(state.get("image_pos"), "galsim.position.PositionD")
    x, y = (_real(position.get(name), "position of a star", -1e6, 1e6) for name in "xy")
    old = state.get("properties")
    old = old if type(old) is dict else {}
    properties = {name: bool(old.get(name)) for name in ("is_flagged", "is_reserve")}
    color = _toNumber(old.get("colorValue", math.nan))
    properties["colorValue"] = float(color) if isinstance(color, (int, float)) else math.nan
    return piff.Star.makeTarget(x=x, y=y, scale=1.0, stamp_size=1, properties=properties)


def _toNumber(value):
    """Return a scalar of NumPy as a plain number, and other values as they are."""
    if type(value) is Record and value.name == "numpy._core.multiarray.scalar" and len(value.args) == 2:
        dtype, data = value.args
        if type(data) is bytes and len(data) == _toDtype(dtype).itemsize:
            return np.frombuffer(data, _toDtype(dtype))[0].item()
    return value


def _real(value, what, low, high):
    number = _toNumber(value)
    if type(number) not in (int, float) or not low <= number <= high:
        number = number if type(number) in (int, float) else _describe(number)
        raise ValueError(f"{what} of {number} is not {low} to {high}")
    return float(number)


def _integer(value, what, low, high):
    number = _real(value, what, low, high)
    if number != int(number):
        raise ValueError(f"{what} of {number} is no whole number")
    return int(number)


def _toDtype(record):
    """Return the data type that a pickle has, a plain one."""
    name = record.args[0] if type(record) is Record and record.name == "numpy.dtype" and record.args else None
    state = record.state if name is not None else None
    order = state[1] if type(state) is tuple and len(state) > 4 and state[2:5] == (None, None, None) else None
    if type(name) is not str or not _DTYPE.fullmatch(name) or order not in ("<", ">", "|", "="):
        raise ValueError("its numbers are of no plain type")
    return np.dtype(name).newbyteorder(order)


def _toArray(record):
    """Return an array that a pickle has."""
    if type(record) is Record and record.name == "numpy._core.multiarray._reconstruct":
        state = record.state if type(record.state) is tuple and len(record.state) == 5 else (None,)*5
        _, shape, dtype, isFortran, data = state
    elif type(record) is Record and record.name == "numpy._core.numeric._frombuffer":
        data, dtype, shape, order = record.args if len(record.args) == 4 else (None,)*4
        isFortran = order == "F"
    else:
        raise ValueError(f"there is {_describe(record)} where an array should be")
    if type(data) not in (bytes, bytearray) or type(shape) is not tuple or not all(
            type(size) is int and 0 <= size < 1 << 31 for size in shape):
        raise ValueError("an array has no pixels")
    return np.frombuffer(data, _toDtype(dtype)).reshape(shape, order="F" if isFortran else "C")
