# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summary statistics of exposures in archives: YAML, as bytes."""

import dataclasses
import warnings

import yaml

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.typehandling._storableFormat import readBytes, writeBytes

from .._exposureSummaryStats import ExposureSummaryStats


def _write(stats, handle):
    writeBytes(yaml.safe_dump(dataclasses.asdict(stats), encoding="utf-8"), handle)


def _read(archive, catalogs):
    """Make an object of its YAML; fields of a newer stack are dropped with a warning."""
    values = yaml.safe_load(readBytes("ExposureSummaryStats", catalogs))
    known = {field.name for field in dataclasses.fields(ExposureSummaryStats)}
    unknown = sorted(set(values) - known)
    if unknown:
        warnings.warn(f"Could not read summary fields {unknown}. Please use a newer stack.",
                      FutureWarning, stacklevel=2)
    return ExposureSummaryStats(**{name: value for name, value in values.items() if name in known})


registerArchiveFormat(ExposureSummaryStats, "ExposureSummaryStats", "lsst.afw.image._exposureSummaryStats",
                      _read, _write)
