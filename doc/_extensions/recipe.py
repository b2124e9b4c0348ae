# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The directive ``recipe``: commands that are run when the page is built, and what they print.

sphinxcontrib-programoutput runs commands after Sphinx has looked for the pictures of a page, so that a page
cannot show the pictures that its commands draw.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from shownOutput import shorten

PACKAGE = pathlib.Path(__file__).parents[2]


class Recipe(Directive):
    """Run what stands in it, ``bash`` or ``python``, and show both it and its output.

    The recipes of a page run one after the other in a directory
    ``_build/<page>``, which is empty for the first. Where one fails, so does
    the page. The option ``last`` bounds how many lines of output are shown;
    warnings and errors before them are shown all the same, and how fast a
    command was on the machine that built the page is not.
    """

    optional_arguments = 1
    has_content = True
    option_spec = {"last": directives.nonnegative_int}

    def run(self):
        """Return the nodes of the commands and of their output."""
        language = self.arguments[0] if self.arguments else "bash"
        code = "\n".join(self.content)
        interpreter = {"bash": ["bash", "-eu"], "python": [sys.executable]}[language]
        result = subprocess.run([*interpreter, "-c", code], cwd=self._directory(), env=_environment(),
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode:
            raise self.error(f"The recipe fails with {result.returncode}: {code}\n{result.stdout}")
        shown = [nodes.literal_block(code, code, language=language)]
        output = self._shorten(result.stdout)
        if output:
            shown.append(nodes.literal_block(output, output, language="text", classes=["recipe-output"]))
        return shown

    def _directory(self):
        """Return where the page's recipes run; for the first one make it anew (`pathlib.Path`)."""
        env = self.state.document.settings.env
        directory = pathlib.Path(env.srcdir)/"_build"/env.docname
        if not env.temp_data.get("recipe"):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            env.temp_data["recipe"] = True
        return directory

    def _shorten(self, output):
        """Return the last lines of the output, without the paths of this machine (`str`)."""
        for path in (self._directory(), pathlib.Path(sys.executable).parent):
            output = output.replace(f"{path}/", "")
        return shorten(output.rstrip().splitlines(), self.options.get("last"))


def _environment():
    """Return the environment in which a package that is set up finds its commands (`dict`)."""
    commands = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": commands, "DIA_REPRO_DIR": str(PACKAGE), "MPLBACKEND": "Agg"}


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_directive("recipe", Recipe)
    return {"parallel_read_safe": False}
