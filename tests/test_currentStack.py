# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The page of the stack's names tells of all names that the mission uses, and of no others."""

import pytest
import stackNames

HOW = "run `python tests/stackNames.py`, and look up what is new in it"


def testTableIsUpToDate():
    table = {name: row["used in"] for name, row in stackNames.readTable().items()}
    found = {name: " ".join(sorted(folders)) for name, folders in stackNames.findStackNames().items()}
    differing = sorted(name for name in {*table, *found} if table.get(name) != found.get(name))
    assert differing == [], HOW


def testAllNamesAreLookedUp():
    rows = stackNames.readTable()
    assert [name for name, row in rows.items() if stackNames.NOT_LOOKED_UP in row.values()] == [], HOW
    # What is not there any more, or was not yet, has something in its place.
    assert [name for name, row in rows.items() if not row["instead"]
            and "no" in (row[stack].split(",")[0] for stack in ("v23.0.2", "current"))] == []


@pytest.mark.parametrize("text, names", [
    ("from lsst.geom import Box2I", {"lsst.geom.Box2I"}),
    ("import lsst.geom as geom\ngeom.Box2D()", {"lsst.geom.Box2D"}),
    ("def f(exposure):\n    import lsst.geom\n    return lsst.geom.Box2D, exposure.getXY0()",
     {"lsst.geom.Box2D", ".getXY0"}),
    ("import numpy as np\nnp.getXY0", set()),
    ("from . import getXY0\nx.copy().myOwn()", set()),
])
def testNamesAreFound(text, names, tmp_path, monkeypatch):
    monkeypatch.setattr(stackNames, "PACKAGE", tmp_path)
    for folder in ("forced", "simulate"):
        (tmp_path/folder).mkdir()
        (tmp_path/folder/"some.py").write_text(text)
    assert stackNames.findStackNames() == {name: {"forced"} for name in names}
