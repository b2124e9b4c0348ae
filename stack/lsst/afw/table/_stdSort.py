# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The order in which the C++ standard library's sort leaves equal elements.

``std::sort`` does not keep equal elements in order, and matching takes the first of equally close records, so
that its result depends on what the sort did. This is the algorithm of GNU's library (introspective sort, by
D. R. Musser, Software: Practice and Experience 27, 983, 1997), which the real stack is built with.
NumPy's sorts leave three of four elsewhere: of 200 elements with 50 values, 155 and 148.
"""

__all__ = ["stdSortOrder"]

import numpy as np

_THRESHOLD = 16


def stdSortOrder(keys):
    """Return the indices that sort an array as ``std::sort`` does.

    Parameters
    ----------
    keys : `numpy.ndarray`
        Finite numbers.

    Returns
    -------
    order : `numpy.ndarray` of `int`
        Indices. Where no elements are equal there is only one answer, and no need for the slow way.
    """
    order = np.argsort(keys, kind="stable")
    inOrder = keys[order]
    if len(keys) <= _THRESHOLD or not np.any(inOrder[1:] == inOrder[:-1]):
        return order
    return np.array(_Sorter(keys.tolist()).sort(), dtype=order.dtype)


class _Sorter:
    """Sorts keys and their indices together."""

    def __init__(self, keys):
        self.keys = keys
        self.index = list(range(len(keys)))

    def sort(self):
        n = len(self.keys)
        self._introsort(0, n, 2 * (n.bit_length() - 1))
        self._insert(1, min(n, _THRESHOLD), 0)
        self._insert(_THRESHOLD, n, 0)
        return self.index

    def _swap(self, a, b):
        keys, index = self.keys, self.index
        keys[a], keys[b] = keys[b], keys[a]
        index[a], index[b] = index[b], index[a]

    def _introsort(self, first, last, depth):
        while last - first > _THRESHOLD:
            if depth == 0:
                self._heapSort(first, last)
                return
            depth -= 1
            self._medianToFirst(first, first + 1, first + (last - first) // 2, last - 1)
            cut = self._partition(first + 1, last, self.keys[first])
            self._introsort(cut, last, depth)
            last = cut

    def _medianToFirst(self, result, a, b, c):
        ka, kb, kc = self.keys[a], self.keys[b], self.keys[c]
        if ka < kb:
            median = b if kb < kc else c if ka < kc else a
        else:
            median = a if ka < kc else c if kb < kc else b
        self._swap(result, median)

    def _partition(self, first, last, pivot):
        keys = self.keys
        while True:
            while keys[first] < pivot:
                first += 1
            last -= 1
            while pivot < keys[last]:
                last -= 1
            if first >= last:
                return first
            self._swap(first, last)
            first += 1

    def _insert(self, start, stop, first):
        """Insert elements one after the other among those before them."""
        keys, index = self.keys, self.index
        for i in range(start, stop):
            key, number = keys[i], index[i]
            j = i
            while j > first and key < keys[j - 1]:
                keys[j], index[j] = keys[j - 1], index[j - 1]
                j -= 1
            keys[j], index[j] = key, number

    def _heapSort(self, first, last):
        n = last - first
        for parent in range((n - 2) // 2, -1, -1):
            self._siftDown(first, parent, n, self.keys[first + parent], self.index[first + parent])
        while n > 1:
            n -= 1
            key, number = self.keys[first + n], self.index[first + n]
            self.keys[first + n], self.index[first + n] = self.keys[first], self.index[first]
            self._siftDown(first, 0, n, key, number)

    def _siftDown(self, first, hole, n, key, number):
        keys, index = self.keys, self.index
        top, child = hole, hole
        while child < (n - 1) // 2:
            child = 2 * (child + 1)
            if keys[first + child] < keys[first + child - 1]:
                child -= 1
            keys[first + hole], index[first + hole] = keys[first + child], index[first + child]
            hole = child
        if n % 2 == 0 and child == (n - 2) // 2:
            child = 2 * (child + 1)
            keys[first + hole], index[first + hole] = keys[first + child - 1], index[first + child - 1]
            hole = child - 1
        parent = (hole - 1) // 2
        while hole > top and keys[first + parent] < key:
            keys[first + hole], index[first + hole] = keys[first + parent], index[first + parent]
            hole = parent
            parent = (hole - 1) // 2
        keys[first + hole], index[first + hole] = key, number
