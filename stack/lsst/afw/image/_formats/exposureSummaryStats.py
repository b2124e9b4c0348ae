# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summary statistics of exposures in archives: YAML, as bytes."""

import dataclasses

import yaml

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.typehandling._storableFormat import readBytes, writeBytes

from .._exposureSummaryStats import ExposureSummaryStats


def _write(stats, handle):
    writeBytes(yaml.safe_dump(dataclasses.asdict(stats), encoding="utf-8"), handle)


def _read(archive, catalogs):
    try:
        fields = yaml.safe_load(readBytes("ExposureSummaryStats", catalogs))
    except yaml.YAMLError as err:
        raise ValueError(f"the text is no YAML: {err}") from err
    return ExposureSummaryStats.model_validate(fields)


registerArchiveFormat(ExposureSummaryStats, "ExposureSummaryStats", "lsst.afw.image._exposureSummaryStats",
                      _read, _write)
