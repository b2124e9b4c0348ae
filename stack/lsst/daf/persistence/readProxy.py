# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""An object that is read when it is first used."""

__all__ = ["ReadProxy"]

import operator

_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift")


class ReadProxy:
    """Stands for an object that a function returns, and calls it when the object is needed.

    Parameters
    ----------
    func : callable
        Returns the object; it is called once.
    """

    __slots__ = ("__cache", "__func")

    def __init__(self, func):
        object.__setattr__(self, "_ReadProxy__func", func)

    @property
    def __subject__(self):
        try:
            return object.__getattribute__(self, "_ReadProxy__cache")
        except AttributeError:
            subject = object.__getattribute__(self, "_ReadProxy__func")()
            object.__setattr__(self, "_ReadProxy__cache", subject)
            return subject

    def __getattr__(self, attr):
        return getattr(self.__subject__, attr)

    def __setattr__(self, attr, val):
        setattr(self.__subject__, attr, val)

    def __delattr__(self, attr):
        delattr(self.__subject__, attr)

    def __divmod__(self, other):
        return divmod(self.__subject__, other)

    def __rdivmod__(self, other):
        return divmod(other, self.__subject__)

    def __pow__(self, *args):
        return pow(self.__subject__, *args)

    def __rpow__(self, other):
        return pow(other, self.__subject__)

    def __ipow__(self, other):
        object.__setattr__(self, "_ReadProxy__cache", self.__subject__**other)
        return self


def _forward(function):
    return lambda self, *args: function(self.__subject__, *args)


def _forwardReversed(function):
    return lambda self, other: function(other, self.__subject__)


def _forwardInPlace(function):
    def apply(self, other):
        object.__setattr__(self, "_ReadProxy__cache", function(self.__subject__, other))
        return self

    return apply


for _function in (repr, str, hash, len, abs, complex, int, float, iter, bool, bytes, round):
    setattr(ReadProxy, f"__{_function.__name__}__", _forward(_function))
for _name in ("lt", "gt", "le", "ge", "eq", "ne", "neg", "pos", "invert", "index",
              "getitem", "setitem", "delitem", "contains"):
    setattr(ReadProxy, f"__{_name}__", _forward(getattr(operator, f"__{_name}__")))
for _name in _BINARY:
    _function = getattr(operator, f"__{_name}__")
    setattr(ReadProxy, f"__{_name}__", _forward(_function))
    setattr(ReadProxy, f"__r{_name}__", _forwardReversed(_function))
    setattr(ReadProxy, f"__i{_name}__", _forwardInPlace(getattr(operator, f"__i{_name}__")))
del _function, _name
