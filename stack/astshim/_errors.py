# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Translation of the exceptions of starlink-pyast into those of astshim."""

from contextlib import contextmanager

from starlink import Ast


@contextmanager
def astErrors():
    """Raise `RuntimeError`, as astshim does, where starlink-pyast raises an ``AstError``."""
    try:
        yield
    except Ast.AstError as error:
        raise RuntimeError(str(error)) from error
    except UnicodeDecodeError as error:
        # AST has messages of garbage, about projections it does not know for one
        raise RuntimeError("AST reported an error without a readable message") from error
