# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reads the pickles that Piff PSFs are stored as, without making or calling anything that they name.

``pickle.Unpickler`` is not used, not even with a ``find_class`` of one's own: what it calls with which
arguments, the size of its memo and the depth of the keys that it hashes are for the pickle to say.
"""

__all__ = ["ADMITTED", "MAX_BYTES", "MAX_OPCODES", "Record", "UnknownClassError", "readPiffPickle"]

import pickletools

MAX_BYTES = 1 << 26
"""Longest pickle that is read; those of Rubin have 30 to 500 thousand bytes."""

MAX_OPCODES = 1_000_000
"""Most instructions of a pickle; a star takes about 40."""

_MAX_KEY = 1 << 31
"""Numbers that are keys are below this: of greater ones there are many with the same hash."""

_NUMPY = ("numpy.core.", "numpy._core.")
_FUNCTIONS = ("multiarray.scalar", "multiarray._reconstruct",
              # How Python 3.14 and later store arrays, as protocol 5 is the default there.
              "numeric._frombuffer")

ADMITTED = frozenset([
    *(prefix + name for prefix in _NUMPY for name in _FUNCTIONS),
    "numpy.dtype", "numpy.ndarray",
    # The types of pixels, which images of galsim hold.
    "numpy.float32", "numpy.float64", "numpy.int16", "numpy.int32", "numpy.uint16", "numpy.uint32",
    "piff.simplepsf.SimplePSF", "piff.pixelgrid.PixelGrid", "piff.basis_interp.BasisPolynomial",
    "piff.outliers.ChisqOutliers", "piff.star.Star", "piff.star.StarData", "piff.star.StarFit",
    "galsim.bounds.BoundsI", "galsim.gsparams.GSParams", "galsim.image.Image",
    "galsim.interpolatedimage.InterpolatedImage", "galsim.position.PositionD", "galsim.wcs.PixelScale",
    "galsim.interpolant.Lanczos", "galsim.interpolant.Quintic",
    # Those that the configuration of Rubin's task has for its model besides Lanczos.
    "galsim.interpolant.Cubic", "galsim.interpolant.Linear", "galsim.interpolant.Nearest"])
"""The names that a pickle may have, module and name; all others are refused."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY = {"EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict}
_LITERALS = ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "SHORT_BINUNICODE", "BINUNICODE",
             "SHORT_BINBYTES", "BINBYTES", "BYTEARRAY8")
_PROTOCOLS = (4, 5)


class UnknownClassError(ValueError):
    """A pickle names something that is not admitted."""


class Record:
    """What a pickle has for an object: words, of which nothing was made.

    Parameters
    ----------
    name : `str`
        Module and name of the class, or of the function that would make it.
    """

    __slots__ = ("args", "name", "state")

    def __init__(self, name, args=()):
        self.name = name
        self.args = args
        """Arguments of the function (`tuple`)."""
        self.state = None
        """State of the object."""


class _Name(str):
    """A name that is admitted."""


class _Mark:
    """The beginning of a list of values."""


class _Machine:
    """The stack and the memo of a pickle, and what its instructions do with them.

    Those instructions are known that Python writes for trees of plain objects, and no others.
    """

    def __init__(self):
        self.stack, self._memo = [], []

    def do(self, name, arg):
        """Do what an instruction says."""
        if name in _LITERALS:
            self.stack.append(arg)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            self.stack.append(_EMPTY[name]())
        elif name in ("BINGET", "LONG_BINGET"):
            self.stack.append(self._memo[arg])
        else:
            method = self._METHODS.get(name)
            if method is None:
                raise ValueError(f"the instruction {name} is not one of a PSF")
            method(self)

    def _memoize(self):
        self._memo.append(self.stack[-1])

    def _mark(self):
        self.stack.append(_Mark())

    def _popMarked(self):
        """Return what is above the last mark, and remove both."""
        for start in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[start], _Mark):
                values = self.stack[start + 1:]
                del self.stack[start:]
                return values
        raise ValueError("there is no mark")

    def _pop(self, n):
        """Return and remove the last values."""
        if len(self.stack) < n:
            raise ValueError("its stack is empty")
        values = self.stack[-n:]
        del self.stack[-n:]
        return values

    def _makeTuple(self, values):
        self.stack.append(tuple(values))

    def _append(self, values):
        if type(self.stack[-1]) is not list:
            raise ValueError("it appends to what is no list")
        self.stack[-1].extend(values)

    def _setItems(self, values):
        if type(self.stack[-1]) is not dict or len(values) % 2:
            raise ValueError("it sets items of what is no dict")
        for key, value in zip(values[::2], values[1::2]):
            # Others may take forever to hash, or be nested so deeply that the process dies of it.
            if type(key) is not str and not (type(key) is int and 0 <= key < _MAX_KEY):
                raise ValueError(f"a {type(key).__name__} is a key")
            self.stack[-1][key] = value

    def _findName(self):
        module, name = self._pop(2)
        found = f"{module}.{name}" if type(module) is type(name) is str else ""
        if found not in ADMITTED:
            raise UnknownClassError(f"it needs {found[:200]!r}, which is not read")
        self.stack.append(_Name(found.replace(*_NUMPY)))

    def _make(self):
        name, args = self._pop(2)
        if type(name) is not _Name or type(args) is not tuple:
            raise ValueError("it makes something of no class")
        self.stack.append(Record(str(name), args))

    def _build(self):
        record, state = self._pop(2)
        if type(record) is not Record or record.state is not None:
            raise ValueError("it gives a state to what can have none")
        record.state = state
        self.stack.append(record)

    _METHODS = {
        "MEMOIZE": _memoize, "MARK": _mark, "STACK_GLOBAL": _findName, "NEWOBJ": _make, "REDUCE": _make,
        "BUILD": _build,
        "TUPLE": lambda self: self._makeTuple(self._popMarked()),
        "TUPLE1": lambda self: self._makeTuple(self._pop(1)),
        "TUPLE2": lambda self: self._makeTuple(self._pop(2)),
        "TUPLE3": lambda self: self._makeTuple(self._pop(3)),
        "APPEND": lambda self: self._append(self._pop(1)),
        "APPENDS": lambda self: self._append(self._popMarked()),
        "SETITEM": lambda self: self._setItems(self._pop(2)),
        "SETITEMS": lambda self: self._setItems(self._popMarked())}


def readPiffPickle(data):
    """Read a pickle.

    Parameters
    ----------
    data : `bytes`
        The pickle, protocol 4 or 5.

    Returns
    -------
    value : `object`
        What it has, of numbers, texts, bytes, tuples, lists, dicts and `Record`; it may contain itself.

    Raises
    ------
    UnknownClassError
        Raised if it names what is not in `ADMITTED`.
    ValueError
        Raised if it is no such pickle, or is too long.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"a pickle of {len(data)} bytes is too long for a PSF")
    machine = _Machine()
    try:
        for number, (opcode, arg, _) in enumerate(pickletools.genops(data)):
            if number >= MAX_OPCODES:
                raise ValueError("a pickle of so many instructions is too long for a PSF")
            if opcode.name == "PROTO" and number == 0 and arg in _PROTOCOLS or opcode.name == "FRAME":
                continue
            if opcode.name == "STOP":
                value, = machine.stack
                return value
            machine.do(opcode.name, arg)
    except UnknownClassError:
        raise
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"this is no pickle of a PSF: {str(error)[:200]}") from error
    raise ValueError("this is no pickle of a PSF: it has no end")
