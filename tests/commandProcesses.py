# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Run commands in processes that need not import what they stand on.

They are forks of one that has imported it, since Python and the imports take most of the time of a small run.
"""

import multiprocessing
import os
import pathlib
import runpy
import subprocess
import sys
import tempfile

#: Imported once; what is not installed, or not listed, is imported by the commands that want it.
MODULES = [
    "bokeh.embed", "bokeh.plotting", "jinja2", "lsst.ctrl.mpexec.cli.cmd", "lsst.ctrl.mpexec.cli.pipetask",
    "lsst.ctrl.mpexec.cli.script", "lsst.daf.butler.direct_butler",
    "lsst.dia.repro.association.diaObjectMaker", "lsst.dia.repro.commandLine.gen2Classes",
    "lsst.dia.repro.forced.forcedDiaPhot", "lsst.dia.repro.gen3.convertDiaRepo",
    "lsst.dia.repro.gen3.forcedDiaPhotPipeline", "lsst.dia.repro.imageFiles.forcedLightCurves",
    "lsst.dia.repro.lightCurves.diaLightCurves", "lsst.dia.repro.prompt.diaPrompt",
    "lsst.dia.repro.report.diaReport", "lsst.dia.repro.report.surveyReport",
    "lsst.dia.repro.simulate.command", "lsst.dia.repro.simulate.gen2Repository", "lsst.meas.algorithms",
    "matplotlib.backends.backend_agg", "numba"]

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(MODULES)


def runInFork(path, *args, timeout=300):
    """Run a Python script in a process of its own.

    Parameters
    ----------
    path : `pathlib.Path`
        The script.
    *args : `object`
        Its arguments.
    timeout : `float`, optional
        Seconds after which it is killed.

    Returns
    -------
    done : `subprocess.CompletedProcess`
        Its exit status and texts.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder)/name for name in ("stdout", "stderr")]
        words = [str(path), *map(str, args)]
        process = CONTEXT.Process(target=runHere, args=(words, dict(os.environ), files))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(words, timeout)
        return subprocess.CompletedProcess(words, process.exitcode, *(file.read_text() for file in files))


def runHere(words, environment, files):
    """Run a script in this process, as Python would."""
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.argv = words
    sys.path[0] = os.path.dirname(words[0])
    runpy.run_path(words[0], run_name="__main__")
