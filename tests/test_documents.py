# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The files and folders that the documents at the top name are where they say."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT/"python"/"lsst"/"dia"/"repro"


def namedPaths(text):
    """Return what a document names as a file or folder of the repository (`set` of `str`)."""
    links = re.findall(r"\]\(([^):]+)\)", text)
    quoted = [part for span in re.findall(r"`([^`\n]+)`", text) for part in span.split()]
    # Names in capitals stand for others; lsst/ is where things are installed.
    return set(links) | {part for part in quoted if re.fullmatch(r"\w+/[\w./]*", part)
                         and not re.search(r"\b[A-Z]+\b|^lsst/", part)}


def isThere(name):
    return any((folder/name).exists() for folder in (ROOT, PACKAGE))


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def testNamedPathsAreThere(document):
    assert [name for name in sorted(namedPaths((ROOT/document).read_text())) if not isThere(name)] == []


def testPathsAreSeen():
    text = "`association/lost.py`, `config/`, `make test`, [this](stack/lost.md), not `schemas/PRODUCT.yaml`"
    assert namedPaths(text) == {"association/lost.py", "config/", "stack/lost.md"}
    assert not isThere("association/lost.py")


def testReadmeTellsOfEveryFolder():
    text = (ROOT/"README.md").read_text()
    folders = [path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    assert len(folders) >= 5
    assert [name for name in folders if f"`{name}/`" not in text] == []


def testTheSiteHasAllPagesOfTheSlice():
    """The build fails for a page that no table of contents lists."""
    pages = {path.stem for path in (ROOT/"stack"/"doc").glob("*.rst")}
    assert set(re.findall(r"gen2-slice/(\w[\w-]*)", (ROOT/"doc"/"slice.rst").read_text())) == pages
