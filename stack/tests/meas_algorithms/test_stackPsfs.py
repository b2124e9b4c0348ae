# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSFs in files of the real stack against what the real stack made of them."""

import copy
import pickle
from pathlib import Path

import fitsio
import numpy as np
import pytest

from lsst.afw.detection import Psf
from lsst.afw.image import ExposureFitsReader
from lsst.geom import Point2D
from lsst.meas.algorithms import CoaddPsf, WarpedPsf

COPY = Path(__file__).parents[1]/"data"/"stack-v23"
WHOLE = Path(__file__).parents[4]/"shared"/"stack-v23"


def findCases():
    """Return (exposure, expected images) of the copy and, where it is there, of the whole data set."""
    cases = {}
    for root in (COPY, WHOLE):
        for answer in root.glob("zoo/*.npz"):
            cases.setdefault(answer.stem, (answer.with_suffix(".fits"), answer))
        for answer in root.glob("expected/forced/*-psf.npz"):
            visit, band, raft, sensor, _ = answer.stem.split("-")
            folder = root/"repo"/"deepDiff"/f"{visit}-{band}"/raft
            cases.setdefault(answer.stem, (folder/f"diffexp-{sensor}.fits", answer))
    return {name: case for name, case in sorted(cases.items()) if case[0].exists()}


CASES = findCases()


@pytest.fixture(params=CASES)
def case(request):
    exposure, answer = CASES[request.param]
    with np.load(answer) as expected:
        yield ExposureFitsReader(str(exposure)).readPsf(), dict(expected), exposure


def peakError(image, expected):
    return np.abs(image - expected).max()/expected.max()


def test_oneByOne(case):
    psf, expected, _ = case
    for i in range(4):
        position = Point2D(*expected[f"xy{i}"])
        image = psf.computeImage(position)
        kernel = psf.computeKernelImage(position)
        assert tuple(image.getXY0()) == tuple(expected[f"image{i}_x0y0"])
        assert tuple(kernel.getXY0()) == tuple(expected[f"kernel{i}_x0y0"])
        assert peakError(image.array, expected[f"image{i}"]) < 1e-12
        assert peakError(kernel.array, expected[f"kernel{i}"]) < 1e-12
        assert psf.computeBBox(position) == kernel.getBBox()
        shape = psf.computeShape(position)
        np.testing.assert_allclose([shape.getIxx(), shape.getIyy(), shape.getIxy()], expected[f"shape{i}"],
                                   rtol=1e-9, atol=1e-9)
        if f"apflux3_{i}" in expected:
            flux = psf.computeApertureFlux(3.0, position)
            assert flux == pytest.approx(expected[f"apflux3_{i}"][0], rel=1e-12)


def test_allAtOnce(case):
    psf, expected, _ = case
    positions = np.array([expected[f"xy{i}"] for i in range(4)])
    images, xy0 = psf._computeImages(positions)
    kernels, kernelXy0 = psf._computeKernelImages(positions)
    shapes = psf._computeShapes(positions)
    for i in range(4):
        assert tuple(xy0[i]) == tuple(expected[f"image{i}_x0y0"])
        assert tuple(kernelXy0[i]) == tuple(expected[f"kernel{i}_x0y0"])
        assert peakError(images[i], expected[f"image{i}"]) < 1e-12
        assert peakError(kernels[i], expected[f"kernel{i}"]) < 1e-12
        np.testing.assert_allclose(shapes[i], expected[f"shape{i}"], rtol=1e-9, atol=1e-9)


def test_copiesAndStorage(case, tmp_path):
    psf, expected, original = case
    path = str(tmp_path/"psf.fits")
    psf.writeFits(path)
    position = Point2D(*expected["xy1"])
    for other in (psf.clone(), copy.deepcopy(psf), pickle.loads(pickle.dumps(psf)), Psf.readFits(path)):
        assert type(other) is type(psf)
        np.testing.assert_array_equal(other.computeImage(position).array, psf.computeImage(position).array)
    ours, theirs = _tables(path), _tables(original)
    for name, table in ours.items():
        assert name in theirs
        assert table == theirs[name], name


def _tables(path):
    """Return the columns of the archive tables in a file, by name of the stored class."""
    tables = {}
    with fitsio.FITS(str(path)) as fits:
        for hdu in fits:
            header = hdu.read_header()
            name = header.get("AR_NAME")
            # How long the strings of an AST object are depends on the version of AST.
            if name in (None, "SkyWcs", "TransformPoint2ToPoint2"):
                continue
            columns = [{key: header.get(f"{key}{i}") for key in ("TTYPE", "TFORM", "TDOC", "TUNIT", "TCCLS")}
                       for i in range(1, header["TFIELDS"] + 1)]
            tables.setdefault((name, len(columns)), columns)
    return tables


def test_kindsOfPsf():
    kinds = {type(ExposureFitsReader(str(exposure)).readPsf()).__name__ for exposure, _ in CASES.values()}
    expected = {"KernelPsf", "PcaPsf", "DoubleGaussianPsf", "SingleGaussianPsf", "GaussianPsf"}
    assert kinds >= expected


def test_coaddPsfComponents():
    if "coaddPsf" not in CASES:
        pytest.skip("shared/stack-v23/zoo is not here")
    psf = ExposureFitsReader(str(CASES["coaddPsf"][0])).readPsf()
    assert isinstance(psf, CoaddPsf)
    assert psf.getComponentCount() > 1
    weights = [psf.getWeight(i) for i in range(psf.getComponentCount())]
    assert all(weight > 0 for weight in weights)
    images, _ = psf._computeImages(np.array([[1e6, 1e6]]))
    assert np.isnan(images).all()


def test_warpedPsfWithoutDistortionIsThePsf():
    from lsst.afw.geom import makeTransform
    from lsst.geom import AffineTransform

    psf = ExposureFitsReader(str(CASES["pcaPsf"][0])).readPsf()
    warped = WarpedPsf(psf, makeTransform(AffineTransform()), "lanczos3", 0)
    position = Point2D(150.3, 230.2)
    image, expected = warped.computeKernelImage(position), psf.computeKernelImage(position)
    assert image.getBBox() == expected.getBBox()
    np.testing.assert_allclose(image.array, expected.array, rtol=0, atol=1e-15)
