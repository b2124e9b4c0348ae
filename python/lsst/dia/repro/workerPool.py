# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forked processes that serve targets, each with all that its parent had loaded."""

from __future__ import annotations

__all__ = ["mapInWorkers"]

import contextlib
import copy
import multiprocessing
import multiprocessing.connection
import pickle
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from .endings import TERMINATED_STATUS

#: Seconds; the system refuses to wait for weeks.
LONGEST_WAIT = 3600.0

#: Seconds that a process has to clean up after its work.
PATIENCE = 60.0


def mapInWorkers(function: Callable[[Any], Any], items: Sequence[Any], numWorkers: int, timeout: float,
                 onLost: Callable[[Any, int | None], Any]) -> Iterator[tuple[int, Any]]:
    """Call a function with each item, in forked processes.

    The workers are forked when the first result is asked for, have all that
    the caller had loaded by then, and keep it to the end.

    Parameters
    ----------
    function : callable
        What to call. It is inherited, not pickled.
    items : `list`
        Its arguments; they are inherited too.
    numWorkers : `int`
        Number of processes.
    timeout : `float`
        Time for all items together, seconds.
    onLost : callable
        Called with an item that has no result and with the exit code of the
        process that had it, `None` if there was no time; its value takes the
        place of the result.

    Yields
    ------
    index : `int`
        Which item.
    result : `object`
        What the function returned for it; results come as they are ready.

    Raises
    ------
    Exception
        Raised if the function raises: what it raised.

    Notes
    -----
    `multiprocessing.Pool` waits for ever for a process that the system
    killed, as it does where memory is short, and
    `concurrent.futures.ProcessPoolExecutor` gives up all that is left. Here
    such a process takes no more with it than the item in its hands, and
    another takes its place.
    """
    waiting = deque(range(len(items)))
    workers: dict[Any, _Worker] = {}
    end = time.monotonic() + timeout
    try:
        while waiting or workers:
            while waiting and len(workers) < numWorkers:
                worker = _Worker(function, items, waiting.popleft(), list(workers))
                workers[worker.connection] = worker
            left = max(end - time.monotonic(), 0.0)
            ready = multiprocessing.connection.wait(list(workers), min(left, LONGEST_WAIT))
            if not ready and left <= LONGEST_WAIT:
                break
            for connection in ready:
                worker = workers[connection]
                index = worker.index
                if not worker.receive():
                    del workers[connection]
                    yield index, onLost(items[index], worker.end())
                    continue
                # Before the caller does something with the result, so that the worker need not wait.
                if waiting:
                    worker.send(waiting.popleft())
                else:
                    del workers[connection]
                    worker.end()
                yield index, worker.result
        for index in [*(worker.index for worker in workers.values()), *waiting]:
            yield index, onLost(items[index], None)
    finally:
        _endAll(list(workers.values()))


class _Worker:
    """A process that serves items, one at a time.

    Parameters
    ----------
    function, items
        As `mapInWorkers` has them.
    index : `int`
        The first item to serve.
    others : `list` [`multiprocessing.connection.Connection`]
        The connections to the other processes.

    Attributes
    ----------
    connection : `multiprocessing.connection.Connection`
        Where its results come from.
    index : `int`
        The item that it has in hand.
    result : `object`
        What it made of the item before.
    """

    def __init__(self, function: Callable[[Any], Any], items: Sequence[Any], index: int,
                 others: list[multiprocessing.connection.Connection]) -> None:
        # What is in a buffer now would be written by both processes.
        sys.stdout.flush()
        sys.stderr.flush()
        context = multiprocessing.get_context("fork")
        self.connection, other = context.Pipe()
        self.result: Any = None
        parentsEnds = [*others, self.connection]
        self.process = context.Process(target=_serve, args=(function, items, other, parentsEnds), daemon=True)
        self.process.start()
        other.close()
        self.send(index)

    def send(self, index: int) -> None:
        """Hand it an item."""
        self.index = index
        # It may be gone, as `receive` will find.
        with contextlib.suppress(OSError):
            self.connection.send(index)

    def receive(self) -> bool:
        """Take its result; return `False` if there is none to come."""
        try:
            error, self.result = self.connection.recv()
        except (EOFError, OSError):
            return False
        if error is not None:
            raise error
        return True

    def end(self) -> int | None:
        """End the process, if it does not end by itself in time; return its exit code."""
        self.connection.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(PATIENCE)
            self.process.kill()
            self.process.join()
        return self.process.exitcode


def _endAll(workers: list[_Worker]) -> None:
    """End processes, whatever they do; they clean up at the same time."""
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.end()


def _serve(function: Callable[[Any], Any], items: Sequence[Any],
           connection: multiprocessing.connection.Connection,
           parentsEnds: list[multiprocessing.connection.Connection]) -> None:
    """Serve items until the parent closes its end, or is gone."""
    # While a copy of the parent's end is open, nobody learns that the parent has closed it.
    for end in parentsEnds:
        end.close()
    # Leave Ctrl-C, which reaches all processes, to the one that can end the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _unwind)
    with contextlib.suppress(EOFError, OSError):
        while True:
            answer = _answer(function, items[connection.recv()])
            try:
                connection.send(answer)
            except (AttributeError, TypeError, pickle.PicklingError) as error:
                connection.send((RuntimeError(f"Cannot return a result: {error}"), None))


def _answer(function: Callable[[Any], Any], item: Any) -> tuple[Exception | None, Any]:
    """Return what the function raised or returned."""
    try:
        return None, function(item)
    except Exception as error:
        # It loses its traceback on the way.
        sys.stderr.write(traceback.format_exc())
        sys.stderr.flush()
        return _copyable(error), None


def _copyable(error: Exception) -> Exception:
    """Return an exception that gets to the other process, where some cannot be built anew."""
    try:
        return copy.copy(error)
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _unwind(number: int, frame: FrameType | None) -> None:
    """End the work of this process through all its cleaning up."""
    raise SystemExit(TERMINATED_STATUS)
