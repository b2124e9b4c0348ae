# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
import math

import pytest

from lsst.pipe.cmdline._literals import parseLiteral


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        (" -2.5e3", -2500.0),
        ("0.5/3600", 0.5 / 3600),
        ("2*(3 + 4) % 5", 4),
        ("True", True),
        ("not True", False),
        ("None", None),
        ("['a', \"b\"]", ["a", "b"]),
        ("(1, 2,)", (1, 2)),
        ("{'x': [1, 2], 'y': {3}}", {"x": [1, 2], "y": {3}}),
        ("float('-inf')", -math.inf),
        ("0x10", 16),
    ],
)
def test_literalsMeanWhatTheySay(text, value):
    assert parseLiteral(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "foo",
        "__import__('os').getcwd()",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "'a'*10000000",
        "1/0",
        "2**3**4",
        "open('x')",
        "float.__class__",
        "",
        "1 +",
        "[" * 500,
    ],
)
def test_anythingElseIsRefused(text):
    with pytest.raises(ValueError):
        parseLiteral(text)
