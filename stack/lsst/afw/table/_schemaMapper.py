# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappings of the fields of one schema to those of another."""

__all__ = ["SchemaMapper"]

import lsst.pex.exceptions as pexExceptions

from ._field import Field
from ._schema import Schema


class SchemaMapper:
    """A mapping from the fields of an input schema to those of an output schema it builds.

    Parameters
    ----------
    input : `Schema` or `SchemaMapper`, optional
        Input schema, or a mapper to copy.
    output : `Schema` or `bool`, optional
        Output schema to start from; a bool is taken as ``shareAliasMap``.
    shareAliasMap : `bool`, optional
        Shall the output schema share the aliases of the input schema?
    """

    def __init__(self, input=None, output=None, shareAliasMap=False):
        if isinstance(output, bool):
            output, shareAliasMap = None, output
        if isinstance(input, SchemaMapper):
            self._input, self._output = Schema(input._input), Schema(input._output)
            self._map = dict(input._map)
            return
        self._input = Schema() if input is None else Schema(input)
        self._output = Schema() if output is None else Schema(output)
        self._map = {}
        if shareAliasMap:
            self._output.setAliasMap(self._input.getAliasMap())

    def getInputSchema(self):
        """Return the input schema."""
        return Schema(self._input)

    def getOutputSchema(self):
        """Return a copy of the output schema."""
        return Schema(self._output)

    def editOutputSchema(self):
        """Return the output schema itself; fields added to it are not mapped."""
        return self._output

    def addOutputField(self, field, type=None, doc=None, units="", size=None, doReplace=False,
                       parse_strict="raise"):
        """Add a field to the output schema that nothing is mapped to; see `Schema.addField`."""
        if isinstance(field, str):
            field = Field[type](field, doc=doc or "", units=units, size=size, parse_strict=parse_strict)
        return field._addTo(self._output, doReplace)

    def addMapping(self, input, output=None, doReplace=True):
        """Add a field to the output schema that an input field is mapped to.

        Parameters
        ----------
        input : `Key`
            Key of the input field.
        output : `Field` or `str`, optional
            The output field, or its name; by default the same as the input field.
        doReplace : `bool`, optional
            May the field replace one of the same name?

        Returns
        -------
        key : `Key`
            Key of the output field.
        """
        if isinstance(output, bool):
            output, doReplace = None, output
        return input._addMappingTo(self, output, doReplace)

    def _addMapping(self, key, output, doReplace):
        mapped = self._map.get(key._id)
        isWhole = output is not None and not isinstance(output, str)
        if mapped is not None:
            fromOutput = isinstance(output, str)
            base = None if isWhole else (
                self._output._findKey(mapped[1]) if fromOutput else self._input._findKey(key)).field
            self._output._replaceField(mapped[1], self._field(key, base, output))
            return mapped[1]
        base = None if isWhole else self._input._findKey(key).field
        result = self._output._addField(self._field(key, base, output), doReplace)
        self._map[key._id] = (key, result)
        return result

    @staticmethod
    def _field(key, base, output):
        if output is None:
            return base
        if isinstance(output, str):
            return base.copyRenamed(output)
        if output.keyClass is not type(key):
            raise TypeError(f"Cannot map a field of type {key.typeString} to {output}")
        return output

    def addMinimalSchema(self, minimal, doMap=True):
        """Add all fields of a schema at the beginning of the output schema.

        Parameters
        ----------
        minimal : `Schema`
            Fields to add.
        doMap : `bool`, optional
            Map those that the input schema has?

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the output schema has fields already.
        """
        if self._output.getFieldCount() > 0:
            raise pexExceptions.LogicError(
                "Must add minimal schema to mapper before adding any other fields")
        for item in minimal:
            if doMap and item.key._id in self._input._layout.keys:
                self.addMapping(item.key)
            else:
                self.addOutputField(item.field)

    @classmethod
    def removeMinimalSchema(cls, input, minimal):
        """Return a mapper of all fields of a schema that another does not have."""
        mapper = cls(input)
        for item in input:
            if item.key._id not in minimal._layout.keys:
                mapper.addMapping(item.key)
        return mapper

    def isMapped(self, key):
        """Is this key of the input schema mapped?"""
        return key._id in self._map

    def getMapping(self, key):
        """Return the output key that an input key is mapped to.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if it is not mapped.
        """
        try:
            return self._map[key._id][1]
        except KeyError:
            raise pexExceptions.NotFoundError("Input Key is not mapped.") from None

    def invert(self):
        """Exchange input and output."""
        self._input, self._output = self._output, self._input
        self._map = {output._id: (output, input) for input, output in self._map.values()}

    @classmethod
    def join(cls, inputs, prefixes=()):
        """Return mappers of several schemas to one that has the fields of all.

        Parameters
        ----------
        inputs : sequence of `Schema`
            The schemas.
        prefixes : sequence of `str`, optional
            What to put before the names of each one's fields.
        """
        inputs, prefixes = list(inputs), list(prefixes)
        if prefixes and len(prefixes) != len(inputs):
            raise pexExceptions.LengthError(f"prefix vector size ({len(prefixes)}) must be the same as "
                                            f"input vector size ({len(inputs)})")
        mappers = [cls(schema) for schema in inputs]
        for i, schema in enumerate(inputs):
            prefix = prefixes[i] if prefixes else ""
            for item in schema:
                field = item.field.copyRenamed(prefix + item.field.getName())
                for j, mapper in enumerate(mappers):
                    if i == j:
                        mapper.addMapping(item.key, field)
                    else:
                        mapper.addOutputField(field)
        return mappers

    def _pairsFor(self, inputSchema, outputSchema):
        """Return the (input, output) keys after checking that they fit two schemas.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if they do not.
        lsst.pex.exceptions.InvalidParameterError
            Raised if a field of variable length is mapped to one of fixed length or the other way.
        """
        if not inputSchema.contains(self._input):
            raise pexExceptions.LogicError("Unequal schemas between input record and mapper.")
        if not outputSchema.contains(self._output):
            raise pexExceptions.LogicError("Unequal schemas between output record and mapper.")
        pairs = list(self._map.values())
        for source, target in pairs:
            if (source._count == 0) != (target._count == 0):
                raise pexExceptions.InvalidParameterError(
                    "At least one input array field is variable-length"
                    " and the correponding output is not, or vice-versa")
        return pairs

    def __eq__(self, other):
        if not isinstance(other, SchemaMapper):
            return NotImplemented
        same = (self._input.compare(other._input, Schema.IDENTICAL) == Schema.IDENTICAL
                and self._output.compare(other._output, Schema.IDENTICAL) == Schema.IDENTICAL)
        return same and self._inputMap() == other._inputMap()

    def _inputMap(self):
        """Return the mappings of keys that the input schema has."""
        return {item.key: self._map[item.key._id][1] for item in self._input if item.key._id in self._map}

    __hash__ = None

    def __reduce__(self):
        mappings = [(key, self._output._findKey(output).field) for key, output in self._inputMap().items()]
        return makeSchemaMapper, (self.getInputSchema(), self.getOutputSchema(), mappings)


def makeSchemaMapper(input, output, mappings):
    """Make a mapper of two schemas and the (input key, output field) pairs between them."""
    mapper = SchemaMapper(input, output)
    for key, field in mappings:
        mapper.addMapping(key, field)
    return mapper
