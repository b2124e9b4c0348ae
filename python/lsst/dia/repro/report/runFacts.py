# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What was run to make what a report is of."""

from __future__ import annotations

__all__ = ["findWarnings", "makeRunFacts"]

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsst.pipe.base import Struct

from ..forced.missingFluxReasons import Reason
from ..inputFiles import Inputs
from ..provenance import Fingerprint
from .imageStatistics import FLAGGED, describeReason
from .reportInputs import ReportInputs
from .surveyImages import SurveyImages, nameImage

#: What light curves are made of, a catalog an image.
FORCED = "forcedDIASource"

#: How many data IDs are named.
MAX_NAMED = 20


def makeRunFacts(inputs: ReportInputs, images: SurveyImages, summary: Struct) -> list[tuple[str, str]]:
    """Tell what was run.

    Parameters
    ----------
    inputs : `ReportInputs`
        What the report is made of.
    images : `SurveyImages`
        The images.
    summary : `lsst.pipe.base.Struct`
        What `ImageStatistics.summarize` returned.

    Returns
    -------
    facts : `list` [`tuple` [`str`, `str`]]
        Names and values.
    """
    facts = [("Warning", text) for text in findWarnings(inputs.made)]
    facts += _countAll(inputs, images, summary)
    described = {dataset: _describe(made) for dataset, made in _withMakers(inputs.made).items()}
    for name in ("made by", "versions", "options", "inputs", "positions"):
        facts += _mergeDatasets(name, {dataset: each[name] for dataset, each in described.items()})
    return facts


def _countAll(inputs: ReportInputs, images: SurveyImages, summary: Struct) -> list[tuple[str, str]]:
    """Return the numbers of what there is."""
    measured, flagged = int(summary.measured.sum()), int(summary.nFlagged.sum())
    counts: list[tuple[str, Any]] = [
        ("Images", len(images)), ("DIAObjects with a light curve", inputs.summary.nRows),
        ("Forced measurements", inputs.curves.nRows), ("- with a flux", measured)]
    if flagged:
        byFlag = ", ".join(f"{name} {number:,}" for name, number in summary.byFlag.items() if number)
        counts.append((f"- of these {FLAGGED}", f"{flagged:,} ({100*flagged/measured:.1f} %): {byFlag}"))
    for code, number in enumerate(summary.byReason.sum(axis=0).tolist()):
        if number and code != Reason.MEASURED:
            counts.append((f"- without one: {describeReason(code)}", number))
    for name, catalog in (("DIAObjects", inputs.diaObjects), ("Rows of DIASources", inputs.diaSources)):
        counts.append((name, "none are here" if catalog is None else len(catalog)))
    return [(name, f"{count:,}" if isinstance(count, int) else count) for name, count in counts]


def _describe(made: Fingerprint) -> dict[str, str]:
    """Return what is known of how a dataset was made; nothing for what is not."""
    inputs = ""
    if made.inputs.count:
        inputs = (f"{made.inputs.count:,} data IDs, {made.inputs.nBytes/1e6:,.1f} MB, "
                  f"digest {made.inputs.digest}")
    return {"made by": made.task, "versions": made.versions,
            "options": made.config and f"digest {made.config}", "inputs": inputs,
            "positions": str(made.positions or "")}


def _mergeDatasets(name: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a row for each value, named after the datasets that have it."""
    groups = _groupBy((value, dataset) for dataset, value in values.items() if value)
    return [(f"{', '.join(datasets)} {name}", value) for value, datasets in groups.items()]


def findWarnings(made: Mapping[str, Fingerprint]) -> list[str]:
    """Say where datasets do not belong together, or lack data.

    Parameters
    ----------
    made : `dict` [`str`, `Fingerprint`]
        What made each dataset.

    Returns
    -------
    warnings : `list` [`str`]
        What a good run has none of.
    """
    lacking = _groupBy((_nameFailed(each), dataset) for dataset, each in made.items() if each.failed)
    warnings = [f"{', '.join(datasets)} could not use {failed}" for failed, datasets in lacking.items()]
    everything = _withMakers(made)
    versions = _groupBy((each.versions, dataset) for dataset, each in everything.items())
    if len(versions) > 1:
        warnings.append("The datasets were made with different versions: " + _describeGroups(versions))
    options = _groupBy((f"digest {each.config}", dataset) for dataset, each in everything.items()
                       if dataset not in made)
    if len(options) > 1:
        warnings.append("The images were measured with different options: " + _describeGroups(options))
    positions = _groupBy((str(each.positions), dataset) for dataset, each in made.items() if each.positions)
    if len(positions) > 1:
        warnings.append("The datasets are of different positions: " + _describeGroups(positions))
    return warnings


def _withMakers(made: Mapping[str, Fingerprint]) -> dict[str, Fingerprint]:
    """Return what made the datasets, and what made the forced catalogs that light curves are of."""
    makers = next((each.makers for each in made.values() if each.makers), ())
    return {**made, **{
        FORCED if len(makers) == 1 else f"{FORCED} ({place}: {maker.number:,} images)":
        Fingerprint(maker.task, Inputs(0, 0, "", ""), maker.config, maker.versions)
        for place, maker in enumerate(makers, 1)}}


def _nameFailed(made: Fingerprint) -> str:
    """Return the data IDs that could not be used, not too many of them."""
    failed = [nameImage(dataId) for dataId in made.failed]
    if len(failed) > MAX_NAMED:
        failed[MAX_NAMED:] = [f"and {len(failed) - MAX_NAMED:,} more"]
    return "; ".join(failed)


def _groupBy(pairs: Iterable[tuple[Any, str]]) -> dict[Any, list[str]]:
    groups: dict[Any, list[str]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(name)
    return groups


def _describeGroups(groups: Mapping[Any, Sequence[str]]) -> str:
    return "; ".join(f"{', '.join(names)} with {key}" for key, names in groups.items())
