# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a property set has under a name."""

__all__ = ["PropertyItem"]


class PropertyItem:
    """The type and the values of one name; there is always at least one value."""

    __slots__ = ("suffix", "values")

    def __init__(self, suffix, values):
        self.suffix = suffix
        self.values = values

    def copy(self):
        return PropertyItem(self.suffix, list(self.values))

    def auto(self):
        """Return the only value, or the list of values; of nested sets the last."""
        if len(self.values) > 1 and self.suffix != "PropertySet":
            return list(self.values)
        return self.values[-1]
