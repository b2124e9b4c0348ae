# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The real stack's forced photometry of its own images, and how far ours is from it, column by column."""

import dataclasses
import pathlib

import fitsio
import numpy as np
from forced import DIA_PLUGINS, MORE_PLUGINS, makeReferences, makeTask, measure

import lsst.afw.image as afwImage

DATA = pathlib.Path(__file__).parents[1]/"data" / "stack-v23"
SHARED = pathlib.Path(__file__).parents[4] / "shared" / "stack-v23"
SINC_RADII = ("3_0", "4_5", "6_0", "9_0")
LOCAL_WCS = tuple(f"base_LocalWcs_CDMatrix_{i}_{j}" for i in (1, 2) for j in (1, 2))


def listImages():
    """Return (root, name) of the images whose expected catalog is there, preferably of the small copy."""
    folders = (root / "expected" / "forced" for root in (DATA, SHARED))
    names = {path.stem for folder in folders for path in folder.glob("v*-S??.fits")}
    return [(DATA if findImage(DATA, name).exists() else SHARED, name) for name in sorted(names)]


def findImage(root, name):
    """Return the path of an image."""
    visit, band, raft, sensor = name.split("-")
    return root / "repo" / "deepDiff" / f"{visit}-{band}" / raft / f"diffexp-{sensor}.fits"


def readExpected(path):
    """Read a catalog with the library alone: columns, and flags by name."""
    with fitsio.FITS(path) as hdus:
        header, table = hdus[1].read_header(), hdus[1].read()
    flags, i = {}, 1
    while f"TFLAG{i}" in header:
        flags[header[f"TFLAG{i}"].strip()] = table["flags"][:, i - 1].astype(bool)
        i += 1
    return table, flags


def makeFullTask():
    """Make a task with all plugins that the real stack ran."""
    return makeTask(DIA_PLUGINS + MORE_PLUGINS)


def measureImage(task, root, name):
    """Return our catalog, the expected columns and flags, and the image."""
    expected, flags = readExpected(root / "expected" / "forced" / f"{name}.fits")
    reference = fitsio.read(root / "expected" / "reference.fits", ext=1)
    rows = np.searchsorted(reference["id"], expected["diaObjectId"])
    columns = (reference[column][rows] for column in ("id", "coord_ra", "coord_dec"))
    exposure = afwImage.ExposureF(str(findImage(root, name)))
    return measure(task, exposure, makeReferences(*columns)), expected, flags, exposure


@dataclasses.dataclass(frozen=True)
class Difference:
    """How far a column is from the real stack's."""

    unit: str
    """What ``value`` is in: sigma, relative, pixel or number of rows."""

    value: float
    """Largest difference; infinite if one of both is NaN or infinite where the other is not."""

    limit: float
    """Largest difference that is allowed."""


def compare(catalog, expected, flags):
    """Compare all columns but the IDs, which are made by whoever calls the task.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        Our measurements.
    expected : `numpy.ndarray`
        Columns of the real stack.
    flags : `dict` [`str`, `numpy.ndarray`]
        Flags of the real stack.

    Returns
    -------
    differences : `dict` [`str`, `Difference`]
        Difference of each column and flag.
    """
    differences = {
        name: _compareColumn(np.asarray(catalog[name]), name, expected)
        for name in expected.dtype.names
        if name not in ("id", "flags", "footprint")
    }
    for name, values in flags.items():
        differences[name] = Difference("rows", int(np.count_nonzero(catalog[name] != values)), 0)
    return differences


def _compareColumn(ours, name, expected):
    theirs = expected[name]
    if theirs.dtype.kind in "iub":
        return Difference("rows", int(np.count_nonzero(ours != theirs)), 0)
    unit, scale, limit = _findScale(name, expected)
    rows = findSane(expected) if name in LOCAL_WCS else np.ones(len(theirs), dtype=bool)
    ours, theirs, scale = (values[rows].astype(float) for values in (ours, theirs, scale))
    finite = np.isfinite(theirs)
    if not np.array_equal(np.isfinite(ours), finite) or not np.array_equal(
        ours[~finite], theirs[~finite], equal_nan=True
    ):
        return Difference(unit, np.inf, limit)
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = np.abs(ours - theirs)[finite] / scale[finite]
    return Difference(unit, float(np.nanmax(offset, initial=0.0)), limit)


def _findScale(name, expected):
    """Return the unit of the differences of a column, its size in each row, and the limit."""
    size = np.abs(expected[name])
    if name.endswith("_instFlux"):
        error = expected[name + "Err"]
        isSinc = "CircularAperture" in name and name.split("Flux_")[1].startswith(SINC_RADII)
        return "sigma", np.where(np.isfinite(error), error, size), 1e-3 if isSinc else 1e-4
    if name in LOCAL_WCS:
        return "relative", np.max([np.abs(expected[other]) for other in LOCAL_WCS], axis=0), 1e-7
    if name in ("base_SdssShape_xx", "base_SdssShape_yy", "base_SdssShape_xy"):
        return "relative", expected["base_SdssShape_xx"] + expected["base_SdssShape_yy"], 1e-4
    if name.startswith("base_SdssShape_psf_"):
        return "relative", expected["base_SdssShape_psf_xx"] + expected["base_SdssShape_psf_yy"], 1e-4
    if name.endswith(("_x", "_y")):
        return "pixel", np.ones(len(size)), 1e-4
    return "relative", size, 1e-4


def findSane(expected):
    """Tell the rows in which the real stack has a local WCS.

    Its derivatives, which AST estimates, fail once in these images: all zeros.
    """
    return np.all([expected[name] != 0 for name in LOCAL_WCS], axis=0)
