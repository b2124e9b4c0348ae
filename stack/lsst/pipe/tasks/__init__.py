# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the Gen2 butler needs of `lsst.pipe.tasks`: the type of Parquet datasets."""

from lsst import _noMixing
