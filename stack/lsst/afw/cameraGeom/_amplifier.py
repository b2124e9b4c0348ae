# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Amplifiers of a detector."""

__all__ = ["Amplifier", "ReadoutCorner"]

import enum
from typing import NamedTuple

import numpy as np

from lsst.afw.table import Point2IKey, Schema
from lsst.geom import Box2I, Extent2I, Point2I


class ReadoutCorner(enum.IntEnum):
    """Corner that is read first: lower left, lower right, upper right, upper left."""

    LL = 0
    LR = 1
    UR = 2
    UL = 3


class _Field(NamedTuple):
    """A property of amplifiers: its names in methods and tables, kind, default, documentation and unit."""

    name: str
    column: str
    kind: type
    doc: str
    unit: str = ""


_FIELDS = (
    _Field("Name", "name", str, "name of amplifier location in camera"),
    _Field("BBox", "bbox", Box2I, "bbox of amplifier image data on assembled image", "pixel"),
    _Field("Gain", "gain", float, "amplifier gain", "electron adu^-1"),
    _Field("Saturation", "saturation", float, "level above which pixels are saturated, or nan", "adu"),
    _Field("SuspectLevel", "suspectlevel", float, "level above which pixels are suspicious, or nan", "adu"),
    _Field("ReadNoise", "readnoise", float, "amplifier read noise", "electron"),
    _Field("ReadoutCorner", "readoutcorner", ReadoutCorner, "readout corner, in the assembled image"),
    _Field("LinearityCoeffs", "linearity_coeffs", np.ndarray, "coefficients for linearity fit up to cubic"),
    _Field("LinearityType", "linearity_type", str, "type of linearity model"),
    _Field("HasRawInfo", "hasrawinfo", bool, "is raw amplifier information available?"),
    _Field("RawBBox", "raw_bbox", Box2I, "entire amplifier bbox on raw image", "pixel"),
    _Field("RawDataBBox", "raw_databbox", Box2I, "image data bbox on raw image", "pixel"),
    _Field("RawFlipX", "raw_flip_x", bool, "flip row order to make assembled image?"),
    _Field("RawFlipY", "raw_flip_y", bool, "flip column order to make an assembled image?"),
    _Field("RawXYOffset", "raw_xyoffset", Extent2I, "desired xy0 - raw xy0 to assemble an image", "pixel"),
    _Field(
        "RawHorizontalOverscanBBox",
        "raw_horizontaloverscanbbox",
        Box2I,
        "usable horizontal overscan bbox on raw image",
        "pixel",
    ),
    _Field(
        "RawVerticalOverscanBBox",
        "raw_verticaloverscanbbox",
        Box2I,
        "usable vertical overscan region raw image",
        "pixel",
    ),
    _Field(
        "RawPrescanBBox",
        "raw_prescanbbox",
        Box2I,
        "usable (horizontal) prescan bbox on raw image",
        "pixel",
    ),
    _Field("LinearityThreshold", "linearityThreshold", float, "Minimum ADU level to apply linearity."),
    _Field("LinearityMaximum", "linearityMaximum", float, "Maximum ADU level to apply linearity."),
    _Field("LinearityUnits", "linearityUnits", str, "Input units for linearity relation."),
)

# Other names of the same regions
_ALIASES = {
    "RawSerialOverscanBBox": "RawHorizontalOverscanBBox",
    "RawParallelOverscanBBox": "RawVerticalOverscanBBox",
    "RawSerialPrescanBBox": "RawPrescanBBox",
    "RawHorizontalPrescanBBox": "RawPrescanBBox",
}

# Files of before these were added lack them
_OPTIONAL = ("linearityThreshold", "linearityMaximum", "linearityUnits")


class _AmplifierBase:
    """The getters of amplifiers and their builders: get followed by any name of a field or alias."""

    def __init__(self, values):
        self._values = dict(values)


def _addGetter(name, field):
    def getter(self):
        return self._values[field.name]

    getter.__name__, getter.__doc__ = f"get{name}", f"Return the {field.doc} (`{field.kind.__name__}`)."
    setattr(_AmplifierBase, getter.__name__, getter)


