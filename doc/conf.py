# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How Sphinx builds the site: in the style of Rubin's packages, and without the network."""

import pathlib
import sys

from documenteer.conf.pipelinespkg import *  # noqa: F403

sys.path.insert(0, str(pathlib.Path(__file__).parent/"_extensions"))

project = "dia_repro"
copyright = "The dia_repro developers"
html_title = html_short_title = project
html_theme_options["logo"]["text"] = project  # noqa: F405

# Notebooks, videos, REST interfaces and redirects: the site has none of them. Types are in the docstrings,
# with shapes and units, and need no second list.
_UNUSED = {"myst_nb", "sphinxcontrib.redoc", "sphinxcontrib.youtube", "sphinxext.rediraffe",
           "documenteer.ext.openapi", "sphinx_autodoc_typehints"}
extensions = [name for name in extensions if name not in _UNUSED]  # noqa: F405
extensions += ["sphinx.ext.autosummary", "felisTable", "recipe", "taskPages"]

# Links into other projects would need their inventories from the network.
intersphinx_mapping = {}

exclude_patterns += ["_extensions", "_templates"]  # noqa: F405
templates_path += ["_templates"]  # noqa: F405
html_static_path += ["_static"]  # noqa: F405
html_css_files += ["site.css"]  # noqa: F405

# An attribute of a class is in its list of attributes, not an entry of its own beside it.
napoleon_use_ivar = True

# The name of a module is at the top of its page.
add_module_names = False

_COLON = "\0"

# In docstrings |flux| is what it is in formulas.
rst_epilog += "\n.. |flux| replace:: \\|flux\\|\n"  # noqa: F405


def setup(app):
    """Keep napoleon from taking what stands before a colon, in the text of an option, for a type."""
    # Napoleon has the priority 500.
    app.connect("autodoc-process-docstring", _hideColons, priority=400)
    app.connect("autodoc-process-docstring", _showColons, priority=600)


def _hideColons(app, what, name, obj, options, lines):
    if what == "attribute":
        lines[:] = [line.replace(":", _COLON) for line in lines]


def _showColons(app, what, name, obj, options, lines):
    lines[:] = [line.replace(_COLON, ":") for line in lines]
