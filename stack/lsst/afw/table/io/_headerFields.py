# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The column keywords of a table header, as descriptions of fields."""

__all__ = ["HeaderField", "splitEntries"]

import dataclasses
import re

_KEY = re.compile(r"(TTYPE|TFLAG|TDOC|TFDOC|TUNIT|TCCLS|TFORM|TZERO|TSCAL|TNULL|TDISP)(\d+)")
_STRING = re.compile("'(.*?) *'", re.DOTALL)
_ATTRIBUTES = {"TTYPE": "ttype", "TFLAG": "ttype", "TDOC": "doc", "TFDOC": "doc", "TUNIT": "tunit",
               "TCCLS": "tccls", "TFORM": "tform"}
_FLAG_KEYS = ("TFLAG", "TFDOC")


@dataclasses.dataclass
class HeaderField:
    """What a header says of one column, or of one bit of the flags column."""

    column: int = -1
    """Number of the column, -1 for flags."""

    bit: int = -1
    """Number of the bit, -1 for columns."""

    ttype: str = ""
    """Name."""

    tform: str = ""
    """Format code."""

    tccls: str = ""
    """Kind of field, from TCCLSn."""

    tunit: str = ""
    """Units."""

    doc: str = ""
    """Documentation, from TDOCn or else the comment of TTYPEn."""


def _text(value):
    match = _STRING.fullmatch(value)
    return match[1] if match else value


def splitEntries(entries):
    """Separate the keywords of columns from the rest of a header.

    Parameters
    ----------
    entries : iterable of (`str`, `str`, `str`)
        Key, value text and comment, as `lsst.afw.fits._cards.iterCards` yields them.

    Returns
    -------
    fields : `list` [`HeaderField`]
        Columns and flags in the order in which they first appear.
    others : `list`
        The other entries.
    """
    fields = {}
    others = []
    for entry in entries:
        key, value, comment = entry
        match = _KEY.fullmatch(key) if key.startswith("T") else None
        if match is None:
            others.append(entry)
            continue
        name, number = match[1], int(match[2]) - 1
        attribute = _ATTRIBUTES.get(name)
        if attribute is None:
            continue
        isFlag = name in _FLAG_KEYS
        field = fields.get((isFlag, number))
        if field is None:
            field = HeaderField(bit=number) if isFlag else HeaderField(column=number)
            fields[isFlag, number] = field
        setattr(field, attribute, _text(value))
        if attribute == "ttype" and not field.doc:
            field.doc = comment
    return list(fields.values()), others
