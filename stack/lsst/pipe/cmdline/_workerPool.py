# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Runs a function on many items in several processes."""

import collections
import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys
import time
from multiprocessing.reduction import ForkingPickler

__all__ = ["mapInProcesses"]

_CHUNKS_PER_PROCESS = 4  # As multiprocessing.Pool.map, which v23 uses.
_LONGEST_WAIT = 3600  # Seconds; the system refuses to wait for weeks.
_PATIENCE = 60  # Seconds that a process has to clean up after its work.


def mapInProcesses(function, items, numProcesses, timeout, onLost):
    """Call a function with each item, in forked processes.

    Parameters
    ----------
    function : callable
        What to call; it is pickled.
    items : `list`
        Its arguments; they are pickled.
    numProcesses : `int`
        Number of processes at a time. One process serves a few items and then ends, which frees its
        memory.
    timeout : `float`
        Time for all items together (seconds).
    onLost : callable
        Called with each item that has no result in the end, and with the exit code of its process, `None`
        if there was no time; its value takes the result's place.

    Returns
    -------
    results : `list`
        What the function returned for each item, in order.

    Raises
    ------
    Exception
        What the function raised first.

    Notes
    -----
    `multiprocessing.Pool` would wait forever for a process that the system killed, as it does where memory
    is short, and `concurrent.futures.ProcessPoolExecutor` gives up: of 20 items it kept 4 when the process
    of the sixth was killed. Here such a process takes no more with it than the items that it had left.
    """
    size = -(-len(items) // (_CHUNKS_PER_PROCESS * numProcesses))
    waiting = collections.deque(range(i, min(i + size, len(items))) for i in range(0, len(items), size))
    end = time.monotonic() + timeout
    results, lost, workers = {}, dict.fromkeys(range(len(items))), {}
    sys.stdout.flush()
    try:
        while waiting or workers:
            while waiting and len(workers) < numProcesses:
                worker = _Worker(function, items, waiting.popleft())
                workers[worker.connection] = worker
            left = max(end - time.monotonic(), 0)
            ready = multiprocessing.connection.wait(list(workers), min(left, _LONGEST_WAIT))
            if not ready and left <= _LONGEST_WAIT:
                break
            for connection in ready:
                if not workers[connection].receive(results):
                    worker = workers.pop(connection)
                    lost.update(dict.fromkeys(worker.indices, worker.end(_PATIENCE)))
    finally:
        for worker in workers.values():
            worker.end()
    return [results[i] if i in results else onLost(item, lost[i]) for i, item in enumerate(items)]


class _Worker:
    """A process that serves some of the items.

    Parameters
    ----------
    function, items
        As `mapInProcesses` has them.
    indices : `range`
        The items to serve.
    """

    def __init__(self, function, items, indices):
        self.indices = indices
        # Forked processes inherit the log configuration, as on Linux with every Python that ran v23. What
        # they work with they get as if by mail: connections to databases must not be shared.
        context = multiprocessing.get_context("fork")
        mail = ForkingPickler.dumps((function, [items[i] for i in indices]))
        self.connection, other = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve, args=(mail, indices, other), daemon=True)
        self._process.start()
        other.close()

    def receive(self, results):
        """Store a result; return `False` if there is none to come."""
        try:
            index, error, value = self.connection.recv()
        except (EOFError, OSError):
            return False
        if error is not None:
            raise error
        results[index] = value
        return True

    def end(self, patience=0.0):
        """End the process, if it does not end by itself within some seconds; return its exit code."""
        self.connection.close()
        self._process.join(patience)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_PATIENCE)
            self._process.kill()
            self._process.join()
        return self._process.exitcode


class _Terminated(BaseException):
    """Unwinds the work of a process that has to end, so that no temporary files stay."""


def _terminate(number, frame):
    raise _Terminated


def _serve(mail, indices, connection):
    # Leave Ctrl-C, which reaches all processes, to the one that can end the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        _answer(mail, indices, connection)
    except _Terminated:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)


def _answer(mail, indices, connection):
    # The other end may be gone.
    with contextlib.suppress(BrokenPipeError):
        function, items = ForkingPickler.loads(mail)
        for index, item in zip(indices, items):
            try:
                answer = index, None, function(item)
            except Exception as error:
                connection.send((index, error, None))
                return
            connection.send(answer)