def _addSetter(name, field):
    def setter(self, value):
        self._values[field.name] = _convert(field.kind, value)

    setter.__name__, setter.__doc__ = f"set{name}", f"Set the {field.doc} (`{field.kind.__name__}`)."
    setattr(_Builder, setter.__name__, setter)


def _convert(kind, value):
    if kind is np.ndarray:
        return np.array(value, dtype=float)
    return value if isinstance(value, kind) else kind(value)


class _Builder(_AmplifierBase):
    """Changeable amplifier: has a setter for each getter."""

    def __init__(self, values=None):
        super().__init__(values or {field.name: _default(field.kind) for field in _FIELDS})

    def finish(self):
        """Return the `Amplifier`."""
        return Amplifier(self._values)

    @classmethod
    def fromRecord(cls, record):
        """Make a builder from a record of a table with the fields of `Amplifier.getRecordSchema`."""
        names = set(record.schema.getNames())
        builder = cls()
        for field in _FIELDS:
            if field.column in names or field.column not in _OPTIONAL:
                builder._values[field.name] = _fromRecord(record, field)
        return builder


def _default(kind):
    if kind is ReadoutCorner:
        return ReadoutCorner.LL
    return np.zeros(0) if kind is np.ndarray else kind()


class Amplifier(_AmplifierBase):
    """Geometry and electronics of an amplifier; made by an `Amplifier.Builder`."""

    Builder = _Builder

    def rebuild(self):
        """Return an `Amplifier.Builder` with the values of this amplifier."""
        return _Builder(self._values)

    def toRecord(self, record):
        """Save the values in a record of a table with the fields of `getRecordSchema`."""
        names = set(record.schema.getNames())
        for field in _FIELDS:
            if field.column in names or field.column not in _OPTIONAL:
                _toRecord(record, field, self._values[field.name])

    @staticmethod
    def getRecordSchema():
        """Return the `lsst.afw.table.Schema` of amplifiers."""
        schema = Schema()
        for _, column, kind, doc, unit in _FIELDS:
            if kind is Box2I:
                Point2IKey.addFields(schema, f"{column}_min", f"{doc}, min point", unit)
                Point2IKey.addFields(schema, f"{column}_extent", f"{doc}, extent", unit)
            elif kind is Extent2I:
                Point2IKey.addFields(schema, column, doc, unit)
            elif kind is np.ndarray:
                schema.addField(column, type="ArrayD", size=0, doc=doc)
            elif kind is str:
                schema.addField(column, type=str, size=0, doc=doc)
            else:
                types = {float: "D", bool: "Flag", ReadoutCorner: "I"}
                schema.addField(column, type=types[kind], doc=doc, units=unit)
        return schema


for _field in _FIELDS:
    if _field.name != "HasRawInfo":
        _addGetter(_field.name, _field)
        _addSetter(_field.name, _field)
for _alias, _name in _ALIASES.items():
    _field = next(field for field in _FIELDS if field.name == _name)
    _addGetter(_alias, _field)
    _addSetter(_alias, _field)


def _pair(record, prefix):
    return record.get(f"{prefix}_x"), record.get(f"{prefix}_y")


def _fromRecord(record, field):
    if field.kind is Box2I:
        minimum, extent = _pair(record, f"{field.column}_min"), _pair(record, f"{field.column}_extent")
        return Box2I(Point2I(*minimum), Extent2I(*extent))
    if field.kind is Extent2I:
        return Extent2I(*_pair(record, field.column))
    return _convert(field.kind, record.get(field.column))


def _toRecord(record, field, value):
    if field.kind is Box2I:
        parts = {f"{field.column}_min": value.getMin(), f"{field.column}_extent": value.getDimensions()}
    elif field.kind is Extent2I:
        parts = {field.column: value}
    else:
        record.set(field.column, int(value) if field.kind is ReadoutCorner else value)
        return
    for prefix, pair in parts.items():
        record.set(f"{prefix}_x", pair[0])
        record.set(f"{prefix}_y", pair[1])
