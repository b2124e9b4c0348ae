# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write a page for each task and configuration that the tasks of the commands are made of.

The pages of the tasks link to them. They follow the code: a new subtask or associator has its page without
more.
"""

import pathlib
import shutil

from lsst.dia.repro import DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.pex.config import ConfigField, ConfigurableField, RegistryField

FOLDER = pathlib.PurePath("lsst.dia.repro", "subtasks")

_PACKAGE = "lsst.dia.repro."

_SECTIONS = {
    "task": [("Python API summary", "task-api-summary"), ("Retargetable subtasks", "task-config-subtasks"),
             ("Configuration fields", "task-config-fields")],
    "config": [("Configuration fields", "config-fields")],
}


def findParts(configClass):
    """Return the tasks and configurations that a configuration names, and theirs (`set` of `type`).

    What is not of this package is there, but not its parts.
    """
    found = set()
    for field in configClass._fields.values():
        if isinstance(field, ConfigurableField):
            found.add(field.target)
        elif isinstance(field, RegistryField):
            found.update(field.registry.values())
        elif isinstance(field, ConfigField):
            found.add(field.dtype)
    for part in list(found):
        if part.__module__.startswith(_PACKAGE):
            found |= findParts(getattr(part, "ConfigClass", part))
    return found


def writePages(app):
    """Write the pages anew."""
    folder = pathlib.Path(app.srcdir)/FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for task in (DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask):
        for part in findParts(task.ConfigClass):
            (folder/f"{_fullName(part)}.rst").write_text(_page(part))


def _fullName(part):
    return f"{part.__module__}.{part.__qualname__}"


def _page(part):
    """Return the text of a page (`str`)."""
    name = _fullName(part)
    kind = "task" if hasattr(part, "ConfigClass") else "config"
    text = [f".. lsst-{kind}-topic:: {name}", "", *_title(part.__name__, "#"),
            f"Module ``{part.__module__}``.", ""]
    # The parts of LSST's own tasks have their pages elsewhere.
    for title, directive in _SECTIONS[kind] if name.startswith(_PACKAGE) else _SECTIONS[kind][:1]:
        text += [*_title(title, "="), f".. lsst-{directive}:: {name}", ""]
    return "\n".join(text)


def _title(text, line):
    return [text, line*len(text), ""]


def setup(app):
    """Tell Sphinx when to write the pages."""
    app.connect("builder-inited", writePages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
