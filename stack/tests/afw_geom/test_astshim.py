# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The slice's astshim."""

import copy
import pickle

import numpy as np
import pytest

import astshim


def makeFrameDict():
    frames = astshim.FrameDict(astshim.Frame(2, "Domain=PIXELS"), astshim.ZoomMap(2, 3.0), astshim.SkyFrame())
    return frames


def test_objectsKeepTheirClass():
    series = astshim.ZoomMap(2, 2.0).then(astshim.ShiftMap([1.0, 2.0]))
    parallel = astshim.UnitMap(1).under(astshim.ZoomMap(1, 4.0))
    assert (str(series), str(parallel)) == ("SeriesMap", "ParallelMap")
    for mapping in (series, parallel, series[0], astshim.UnitNormMap([0.0, 0.0]), makeFrameDict()):
        for other in (pickle.loads(pickle.dumps(mapping)), copy.deepcopy(mapping), mapping.copy()):
            assert type(other) is type(mapping) and other == mapping
    assert series[1].applyForward([0.0, 0.0]) == [1.0, 2.0]
    assert astshim.Object.fromString(series.show()) == series
    assert "#" in astshim.ZoomMap(2, 2.0).show() and "#" not in astshim.ZoomMap(2, 2.0).show(False)


def test_numbers():
    mapping = astshim.MatrixMap([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert (mapping.nIn, mapping.nOut, mapping.hasInverse) == (2, 3, False)
    identity = np.array([[1.0, 0], [0, 1]])
    np.testing.assert_array_equal(mapping.applyForward(identity), [[1, 2], [3, 4], [5, 6]])
    # Flat: all values of the first axis, then those of the second
    assert mapping.applyForward([1.0, 0.0, 0.0, 1.0]) == [1, 2, 3, 4, 5, 6]
    assert mapping.applyForward(np.empty((2, 0))).shape == (3, 0)
    with pytest.raises(ValueError):
        mapping.applyForward([1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError, match="inverse"):
        mapping.applyInverse([1.0, 2.0, 3.0])
    assert mapping.rate([0.0, 0.0], 3, 2) == 6
    zoom = astshim.ZoomMap(2, 4.0).inverted()
    assert zoom.applyForward([4.0, 8.0]) == [1.0, 2.0] and zoom.isInverted


def test_polyMap():
    rows = np.array([[2.0, 1, 1]])
    mapping = astshim.PolyMap(rows, 3)
    assert (mapping.nOut, mapping.applyForward([5.0])) == (3, [10.0, 0.0, 0.0])
    iterative = astshim.PolyMap(np.array([[1.0, 1, 1], [0.1, 1, 2]]), 1, "IterInverse=1, NIterInverse=50")
    assert iterative.iterInverse
    assert iterative.applyInverse(iterative.applyForward([2.0])) == pytest.approx([2.0])
    for bad in ((np.zeros((0, 3)), 1), (np.zeros((1, 2)), 1), (rows, 0)):
        with pytest.raises(ValueError):
            astshim.PolyMap(*bad)


def test_frameDict():
    frames = makeFrameDict()
    assert frames.getAllDomains() == {"PIXELS", "SKY"} and frames.getIndex("pixels") == 1
    frames.addFrame("SKY", astshim.UnitMap(2), astshim.Frame(2, "Domain=MORE"))
    assert frames.domain == "MORE"
    assert frames.getMapping("PIXELS", "MORE").applyForward([1.0, 2.0]) == [3.0, 6.0]
    with pytest.raises(ValueError, match="SKY"):
        frames.addFrame("MORE", astshim.UnitMap(2), astshim.SkyFrame())
    with pytest.raises(ValueError, match="SKY"):
        frames.setDomain("SKY")
    with pytest.raises(IndexError, match="NONE"):
        frames.getFrame("NONE")
    frames.getFrame("MORE").title = "changed"
    assert frames.getFrame("MORE").title != "changed"
    frames.getFrame("MORE", False).title = "changed"
    assert frames.getFrame("MORE").title == "changed"
    frames.setBase("MORE")
    frames.setCurrent("PIXELS")
    assert frames.applyForward([3.0, 6.0]) == [1.0, 2.0]
    frames.removeFrame("SKY")
    assert not frames.hasDomain("SKY")


def test_append():
    first = astshim.FrameSet(astshim.Frame(1), astshim.ZoomMap(1, 2.0), astshim.Frame(1))
    second = astshim.FrameSet(astshim.Frame(1), astshim.ZoomMap(1, 5.0), astshim.Frame(1))
    merged = astshim.append(first, second)
    assert merged.nFrame == 4 and merged.applyForward([1.0]) == [10.0]


def test_errors():
    with pytest.raises(RuntimeError):
        astshim.Object.fromString("nothing")
    with pytest.raises(RuntimeError):
        astshim.Frame(2, "NoSuchAttribute=1")
    with pytest.raises(NotImplementedError, match="WcsMap"):
        astshim.WcsMap(2)


def test_fitsChan():
    channel = astshim.FitsChan(astshim.StringStream("A       = 1\nB       = 2.5 / a comment\n"))
    channel.setFitsS("C", "text")
    assert channel.getAllCardNames() == ["A", "B", "C"] or len(channel) == 3
    assert channel.getFitsF("B") == (True, 2.5) and not channel.getFitsF("NONE").found
    channel.setCard(2)
    assert channel.getCardName() in "ABC"


@pytest.mark.parametrize("old, new, message", [
    ("Begin SkyFrame", "Begin Frame", "ends as"),
    ("Begin ZoomMap", "Begin SkyAxis", "cannot be a SkyAxis"),
    ("Begin ZoomMap", "Begin KeyMap", "cannot be a KeyMap"),
    ("Frm2 =", "Frm5 =", "lacks Frm2"),
    ("Naxes = 2", "Naxes = 2147483647", "out of range"),
    ("Zoom = 3", 'Zoom = "' + 1000 * "A" + '"', "1002 characters"),
    ("Zoom = 3", "Zoom = 3\0", "not expected"),
    ("End FrameSet", "", "too early"),
])
def test_damagedTextsAreRefused(old, new, message):
    text = makeFrameDict().show(False)
    assert old in text
    with pytest.raises(RuntimeError, match=message):
        astshim.Object.fromString(text.replace(old, new))


def test_boundsOfAxes():
    frame = astshim.Frame(2)
    assert frame.getBottom(1) == -np.finfo(float).max and frame.getTop(2) == np.finfo(float).max
    frame.setBottom(1, -3.5)
    frame.setTop(2, 7)
    assert (frame.getBottom(1), frame.getTop(2)) == (-3.5, 7.0)
    assert astshim.Object.fromString(frame.show()).getBottom(1) == -3.5
    with pytest.raises(RuntimeError):
        frame.getTop(3)
