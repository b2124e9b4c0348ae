# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The aperture corrections of an exposure, by name."""

from lsst.afw.table import Schema
from lsst.afw.table.io import Persistable, registerFactory
from lsst.pex.exceptions import LengthError, NotFoundError

__all__ = ["ApCorrMap"]


class ApCorrMap(Persistable):
    """A mapping of names such as "base_PsfFlux_instFlux" to `lsst.afw.math.BoundedField`, ordered by name."""

    MAX_NAME_LENGTH = 64

    def __init__(self):
        self._fields = {}

    def get(self, name):
        """Return the field of a name, or `None`."""
        return self._fields.get(name)

    def set(self, name, field):
        """Add a field; a name that exists keeps its field.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if the name has more than 64 characters.
        """
        if len(name) > self.MAX_NAME_LENGTH:
            raise LengthError(f"Aperture correction name '{name}' exceeds size limit of "
                              f"{self.MAX_NAME_LENGTH} characters")
        self._fields.setdefault(name, field)

    __setitem__ = set

    def __getitem__(self, name):
        try:
            return self._fields[name]
        except KeyError:
            raise NotFoundError(f"Aperture correction with name '{name}' not found") from None

    def __contains__(self, name):
        return self._fields.get(name) is not None

    def __len__(self):
        return len(self._fields)

    def items(self):
        """Iterate over (name, field)."""
        return iter(sorted(self._fields.items(), key=lambda item: item[0]))

    def keys(self):
        """Iterate over the names."""
        return (name for name, _ in self.items())

    def values(self):
        """Iterate over the fields."""
        return (field for _, field in self.items())

    __iter__ = keys

    def __imul__(self, scale):
        self._fields = {name: field * scale for name, field in self._fields.items()}
        return self

    def __itruediv__(self, scale):
        self *= 1.0 / scale
        return self

    def _copy(self):
        result = ApCorrMap()
        result._fields = dict(self._fields)
        return result

    def isPersistable(self):
        """Can this be saved: can all fields?"""
        return all(field.isPersistable() for field in self._fields.values())

    def _persistenceName(self):
        return "ApCorrMap"

    def _pythonModule(self):
        return "lsst.afw.image"

    def _write(self, handle):
        schema = Schema()
        nameKey = schema.addField("name", type="String", size=self.MAX_NAME_LENGTH,
                                  doc="name of the aperture correction")
        fieldKey = schema.addField("field", type="I", doc="archive ID of the BoundedField object")
        catalog = handle.makeCatalog(schema)
        for name, field in self.items():
            record = catalog.addNew()
            record.set(nameKey, name)
            record.set(fieldKey, handle.put(field))
        handle.saveCatalog(catalog)


def _read(archive, catalogs):
    from lsst.afw.math import BoundedField  # which needs images

    result = ApCorrMap()
    for record in catalogs[0]:
        result.set(record.get("name"), archive.get(record.get("field"), BoundedField))
    return result


registerFactory("ApCorrMap", _read)
