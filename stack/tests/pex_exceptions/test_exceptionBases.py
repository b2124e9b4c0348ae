# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The stack's exceptions can be caught as Python's."""

import pickle

import pytest

import lsst.pex.exceptions as pexExceptions


@pytest.mark.parametrize(("name", "builtin"), [
    ("NotFoundError", LookupError), ("IoError", OSError), ("TypeError", TypeError),
    ("RuntimeError", RuntimeError), ("OverflowError", OverflowError), ("UnderflowError", ArithmeticError),
    ("LogicError", Exception),
])
def test_bases(name, builtin):
    cls = getattr(pexExceptions, name)
    with pytest.raises(builtin, match="what went wrong"):
        raise cls("what went wrong")
    error = pickle.loads(pickle.dumps(cls("a")))
    assert type(error) is cls and error.what() == "a" and repr(error) == f"{name}('a')"


def test_messageIsNeeded():
    with pytest.raises(TypeError):
        pexExceptions.LogicError(3)
