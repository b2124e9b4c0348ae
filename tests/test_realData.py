# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Both tasks on real survey data, against what the real stack and Rubin made of it."""

import csv

import numpy as np
import pytest
from groups import memberGroups, readGroups
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask, ForcedDiaPhotTask


def make(repository, output, *config):
    DiaObjectMakerTask.parseAndRun([str(repository), "--id", "--output", str(output), "--no-versions",
                                    "--doraise", *(["--config", *config] if config else [])])
    return Butler(str(output)).get("reproDIASources", immediate=True)


def testComCamMultiMatch(shared, tmp_path):
    comcam = shared/"real"/"comcam"
    diaSources = make(comcam/"repo", tmp_path/"out", "removeAmbiguous=False")
    assert memberGroups(diaSources) == readGroups(comcam/"multimatch_r0.5_stack_v23.csv", "object")


def testComCamMultiMatchWithoutAmbiguous(shared, tmp_path):
    comcam = shared/"real"/"comcam"
    expected = readGroups(comcam/"multimatch_r0.5_stack_v23.csv", "object",
                          lambda row: row["ambiguous"] == "0")
    assert memberGroups(make(comcam/"repo", tmp_path/"out")) == expected


def testComCamAssignmentIsRubins(shared, tmp_path):
    comcam = shared/"real"/"comcam"
    diaSources = make(comcam/"repo", tmp_path/"out", "associator=assignment")
    assert memberGroups(diaSources) == readGroups(comcam/"rubin_association.csv", "diaObjectId")


def testLsstCamForcedPhotometry(shared, tmp_path):
    lsstcam = shared/"real"/"lsstcam-2025-12-31"
    output = str(tmp_path/"out")
    diaSources = make(lsstcam/"repo", output)
    ForcedDiaPhotTask.parseAndRun([output, "--id", "--no-versions", "--doraise"])
    butler = Butler(output)
    with open(lsstcam/"forced_stack_v23.csv") as stream:
        expected = list(csv.DictReader(stream))
    with open(lsstcam/"rubin_published.csv") as stream:
        published = {row["id"]: float(row["diaSource_psfFlux_nJy"]) for row in csv.DictReader(stream)}
    ratios = []
    for row in expected:
        forced = butler.get("forcedDIASource", visit=int(row["visit"]), raft=row["raft"],
                            sensor=row["sensor"], immediate=True)
        owner = diaSources["diaObjectId"][diaSources["id"] == int(row["id"])][0]
        assert (diaSources["diaObjectId"] == owner).sum() == 1
        mine = forced["diaObjectId"] == owner
        flux, error = (forced["base_PsfFlux_" + name][mine][0] for name in ("instFlux", "instFluxErr"))
        assert abs(flux - float(row["instFlux"])) < 1e-4*error
        assert error == pytest.approx(float(row["instFluxErr"]), rel=1e-5)
        assert forced["base_PsfFlux_flag"][mine][0] == bool(int(row["flag"]))
        assert forced["base_PsfFlux_flag_edge"][mine][0] == bool(int(row["flag_edge"]))
        ratios.append(flux/published[row["id"]])
    # The cuts lack the wings of the PSF, hence not 1 exactly.
    assert np.median(ratios) == pytest.approx(1.010, abs=0.002)
    print(f"forced flux on the cuts / published flux: median {np.median(ratios):.4f}")
