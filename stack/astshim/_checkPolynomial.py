# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Check of the polynomials in AST's native text format."""

__all__ = ["checkPolynomial"]

import re

_MAX_COEFFICIENTS = 10000


def checkPolynomial(items):
    """Check that the numbers of a PolyMap or ChebyMap do not lead AST beyond its arrays.

    Parameters
    ----------
    items : `dict` [`str`, `str`]
        The items of the object. Forward (``F``) and inverse (``I``) polynomials each have the largest power
        of every variable (``MPF``), the number of coefficients of every result (``NCF``), the coefficients
        (``CF``) and, for each of these, the power of each variable (``PF``), 0 where it is missing.

    Raises
    ------
    RuntimeError
        If a number is missing, is none, or is too large for the others.
    """
    nIn = _integer(items, "Nin", 1)
    nOut = _integer(items, "Nout", nIn)
    for letter, nVariables, nResults in (("F", nIn, nOut), ("I", nOut, nIn)):
        powers = _numbered(items, "P" + letter)
        coefficients = {index for name in items if (index := _index(name, "C" + letter))}
        if powers or coefficients or any(_index(name, "NC" + letter) for name in items):
            _checkDirection(items, letter, nVariables, nResults, powers, coefficients)


def _checkDirection(items, letter, nVariables, nResults, powers, coefficients):
    largest = [_integer(items, f"MP{letter}{i + 1}") for i in range(nVariables)]
    total = sum(_integer(items, f"NC{letter}{i + 1}") for i in range(nResults))
    if total > _MAX_COEFFICIENTS or max(coefficients, default=0) > total:
        raise RuntimeError(f"AST object: {total} coefficients of a polynomial are too many, or too few")
    for index, power in powers.items():
        if index > total*nVariables or power > largest[(index - 1) % nVariables]:
            raise RuntimeError(f"AST object: P{letter}{index} = {power} of a polynomial is too large")


def _index(name, prefix):
    """Return the number in the name of an item such as CF7, 0 if it is not one of these."""
    match = re.fullmatch(prefix + r"(\d{1,9})", name)
    return int(match[1]) if match else 0


def _numbered(items, prefix):
    return {index: _integer(items, name) for name in items if (index := _index(name, prefix))}


def _integer(items, name, default=None):
    text = items.get(name, default)
    if isinstance(text, int):
        return text
    if text is None or not re.fullmatch(r"\d{1,9}", text):
        raise RuntimeError(f"AST object: {name} of a polynomial is {'missing' if text is None else text}")
    return int(text)
