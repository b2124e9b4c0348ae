# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The annotations of the package hold."""

import ast
import importlib.util
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def testMypyIsContent():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True,
                          timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def testAnnotationsAreNotEvaluated():
    """The Python 3.8 of a stack v23 cannot evaluate ``list[str]``."""
    missing = []
    for path in sorted((ROOT/"python").rglob("*.py")):
        tree = ast.parse(path.read_text())
        annotated = any(isinstance(node, ast.AnnAssign)
                        or isinstance(node, ast.FunctionDef) and node.returns is not None
                        for node in ast.walk(tree))
        postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__"
                        for node in tree.body)
        if annotated and not postponed:
            missing.append(path.name)
    assert missing == []
