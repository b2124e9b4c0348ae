# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The files and folders that the documents name are where they say."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT/"python"/"lsst"/"dia"/"repro"
STACK = ROOT/"stack"

#: The documents of both houses, but for pages that are made from others.
DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "stack/README.md", "stack/CHANGELOG.md",
             *(str(path.relative_to(ROOT)) for folder in ("doc", "stack/doc")
               for path in sorted((ROOT/folder).rglob("*.rst"))
               if path.relative_to(ROOT).parts[1] not in ("_build", "_templates", "py-api"))]

#: What looks like a path of ours: one of Twinkles, where results lie in a repository, a collection.
ELSEWHERE = {"doc/Cookbook", "deepDiff/lightCurves", "LSSTSim/gen2"}


def namedPaths(text):
    """Return what a document names as a file or folder of the repository (`set` of `str`)."""
    links = re.findall(r"\]\(([^):#]+)\)", text)
    quoted = [part for span in re.findall(r"`+([^`\n]+)`+", text) for part in span.split()]
    # Names in capitals stand for others; lsst/ is where things are installed.
    return set(links) | {part for part in quoted if re.fullmatch(r"\w+/[\w./]*", part)
                         and not re.search(r"\b[A-Z]+\b|^lsst/", part)}


def isThere(name, document=ROOT/"README.md"):
    """Tell whether there is a file of that name, in a house of the document or beside it."""
    folders = [document.parent, ROOT, STACK if STACK in document.parents else PACKAGE]
    return any((folder/name).exists() for folder in folders)


@pytest.mark.parametrize("document", DOCUMENTS)
def testNamedPathsAreThere(document):
    path = ROOT/document
    names = namedPaths(path.read_text()) - ELSEWHERE
    assert [name for name in sorted(names) if not isThere(name, path)] == []


def testPathsAreSeen():
    text = ("``association/lost.py``, `config/`, `make test`, [this](stack/lost.md), not [that](#below) "
            "nor `schemas/PRODUCT.yaml`")
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
