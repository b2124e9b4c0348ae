# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Compilation of inner loops with Numba.

Only modules with such loops import this, and those are imported where they are first used: Numba takes half
a second to import, which commands that measure nothing shall not wait for.
"""

__all__ = ["compiled"]

import contextlib
import hashlib
import logging
import os
import pickle

import numba
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

from lsst._partialFile import makePartial, publish

_LOG = logging.getLogger("lsst.compiled")

_LENGTH = hashlib.sha256().digest_size


def compiled(function=None, **options):
    """Compile a function when it is first called, and keep the code on disk if there is where.

    It does not hold Python's lock, so that `lsst._threads.runInThreads` can run it. Division by zero gives
    infinity or NaN, as in NumPy.

    Parameters
    ----------
    function : callable, optional
        The function. What it calls must be in its own file: only changes of that are noticed.
    **options
        More options of `numba.njit`.

    Returns
    -------
    compiled : callable
        The function, or a decorator if there is none.
    """
    if function is None:
        return lambda function: compiled(function, **options)
    # Wrappers to call it from C, which nobody does, would take a tenth of the time.
    dispatcher = numba.njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True, **options)(function)
    # Neither the package's folder nor the user's may be one to write to: each process compiles then.
    with contextlib.suppress(RuntimeError):
        dispatcher._cache = _CheckedFiles(function)
    return dispatcher


class _CheckedFiles(FunctionCache):
    """Compiled code on disk, a file for each signature and processor, which is checked when it is read.

    Numba's own files raise all sorts of errors if they are damaged. Its index gets on disk before the code
    does: where that fails, or two processes do it at once, it leads to code of another signature or source.
    """

    _hasWarned = False

    def load_overload(self, sig, target_context):
        """Return the code for a signature, `None` if there is none that is whole and of this source."""
        target_context.refresh()
        codegen = target_context.codegen()
        try:
            with open(self._path(sig, codegen), "rb") as stream:
                digest, content = stream.read(_LENGTH), stream.read()
        except OSError:
            return None
        if digest != self._digest(sig, codegen, content):
            return None
        return self._impl.rebuild(target_context, pickle.loads(content))

    def save_overload(self, sig, data):
        """Keep the code for a signature; what cannot be written is done without."""
        if not self._impl.check_cachable(data):
            return
        content = dumps(self._impl.reduce(data))
        try:
            _write(self._path(sig, data.codegen), self._digest(sig, data.codegen, content) + content)
        except OSError as error:
            if not _CheckedFiles._hasWarned:
                _CheckedFiles._hasWarned = True
                _LOG.warning("Compiled code cannot be kept in %s, so that each process compiles anew: %s",
                             self.cache_path, error.strerror)

    def _path(self, sig, codegen):
        """Return where the code is; that of an earlier source is replaced."""
        name = hashlib.sha256(repr((sig, codegen.magic_tuple())).encode()).hexdigest()[:16]
        return os.path.join(self.cache_path, f"{self._impl.filename_base}.{name}.nbc")

    def _digest(self, sig, codegen, content):
        """Return what tells code from that of anything else, and from itself if it is damaged."""
        origin = numba.__version__, self._impl.locator.get_source_stamp(), self._index_key(sig, codegen)
        return hashlib.sha256(repr(origin).encode() + content).digest()


def _write(path, content):
    partial = makePartial(path)
    try:
        with open(partial, "wb") as stream:
            stream.write(content)
        publish(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
