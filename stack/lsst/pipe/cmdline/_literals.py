# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Values of config fields as a user types them: literals and arithmetic, never code."""

import ast
import operator

__all__ = ["parseLiteral"]

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_}


def parseLiteral(text):
    """Turn an expression of literals into its value.

    Parameters
    ----------
    text : `str`
        Numbers, strings, `True`, `False`, `None`, lists, tuples, dicts and sets of these,
        the arithmetic of numbers (``0.5/3600``), and ``float("nan")``, ``float("inf")``.

    Returns
    -------
    value : object
        What the text means.

    Raises
    ------
    ValueError
        The text is anything else.
    """
    try:
        return _evaluate(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a literal: {error}") from error


def _evaluate(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        container = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
        return container(_evaluate(element) for element in node.elts)
    if isinstance(node, ast.Dict):
        return {_evaluate(key): _evaluate(value) for key, value in zip(node.keys, node.values)}
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_evaluate(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](*_numbers(node.left, node.right))
    if _isFloatCall(node):
        return float(_evaluate(node.args[0]))
    raise ValueError(f"{ast.unparse(node)!r} is not a literal")


def _numbers(*nodes):
    values = [_evaluate(node) for node in nodes]
    if not all(isinstance(value, (int, float, complex)) for value in values):
        raise ValueError("only numbers can be calculated with")
    return values


def _isFloatCall(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        and len(node.args) == 1
        and not node.keywords
    )
