# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects to store in tests."""

__all__ = [
    "TestObject",
    "TestObjectCamelCaseSetter",
    "TestObjectPair",
    "TestObjectUnderscoreSetter",
]

import functools


@functools.total_ordering
class TestObject:
    """Something with data that can be compared.

    Parameters
    ----------
    data : any
        The data.
    """

    def __init__(self, data):
        self.data = data

    def __eq__(self, other):
        return self.data == other.data

    def __lt__(self, other):
        return self.data < other.data

    __hash__ = None

    def __repr__(self):
        return f"TestObject(data={self.data!r})"


class TestObjectPair:
    """A composite of two objects that remembers how it got them.

    Parameters
    ----------
    objA, objB : `object`, optional
        The components.
    """

    def __init__(self, objA=None, objB=None):
        self.objA = objA
        self.objB = objB
        self.usedInitSetter = bool(objA and objB)
        self.usedASetter = False
        self.usedBSetter = False

    def __repr__(self):
        return f"TestObjectPair(objA={self.objA!r}, objB={self.objB!r})"

    @staticmethod
    def assembler(dataId, componentInfo, cls):
        """Make a pair of its components."""
        return cls(componentInfo["a"].obj, componentInfo["b"].obj)

    @staticmethod
    def disassembler(obj, dataId, componentInfo):
        """Take a pair apart."""
        componentInfo["a"].obj = obj.objA
        componentInfo["b"].obj = obj.objB

    def set_a(self, obj):
        """Set the first component."""
        self.objA = obj
        self.usedASetter = True

    def set_b(self, obj):
        """Set the second component."""
        self.objB = obj
        self.usedBSetter = True

    def get_a(self):
        """Return the first component."""
        return self.objA

    def get_b(self):
        """Return the second component."""
        return self.objB


class TestObjectCamelCaseSetter:
    """An object with ``setFoo`` and ``getFoo``."""

    def __init__(self):
        self._foo = None

    def setFoo(self, val):
        """Set the component."""
        self._foo = val

    def getFoo(self):
        """Return the component."""
        return self._foo


class TestObjectUnderscoreSetter:
    """An object with ``set_foo`` and ``get_foo``."""

    def __init__(self):
        self._foo = None

    def set_foo(self, val):
        """Set the component."""
        self._foo = val

    def get_foo(self):
        """Return the component."""
        return self._foo
