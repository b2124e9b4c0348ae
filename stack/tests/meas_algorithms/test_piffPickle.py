# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pickles are read as words: what is admitted, what is refused, and that nothing is called or made."""

import importlib
import pickle
import sys

import numpy as np
import pytest

from lsst.meas.extensions.piff import _piffPickle
from lsst.meas.extensions.piff._piffPickle import ADMITTED, Record, readPiffPickle

EVENTS = []


def _note(event, args):
    if EVENTS and event in ("import", "open", "compile", "exec", "os.system", "pickle.find_class"):
        EVENTS.append((event, str(args[0])[:50]))


sys.addaudithook(_note)


class Calling:
    """Pickled as a call of something."""

    def __init__(self, function, *args):
        self._call = function, args

    def __reduce__(self):
        return self._call


@pytest.fixture
def watched():
    """Nothing may be imported, opened, compiled or found by a pickle."""
    EVENTS.append("watching")
    yield
    seen = EVENTS[1:]
    EVENTS.clear()
    assert seen == []


@pytest.mark.parametrize("protocol", [4, 5])
def test_plainValues(protocol, watched):
    value = {"a": [1, -2, 3.5, True, None, "text", b"bytes", 2**40],
             7: ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4))}
    assert readPiffPickle(pickle.dumps(value, protocol)) == value


def test_namesOfRecords():
    """Of NumPy 1 and 2 the names are the same."""
    for function in (np.float64(3.5), np.arange(6.0)):
        data = pickle.dumps(function, 4)
        old = data.replace(b"\x16numpy._core.multiarray", b"\x15numpy.core.multiarray")
        assert old != data or b"\x15numpy.core.multiarray" in data
        records = [readPiffPickle(each) for each in (data, old)]
        assert type(records[0]) is type(records[1]) is Record
        assert records[0].name == records[1].name
        assert records[0].name.startswith("numpy._core.multiarray.")


@pytest.mark.parametrize("value", [
    Calling(exec, "open('x', 'w')"), Calling(eval, "1"), Calling(getattr, 1, "real"), Calling(open, "x", "w"),
    Calling(__import__, "this"), Calling(importlib.import_module, "this"), Calling(np.load, "x"),
    Calling(np.fromfile, "x"), Calling(np.memmap, "x"), Calling(sys.exit), {1, 2}, complex(1, 2), slice(1),
    range(3), Exception("x"), object()])
def test_otherNamesAreRefused(value, watched):
    with pytest.raises(ValueError, match="not read|not one of a PSF"):
        readPiffPickle(pickle.dumps(value, 4))


def test_admittedNamesAreThere():
    """Each is a class or a function of NumPy, piff or galsim, and none leads on to others."""
    pytest.importorskip("piff", reason="piff is not installed: pip install 'gen2-slice[piff]'")
    for name in ADMITTED:
        module, _, last = name.rpartition(".")
        assert module.partition(".")[0] in ("numpy", "piff", "galsim")
        if not module.startswith("numpy.core"):
            assert callable(getattr(importlib.import_module(module), last)), name


def text(word):
    return b"\x8c" + bytes([len(word)]) + word.encode()


@pytest.mark.parametrize("body, match", [
    (b"cos\nsystem\n)R", "GLOBAL"), (b"(ios\nsystem\n", "INST"), (b"\x82\x01", "EXT1"), (b"Q", "BINPERSID"),
    (b"Nr\xff\xff\xff\x7f", "LONG_BINPUT"), (b"j\xff\xff\xff\xff", "range"), (b"R", "stack is empty"),
    (b"NNR", "of no class"), (b"N)b", "no state|can have none"), (b"NNa", "no list"), (b"}NNs", "is a key"),
    (b"})Ns", "tuple is a key"), (b"}\x8a\x09" + b"\xff"*8 + b"\x7fNs", "int is a key"), (b"t", "no mark"),
    (b"\x8d" + b"\xff"*7 + b"\x7f", "this is no pickle"), (b"N"*1000001, "so many instructions"),
    (b"NN", "values"),
    (text("os") + b"N\x93", "''"),
    (text("numpy") + text("dtype") + b"\x93N\x85R}bNb", "can have none")])
def test_refused(body, match, watched):
    with pytest.raises(ValueError, match=match):
        readPiffPickle(b"\x80\x04" + body + b".")


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x04", b"\x80\x04N", b"N\x80\x04.", b"\x80\x02N.",
                                  b"\x80\x06N.", b"text", b"\x80\x04\xff."])
def test_noPickle(data):
    with pytest.raises(ValueError, match="this is no pickle"):
        readPiffPickle(data)


def test_length(monkeypatch):
    monkeypatch.setattr(_piffPickle, "MAX_BYTES", 20)
    with pytest.raises(ValueError, match="too long"):
        readPiffPickle(pickle.dumps("x"*20, 4))


def test_nestedDeeply():
    """No value is deeper than what is looked at; it goes away without a crash, too."""
    value = readPiffPickle(b"\x80\x04N" + b"\x85"*900000 + b".")
    assert type(value) is tuple
    del value
