# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Data for pages survive being written as scripts."""

import base64
import json

import numpy as np
import pytest
from lsst.dia.repro.report.pageData import encodeNumbers, encodeTexts, writePageData


def decode(encoded):
    """Read as report.js does."""
    if "texts" in encoded:
        return [encoded["texts"][code] for code in decode(encoded["codes"])]
    dtype = np.dtype(encoded["dtype"]).newbyteorder("<")
    return np.frombuffer(base64.b64decode(encoded["bytes"]), dtype=dtype)


def readPageData(path, name):
    """Return what a script hands over, read as strict JSON."""
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    text = path.read_text("ascii")
    head, tail = f'diaReport.take("{name}",', ");\n"
    assert text.startswith(head) and text.endswith(tail)
    return json.loads(text[len(head):-len(tail)], parse_constant=refuse)


@pytest.mark.parametrize("values, dtype", [
    (np.array([0, 255]), "uint8"), (np.array([0, 256]), "uint16"), (np.array([0, 1 << 16]), "uint32"),
    (np.array([-1, -128]), "int8"), (np.array([-1, 255]), "int16"), (np.zeros(0, "int64"), "uint8"),
    (np.array([1.5, np.nan, -np.inf], "float32"), "float32"), (np.array([60000.123456789]), "float64")])
def testNumbers(values, dtype):
    encoded = encodeNumbers(values)
    assert encoded["dtype"] == dtype
    np.testing.assert_array_equal(decode(encoded), values)


def testTexts():
    texts = ["g r", "", "</script>", "g r", "é"]
    assert decode(encodeTexts(texts)) == texts
    assert decode(encodeTexts([])) == []


def testScript(tmp_path):
    (tmp_path/"data").mkdir()
    value = {"nan": np.float64("nan"), "list": [1, np.inf, (np.int64(3), "</script>\u2028")], "none": None,
             "flag": np.bool_(True)}
    writePageData(str(tmp_path), "x", value)
    assert readPageData(tmp_path/"data"/"x.js", "x") == {
        "nan": None, "list": [1, None, [3, "</script>\u2028"]], "none": None, "flag": True}
