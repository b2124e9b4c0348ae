# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Data frames through the butler, as ParquetTable."""

import pandas as pd
import pytest

from lsst.daf.persistence import Butler, Policy
from lsst.pipe.tasks.parquetTable import ParquetTable

FRAME = pd.DataFrame({"id": [3, 1, 2], "flux": [1.5, 2.5, float("nan")], "band": ["g", "r", "i"]})


@pytest.fixture
def butler(tmp_path):
    (tmp_path/"in").mkdir()
    (tmp_path/"in"/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper")
    policy = Policy()
    policy["datasets.someTable"] = {
        "template": "tables/someTable.parq", "python": "lsst.pipe.tasks.parquetTable.ParquetTable",
        "persistable": "ParquetTable", "storage": "ParquetStorage", "tables": "raw"}
    return Butler(inputs={"root": str(tmp_path/"in")},
                  outputs={"root": str(tmp_path/"out"), "mode": "rw", "policy": policy})


def test_roundTrip(butler, tmp_path):
    butler.put(ParquetTable(dataFrame=FRAME), "someTable")
    table = Butler(str(tmp_path/"out")).get("someTable", immediate=True)
    assert isinstance(table, ParquetTable) and table.filename.endswith("tables/someTable.parq")
    assert table.columns == ["id", "flux", "band"] == list(table.columnIndex)
    pd.testing.assert_frame_equal(table.toDataFrame(), FRAME)
    some = table.toDataFrame(columns=["band", "id"])
    pd.testing.assert_frame_equal(some[["band", "id"]], FRAME[["band", "id"]])
    assert [column["name"] for column in table.pandasMd["columns"]] == ["id", "flux", "band"]


def test_frameInMemory():
    table = ParquetTable(dataFrame=FRAME)
    assert table.toDataFrame() is FRAME
    assert list(table.toDataFrame(["flux"]).columns) == ["flux"] and table.columns == list(table.columnIndex)


def test_mistakes(tmp_path):
    with pytest.raises(ValueError, match="must be passed"):
        ParquetTable()
    ParquetTable(dataFrame=FRAME).write(str(tmp_path/"a.parq"))
    with pytest.raises(ValueError, match="must be defined to write"):
        ParquetTable(str(tmp_path/"a.parq")).write(str(tmp_path/"b.parq"))
    with pytest.raises(AttributeError):
        assert ParquetTable(dataFrame=FRAME).pandasMd
