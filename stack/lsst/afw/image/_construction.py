# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Choice among the forms of construction that pixel classes have."""

__all__ = ["constructByForm"]

from lsst.geom import Box2I, Extent2I

from ._fitsIo import isFitsSource

# Arguments that may be the first, for construction by keywords alone
_NAMES = ("rhs", "src", "other", "fileName", "manager", "fitsFile", "array", "image", "maskedImage", "bbox",
          "dimensions", "width")


def constructByForm(target, args, kwargs, forms):
    """Call the initializer of ``target`` that suits the first argument.

    These are ``_initDimensions`` for none or `lsst.geom.Extent2I`, ``_initBBox`` for `lsst.geom.Box2I`, those
    in ``forms``, ``_initFits`` for a file, and ``_initSize`` for anything else.

    Parameters
    ----------
    target : `object`
        What is constructed.
    args : `tuple`
    kwargs : `dict`
        All arguments, which the initializer gets.
    forms : `dict`
        Initializers by class of the first argument.
    """
    named = (kwargs[name] for name in _NAMES if kwargs.get(name) is not None)
    first = args[0] if args else next(named, None)
    forms = {(type(None), Extent2I): target._initDimensions, Box2I: target._initBBox, **forms}
    default = target._initFits if isFitsSource(first) else target._initSize
    next((init for cls, init in forms.items() if isinstance(first, cls)), default)(*args, **kwargs)
