# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Figures leave alone what their caller does with Matplotlib."""

import matplotlib
import numpy as np
import pytest
from astropy.table import Table
from lsst.dia.repro.association.associationFigure import drawAssociation
from lsst.dia.repro.lightCurves.lightCurveFigure import drawLightCurve
from lsst.dia.repro.simulate.scoreFigure import drawTrueLightCurves


def associationFigure(path):
    rng = np.random.default_rng(1)
    objects = {"coord_ra": rng.normal(0, 0.01, 9), "coord_dec": rng.normal(0, 0.01, 9),
               "nDiaSources": rng.integers(1, 5, 9)}
    sources = {"diaObjectId": [1, 1, 2], "separationSigma": [0.5, 1.0, 0.0]}
    drawAssociation(Table(objects), Table(sources), path)


def lightCurveFigure(path):
    curve = Table({"diaObjectId": [1]*4, "band": list("grry"), "midpointMjdTai": 59000.0 + np.arange(4),
                   "ra": [10.0]*4, "dec": [-20.0]*4, "psfDiffFlux": [900.0, 50.0, -20.0, 700.0],
                   "psfDiffFluxErr": [100.0]*4})
    drawLightCurve(curve, path, np.ones(4, dtype=bool), 5.0, [(0, np.zeros((5, 5)))])


def scoreFigure(path):
    curves = Table({"trueId": [3, 3], "diaObjectId": [7, 7], "filter": ["g", "r"], "mjd": [1.0, 2.0],
                    "trueFlux": [9.0, 8.0], "base_PsfFlux_flux": [9.5, 8.5],
                    "base_PsfFlux_fluxErr": [1.0, 1.0]})
    drawTrueLightCurves(curves, path)


@pytest.mark.parametrize("draw", [associationFigure, lightCurveFigure, scoreFigure])
def testBackendAndOpenFiguresAreUntouched(draw, tmp_path):
    before = matplotlib.get_backend()
    from matplotlib import pyplot

    try:
        pyplot.switch_backend("svg")
        figure, axis = pyplot.subplots()
        axis.plot([1, 2], [3, 4])
        draw(str(tmp_path/"drawn.png"))
        assert (tmp_path/"drawn.png").read_bytes().startswith(b"\x89PNG")
        assert matplotlib.get_backend() == "svg"
        assert pyplot.get_fignums() == [figure.number]
        assert pyplot.gcf() is figure and pyplot.gca() is axis and len(axis.lines) == 1
    finally:
        pyplot.close("all")
        pyplot.switch_backend(before)
