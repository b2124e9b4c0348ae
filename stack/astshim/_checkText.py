# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Check of AST's native text format.

AST itself crashes on objects that lack a part, have one of the wrong kind or claim a huge size, so damaged
texts must not reach it.
"""

__all__ = ["checkText"]

import re

from ._checkPolynomial import checkPolynomial

_LINE = re.compile(r"""
    (?: (?P<word>Begin|End|IsA) [ ]+ (?P<name>\w+)
      | (?P<item>[A-Za-z]\w*) [ ]* = [ ]* (?P<value> "(?:[^"]|"")*" | [-+.\w]+ | <bad> | )
    ) [ ]* (?:\#.*)?""", re.VERBOSE)

_STRANGE = re.compile(r"[^\t\n\r -~]")

_MAX_DEPTH = 200
_MAX_VALUE = 500  # characters
# What AST makes room for before it reads on.
_MAX_COUNTS = {"Nin": 1000, "Nout": 1000, "Naxes": 1000, "Nframe": 1000, "Nlut": 1_000_000}

_AXES = {"Axis", "SkyAxis"}
_FRAMES = {"CmpFrame", "DSBSpecFrame", "FluxFrame", "Frame", "SkyFrame", "SpecFluxFrame", "SpecFrame",
           "TimeFrame"}
_MAPPINGS = {"ChebyMap", "CmpMap", "GrismMap", "LutMap", "MathMap", "MatrixMap", "NormMap", "PcdMap",
             "PermMap", "PolyMap", "RateMap", "ShiftMap", "SlaMap", "SpecMap", "SphMap", "TimeMap", "TranMap",
             "UnitMap", "UnitNormMap", "WcsMap", "WinMap", "ZoomMap"}
_COMPONENTS = {
    "CmpFrame": ["FrameA", "FrameB"],
    "CmpMap": ["MapA", "MapB"],
    "NormMap": ["Frame"],
    "RateMap": ["Map"],
    "TranMap": ["MapA", "MapB"],
}
_BASES = {"Object": 0, "Axis": 1, "Mapping": 1, "Frame": 2, "PolyMap": 2, "SpecFrame": 3}  # rank by descent
_KINDS = {"Ax": _AXES, "Fr": _FRAMES, "Ma": _MAPPINGS | {"FrameSet"}}  # by the first letters of a part's name


class _Object:
    """An object that is being read: its class and the values of its items, "" where they are objects.

    Each item belongs to the section of a class or base class; a section ends with ``IsA`` and the name of the
    base class, the last one with the object.
    """

    def __init__(self, name):
        self.name = name
        self.items = {}
        self.sections = {}
        self.rank = -1

    def endBase(self, name):
        """Note that the items since the last section are those of a base class.

        AST crashes on base classes that do not come in the order of descent.
        """
        rank = _BASES.get(name, -1)
        if rank <= self.rank:
            raise RuntimeError(f"AST object: IsA {name} of a {self.name} is not expected")
        self.rank = rank
        self.add(f"IsA {name}", "")
        self.endSection(name)

    def endSection(self, name):
        """Note that the items since the last section are those of a class."""
        for item in self.items:
            self.sections.setdefault(item, name)

    def add(self, item, value):
        """Add an item; AST crashes on some that come twice."""
        if item in self.items:
            raise RuntimeError(f"AST object: a {self.name} has {item} twice")
        self.items[item] = value


def checkText(text):
    """Check that a text describes one whole AST object.

    Parameters
    ----------
    text : `str`
        What `Object.show` returned, or what became of it.

    Raises
    ------
    RuntimeError
        If a line cannot be understood or stands where it cannot, or a part is missing, of the wrong kind, or
        too large.
    """
    if _STRANGE.search(text):
        raise RuntimeError("AST object: a character that is not printable ASCII is not expected")
    whole = _Object("")
    stack = [whole]
    part = "Map"  # name of the part that must begin now
    for number, line in enumerate(text.split("\n"), 1):
        line = line.replace("\t", " ").strip(" ")
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line) if line.isprintable() else None
        if match is None or (match["word"] == "Begin") != bool(part) or not (part or len(stack) > 1):
            raise RuntimeError(f"AST object, line {number}: {line!r:.80} is not expected")
        part = _readLine(match, part, stack)
    if part or len(stack) > 1:
        raise RuntimeError("AST object: the text ends too early")


