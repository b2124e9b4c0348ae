# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pages on a run in a Gen3 repository."""

import re

import pytest
from gen3.pipelines import RUN, convert, runPipeline

pytest.importorskip("bokeh")
from lsst.dia.repro.report.diaReport import main


@pytest.fixture(scope="module")
def root(stackData, tmp_path_factory):
    """A Gen3 repository with results as a whole and of tiles."""
    root = convert(stackData/"repo", tmp_path_factory.mktemp("report")/"gen3")
    # Three DIASources of an object at most, and two tiles.
    runPipeline(root, "dia.yaml", "u/whole")
    runPipeline(root, "diaTiled.yaml", "u/tiled", overrides=[("diaObjectMakerTile", "tileLevel", 11),
                                                             ("forcedDiaPhot", "tileLevel", 11),
                                                             ("diaLightCurves", "tileLevel", 11)])
    return root


def report(root, output, *collections):
    assert main([str(root), "--collections", *collections, "--output", str(output), "--stamps", "2"]) == 0
    return {path.stem: re.sub(r'"stamps":(null|\{[^}]*\})', "", path.read_text())
            for path in (output/"data").glob("curves-*.js")}


def testWholeAndTiled(root, tmp_path):
    whole, tiled = (report(root, tmp_path/name, f"u/{name}") for name in ("whole", "tiled"))
    assert whole == tiled and len(whole) == 1
    assert '"diaSourceId"' in (tmp_path/"whole"/"data"/"survey.js").read_text()
    assert len(list((tmp_path/"whole"/"stamps").iterdir())) == 2
    page = (tmp_path/"whole"/"index.html").read_text()
    assert "<h1>u/whole</h1>" in page and "nDiaSources" in page and "reproDIAObjects" in page


def testWithoutLightCurves(root, tmp_path, caplog):
    assert main([str(root), "--collections", RUN, "--output", str(tmp_path/"report")]) == 1
    assert f"collections {RUN} have no diaLightCurves" in caplog.text
    assert not (tmp_path/"report").exists()


def testMistakes(root, tmp_path, caplog):
    for repository, collection, message in ((tmp_path, "u/whole", "cannot be read"),
                                            (root, "u/none", "u/none")):
        caplog.clear()
        assert main([str(repository), "--collections", collection, "--output", str(tmp_path/"report")]) == 1
        (record,) = caplog.records
        assert message in record.getMessage() and record.name == "diaReport"
