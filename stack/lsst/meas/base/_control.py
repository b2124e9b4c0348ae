# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Plain-Python counterparts of the C++ control classes that `makeConfigClass` expects."""

import copy
import struct

__all__ = ["Control", "ControlField"]


class ControlField:
    """One setting of a control class.

    Parameters
    ----------
    ctype : `str`
        C++ type, such as ``"double"`` or ``"std::vector<std::string>"``.
    default : object
        Default value.
    doc : `str`
        What the setting does.
    """

    def __init__(self, ctype, default, doc):
        self.ctype = ctype
        # As Python sees a default in single precision: stored configs have these digits.
        self.default = struct.unpack("f", struct.pack("f", default))[0] if ctype == "float" else default
        self.doc = doc


class Control:
    """Base of control classes: `ControlField` attributes become instance attributes."""

    _defaults = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        fields = {name: value for name, value in vars(cls).items() if isinstance(value, ControlField)}
        cls._defaults = {**cls._defaults, **{name: field.default for name, field in fields.items()}}
        for name, field in fields.items():
            setattr(cls, name, field.default)
            setattr(cls, "_type_" + name, staticmethod(lambda field=field: field.ctype))
            setattr(cls, "_doc_" + name, staticmethod(lambda field=field: field.doc))

    def __init__(self):
        for name, value in self._defaults.items():
            setattr(self, name, copy.copy(value))
