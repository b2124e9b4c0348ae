# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The stack's exceptions can be caught as Python's."""

import pickle

import lsst.pex.exceptions as pexExceptions
import pytest


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
