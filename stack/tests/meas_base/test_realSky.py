# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The real stack's forced photometry of real difference images."""

import csv

import pytest
from forced import makeReferences, makeTask, measure

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable


def test_lsstcam(shared):
    root = shared / "real" / "lsstcam-2025-12-31"
    with open(root / "forced_stack_v23.csv") as file:
        expected = {int(row["id"]): row for row in csv.DictReader(file)}
    task = makeTask()
    seen = set()
    for path in sorted((root / "repo" / "deepDiff").glob("*/*/diffexp-*.fits")):
        sources = afwTable.SourceCatalog.readFits(str(path.with_name(path.name.replace("diffexp", "diaSrc"))))
        columns = (sources[name] for name in ("id", "coord_ra", "coord_dec"))
        catalog = measure(task, afwImage.ExposureF(str(path)), makeReferences(*columns))
        for record in catalog:
            row = expected.get(record["diaObjectId"])
            if row is None:
                continue
            seen.add(record["diaObjectId"])
            error = float(row["instFluxErr"])
            assert record["base_PsfFlux_instFlux"] == pytest.approx(float(row["instFlux"]), abs=1e-4 * error)
            assert record["base_PsfFlux_instFluxErr"] == pytest.approx(error, rel=1e-5)
            assert record["base_PsfFlux_flag"] == bool(int(row["flag"]))
            assert record["base_PsfFlux_flag_edge"] == bool(int(row["flag_edge"]))
            assert record["base_LocalPhotoCalib"] == pytest.approx(float(row["localPhotoCalib"]), rel=1e-12)
    assert seen == set(expected)
