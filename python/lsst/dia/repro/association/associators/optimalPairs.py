# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The choice of pairs, none of whose sides is used twice, at the least cost."""

from __future__ import annotations

__all__ = ["assign"]

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from ...friendsOfFriends import joinPairs
from ...segments import findRuns, splitByGroup

#: About how many pairs are solved at a time.
SIZE = 1000


def assign(source: np.ndarray, candidate: np.ndarray, cost: np.ndarray, costOfNone: float) -> np.ndarray:
    """Choose pairs so that no source and no candidate is used twice.

    The sum of the costs of the chosen pairs, plus ``costOfNone`` for every
    source without one, is the least possible.

    Parameters
    ----------
    source, candidate : `numpy.ndarray`, (P,)
        The pairs, as integers from 0; sorted by source.
    cost : `numpy.ndarray`, (P,)
        Cost of each pair, from 0 to ``costOfNone``.
    costOfNone : `float`
        Cost of leaving a source alone.

    Returns
    -------
    chosen : `numpy.ndarray`
        Indices of the chosen pairs, sorted.
    """
    # No pair costs more than none, so that one without rivals is always taken.
    rest = np.flatnonzero(_isContested(source, candidate))
    isChosen = np.ones(len(source), dtype=bool)
    isChosen[rest] = False
    if len(rest):
        isChosen[rest[_chooseContested(source[rest], candidate[rest], cost[rest], costOfNone)]] = True
    return np.flatnonzero(isChosen)


def _isContested(source: np.ndarray, candidate: np.ndarray) -> np.ndarray:
    """Tell the pairs whose source or candidate has another pair."""
    if not len(source):
        return np.zeros(0, dtype=bool)
    return (np.bincount(source)[source] > 1) | (np.bincount(candidate)[candidate] > 1)


def _chooseContested(source: np.ndarray, candidate: np.ndarray, cost: np.ndarray,
                     costOfNone: float) -> np.ndarray:
    """Return the indices of the chosen ones of contested pairs."""
    if cost.max() >= costOfNone:
        # Ties with none are for the solver to break, which sees all that is contested.
        return _solve(source, candidate, cost, costOfNone)
    starts, _ = findRuns(source)
    row = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(source)))
    isCheapest = cost == np.minimum.reduceat(cost, starts)[row]
    best = np.minimum.reduceat(np.where(isCheapest, np.arange(len(row)), len(row)), starts)
    isWanted = np.bincount(candidate[best], minlength=int(candidate.max()) + 1) > 1
    # Where no two sources want the same, all get what is cheapest.
    if not isWanted.any():
        return best
    if len(source) <= SIZE:
        return _solve(source, candidate, cost, costOfNone)
    # The solver sees those who do and what hangs together with them, little by little, since its time grows
    # with the square of the number.
    candidates, column = np.unique(candidate, return_inverse=True)
    component = joinPairs(row, len(starts) + column, len(starts) + len(candidates))
    isHard = np.zeros(len(component), dtype=bool)
    isHard[component[len(starts):][isWanted[candidates]]] = True
    hard = np.flatnonzero(isHard[component[row]])
    solved = [rows[_solve(source[rows], candidate[rows], cost[rows], costOfNone)]
              for rows in (hard[part] for part, _ in splitByGroup(component[row[hard]], SIZE))]
    return np.concatenate([best[~isHard[component[:len(starts)]]], *solved])


def _solve(source: np.ndarray, candidate: np.ndarray, cost: np.ndarray, costOfNone: float) -> np.ndarray:
    """Solve the hard part; return the indices of the chosen pairs."""
    sources, row = np.unique(source, return_inverse=True)
    candidates, column = np.unique(candidate, return_inverse=True)
    n, m = len(sources), len(candidates)
    # Each source gets a column of its own that stands for "none". One is added
    # to all costs, since a sparse matrix takes zero for no entry; all sources get a column, so that the
    # best choice stays the best.
    weights = coo_matrix(
        (np.append(cost, np.full(n, costOfNone)) + 1,
         (np.append(row, np.arange(n)), np.append(column, m + np.arange(n)))),
        shape=(n, n + m)).tocsr()
    rows, columns = min_weight_full_bipartite_matching(weights)
    partner = np.empty(n, dtype=np.int64)
    partner[rows] = columns
    return np.flatnonzero(partner[row] == column)
