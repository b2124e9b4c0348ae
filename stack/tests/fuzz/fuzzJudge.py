# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What came of reading one file."""

import logging
import os
import pathlib
import resource
import sys
import tempfile
import traceback
import warnings

from fuzzCorpus import STORED_CONFIG
from fuzzMutations import CANARY
from fuzzReaders import READERS, Digest, documentedErrors

OUTCOMES = {
    "read": "read without complaint",
    "warned": "read, with a warning",
    "error": "a documented exception that names the file",
    "unnamed": "a documented exception that does not say which file",
    "exception": "another exception",
    "silent": "content went missing without a word",
    "memory": "asked for too much memory",
    "hang": "took too long",
    "crash": "the process died",
    "code": "ran or imported what the file named",
    "outside": "wrote outside of the repository",
}
FAULTS = ("unnamed", "exception", "silent", "memory", "hang", "crash", "code", "outside")
TEXTS = ("piff", "header", "ast", "policy", "storedConfig")
REPOSITORIES = ("repositoryCfg", "mapper", "registry", "repositoryPolicy", "parents")
MAX_MEMORY = 1 << 30  # growth of the process, bytes

_FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "subprocess.Popen",
              "pickle.find_class", "socket.connect")


class Watch(logging.Handler):
    """Notes warnings, and whether something ran that a file may not start."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.warnings = []
        self.events = []
        self.written = []
        self.isOn = False
        sys.addaudithook(self._audit)
        logging.getLogger().addHandler(self)

    def emit(self, record):
        self.warnings.append(record.getMessage())

    def _audit(self, event, args):
        if not self.isOn or event in ("pickle.find_class", "open") and _isOfCompiledCode():
            return
        # Programs in the files open one of that name in the working directory.
        isCanary = (event == "import" and CANARY in str(args[0]) or event == "open" and args[0] == CANARY
                    or event == "exec" and CANARY in repr((args[0].co_names, args[0].co_consts)))
        if event in _FORBIDDEN or isCanary:
            self.events.append(event)
        if event == "open" and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            self.written.append(os.path.realpath(args[0]))

    def __enter__(self):
        self.warnings.clear()
        self.events.clear()
        self.written.clear()
        self.isOn = True
        return self

    def __exit__(self, *args):
        self.isOn = False


def _isOfCompiledCode():
    """Tell whether it is about the code of loops that is kept on disk, which no file names."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") != "lsst._compiled":
        frame = frame.f_back
    return frame is not None


class Judge:
    """Reads files and says what came of it.

    Parameters
    ----------
    folder : `pathlib.Path`
        Where to put the files.
    """

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._watch = Watch()
        self._whole = {}

    def judge(self, kind, seedName, data, original=None):
        """Read a file.

        Parameters
        ----------
        kind : `str`
            Kind of the file, a key of `READERS`.
        seedName : `str`
            Name of the undamaged file.
        data : `bytes`
            The damaged file.
        original : `bytes`, optional
            The undamaged file, if nothing but a loss was done to it.

        Returns
        -------
        outcome : `str`
            A key of `OUTCOMES`.
        detail : `str`
            The exception, or the warning.
        """
        outcome, detail, digest = self._read(kind, seedName, data)
        if outcome == "read" and original is not None and kind not in TEXTS + REPOSITORIES:
            if (kind, seedName) not in self._whole:
                self._whole[kind, seedName] = self._read(kind, seedName, original)[2]
            if digest != self._whole[kind, seedName]:
                return "silent", "content differs"
        return outcome, detail

    def _place(self, kind, seedName, data, folder):
        """Write a file where it belongs."""
        path = folder/(seedName if kind in REPOSITORIES or kind == "storedConfig" else f"seed@{seedName}")
        if kind == "registry":
            (folder/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper")
        if kind == "storedConfig":
            (folder/"repositoryCfg.yaml").write_text(STORED_CONFIG)
        path.write_bytes(data)
        return str(path)

    def _read(self, kind, seedName, data):
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = self._place(kind, seedName, data, pathlib.Path(folder))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            digest = Digest()
            with self._watch as watch, warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                outcome, detail = _attempt(kind, path, digest, [folder, os.path.basename(path)])
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)*1024
            if watch.events:
                return "code", str(watch.events), ""
            inside = os.path.realpath(folder) + "/"
            outside = [name for name in watch.written if not (name + "/").startswith(inside)]
            if outside and kind in (*REPOSITORIES, "piff"):
                return "outside", outside[0], ""
            if grown > MAX_MEMORY:
                return "memory", f"{grown >> 20} MiB", ""
            if outcome == "read" and (watch.warnings or caught):
                messages = watch.warnings + [str(warning.message) for warning in caught]
                return "warned", messages[0], digest.text()
            return outcome, detail, digest.text()


def _attempt(kind, path, digest, names):
    try:
        READERS[kind](path, digest)
    except MemoryError:
        return "memory", "MemoryError " + _where()
    except documentedErrors(kind) as err:
        text = str(err)
        if isinstance(err, AttributeError) and "is not known to the mapper" not in text:
            return "exception", f"AttributeError: {text[:200]} {_where()}"
        # What makes a WCS of a header or of a text does not know the file.
        isNamed = kind in ("ast", "header") or any(name in text for name in names) or kind == "mapper"
        where = "" if isNamed else _where()
        return "error" if isNamed else "unnamed", f"{type(err).__name__}: {text[:300]} {where}"
    except Exception as err:
        return "exception", f"{type(err).__name__}: {str(err)[:200]} {_where()}"
    return "read", ""


def _where():
    """Return where the exception that is being handled was raised."""
    frames = [frame for frame in traceback.extract_tb(sys.exc_info()[2]) if "/fuzz/" not in frame.filename]
    return " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in frames[:-5:-1])
