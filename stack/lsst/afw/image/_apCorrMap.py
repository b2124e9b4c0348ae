# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The aperture corrections of an exposure, by name."""

from lsst.afw.table.io import Persistable
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
