# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Help for testing schemas."""

__all__ = ["assertSchemasEqual", "diffSchemas", "joinWords"]

import difflib

import lsst.utils.tests

from ._schema import Schema

_WORDS = {"keys": Schema.EQUAL_KEYS, "names": Schema.EQUAL_NAMES, "docs": Schema.EQUAL_DOCS,
          "units": Schema.EQUAL_UNITS, "aliases": Schema.EQUAL_ALIASES}


def joinWords(items):
    """Join words with commas and "and"."""
    items = list(items)
    if len(items) < 3:
        return " and ".join(items)
    return ", ".join(items[:-1]) + ", and " + items[-1]


def diffSchemas(schema1, schema2, flags=Schema.IDENTICAL):
    """Describe how two schemas differ.

    Parameters
    ----------
    schema1, schema2 : `Schema`
        The schemas.
    flags : `int`, optional
        Which properties to compare, an OR of ``Schema.EQUAL_`` constants.

    Returns
    -------
    diff : `str`
        A unified diff, or an empty string if they do not differ.
    """
    result = schema1.compare(schema2, flags)
    if result == flags:
        return ""
    words = [word for word, flag in _WORDS.items() if not result & flag]
    diff = "\n".join(difflib.unified_diff(str(schema1).split("\n"), str(schema2).split("\n")))
    return f"{joinWords(words).capitalize()} differ:\n{diff}"


@lsst.utils.tests.inTestCase
def assertSchemasEqual(testCase, schema1, schema2, flags=Schema.IDENTICAL):
    """Fail with a message from `diffSchemas` if two schemas are not equal."""
    message = diffSchemas(schema1, schema2, flags=flags)
    if message:
        testCase.fail(message)
