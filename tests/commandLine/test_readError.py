# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What is said of a dataset that cannot be used."""

import pytest
from lsst.dia.repro.commandLine.readError import describeReadError

# As exceptions of the stack's C++ look in Python.
TRACE = """
  File "src/table/io/FitsReader.cc", line 59, in void lsst::afw::table::io::read()
    No rows; file is corrupt. {0}
lsst::pex::exceptions::LengthError: 'No rows; file is corrupt.'
"""


class Reference:
    def getUri(self, dataset):
        if dataset != "catalog":
            raise RuntimeError("no such dataset")
        return "repo/catalog-S11.fits"


@pytest.mark.parametrize("error, dataset, expected", [
    (RuntimeError(TRACE), "catalog",
     "repo/catalog-S11.fits: lsst::pex::exceptions::LengthError: 'No rows; file is corrupt.'"),
    (ValueError("two\n  lines"), "catalog", "repo/catalog-S11.fits: two lines"),
    (OSError("/data/repo/catalog-S11.fits is empty"), "catalog", "/data/repo/catalog-S11.fits is empty"),
    (KeyError(), "catalog", "repo/catalog-S11.fits: KeyError"),
    (ValueError("lost"), "image", "lost"),
])
def testDescription(error, dataset, expected):
    assert describeReadError(error, Reference(), dataset) == expected
