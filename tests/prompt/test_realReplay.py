# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1 on real DIASources: those of LSSTComCam, which come without images."""

import numpy as np
import pytest
from replays import readColumns, readTables

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")


def testComcam(run, shared, tmp_path):
    survey = shared/"real"/"comcam"/"repo"
    for command, output, *args in (
            ("diaPrompt.py", "level1", "--apdb", tmp_path/"apdb.db", "--export"),
            ("diaObjectMaker.py", "level2", "--config", "associator=assignment")):
        done = run(command, survey, "--id", "--output", tmp_path/output, *args)
        assert done.returncode == 0, done.stderr
    for dataset in "reproDIASources", "reproDIAObjects":
        found, expected = (readColumns(tmp_path/output, dataset) for output in ("level1", "level2"))
        for name, values in expected.items():
            np.testing.assert_array_equal(found[name], values, err_msg=name)
    # As many as Rubin's own pipelines made.
    assert len(expected["id"]) == len(readTables(tmp_path/"apdb.db")["DiaObjectLast"]) == 1712