def _readLine(match, part, stack):
    """Take one line into account; return the name of the part that must begin after it, or `None`."""
    if match["word"] == "Begin":
        _checkKind(stack[-1].name, part, match["name"])
        if len(stack) > _MAX_DEPTH:
            raise RuntimeError("AST object: it is nested too deeply")
        stack.append(_Object(match["name"]))
    elif match["word"] == "IsA":
        stack[-1].endBase(match["name"])
    elif match["word"] == "End":
        _checkWhole(stack.pop(), match["name"])
    else:
        _checkValue(stack[-1].name, match["item"], match["value"])
        stack[-1].add(match["item"], match["value"])
        return None if match["value"] else match["item"]
    return None


def _checkKind(owner, part, name):
    """May an object of this class be that part of another? Any may be the whole."""
    if not owner:
        kinds = set().union(*_KINDS.values())
    elif part in _COMPONENTS.get(owner, ()) or re.fullmatch(_numberedParts(owner), part):
        kinds = _KINDS[part[:2]]
    else:
        kinds = ()
    if name not in kinds:
        raise RuntimeError(f"AST object: {part} of {owner or 'nothing'} cannot be a {name}")


def _numberedParts(name):
    """Return the pattern of the parts of which an object of a class may have any number."""
    if name == "FrameSet":
        return r"(?:Frm|Map)\d+"
    return r"Ax\d+" if name in _FRAMES else "(?!)"


def _checkValue(name, item, value):
    if len(value) > _MAX_VALUE:
        raise RuntimeError(f"AST object: {item} of a {name} has {len(value)} characters")
    if item in _MAX_COUNTS and not (value.isdecimal() and int(value) <= _MAX_COUNTS[item]):
        raise RuntimeError(f"AST object: {item} = {value} of a {name} is out of range")


def _checkWhole(object_, name):
    """Does the object end as what it began, with all it needs?"""
    if object_.name != name:
        raise RuntimeError(f"AST object: a {object_.name} ends as a {name}")
    if name == "SkyFrame" and object_.items.get("Naxes") != "2":
        raise RuntimeError("AST object: a SkyFrame does not have 2 axes")
    object_.endSection(name)
    for item in _required(object_):
        if item not in object_.items:
            raise RuntimeError(f"AST object: a {name} lacks {item}")
        if not item.startswith("IsA ") and object_.sections[item] != _sectionOf(name, item):
            raise RuntimeError(f"AST object: {item} of a {name} is out of place")
    if name in ("PolyMap", "ChebyMap"):
        checkPolynomial(object_.items)


def _required(object_):
    """Return the names of the items that an object must have."""
    name = object_.name
    required = list(_COMPONENTS.get(name, ()))
    if name in _MAPPINGS:
        required.append("IsA Mapping")
    elif name == "FrameSet":
        required += _numbered(object_, "Nframe", "Frm")
    elif name in _FRAMES - {"CmpFrame"}:
        required += _numbered(object_, "Naxes", "Ax")
        required += ["IsA Frame"] if name != "Frame" else []
    return required


def _sectionOf(name, item):
    """Return the class whose section of an object has an item."""
    isAxis = item == "Naxes" or item.startswith("Ax")
    return "Frame" if isAxis and name in _FRAMES else name


def _numbered(object_, count, prefix):
    return [count, *(f"{prefix}{i + 1}" for i in range(int(object_.items.get(count, 0))))]
