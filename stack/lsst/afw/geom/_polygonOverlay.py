# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Set operations on simple polygons.

All edges are cut where the outlines meet. Each piece then lies inside, outside or on the other polygon as a
whole; the operation says which pieces belong to the outline of the result, and these are joined end to end.
"""

__all__ = ["contains", "overlaps", "overlay", "signedArea"]

import math

import numpy as np

# What each operation keeps: pieces of the first and of the second polygon by where they lie in the other,
# whether the second's are reversed, and of the common pieces those that run the same or the opposite way.
_OPERATIONS = {
    "intersection": ("inside", "inside", False, "same"),
    "union": ("outside", "outside", False, "same"),
    "difference": ("outside", "inside", True, "opposite"),
}

_TOLERANCE = 1e-12


def signedArea(vertices):
    """Return the area of an open ring, positive if it runs clockwise (`float`)."""
    x, y = vertices[:, 0], vertices[:, 1]
    return 0.5 * float(np.sum(np.roll(x, -1) * y - x * np.roll(y, -1)))


def contains(vertices, points, boundary=False):
    """Tell which points lie inside a polygon.

    Parameters
    ----------
    vertices : `numpy.ndarray`, (n, 2)
        Open ring of the polygon.
    points : `numpy.ndarray`, (m, 2)
        The points.
    boundary : `bool`, optional
        Whether points on the outline count.

    Returns
    -------
    inside : `numpy.ndarray` of `bool`, (m,)
        The answer.
    """
    start, end = vertices[:, np.newaxis], np.roll(vertices, -1, axis=0)[:, np.newaxis]
    px, py = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = start[..., 0], start[..., 1], end[..., 0], end[..., 1]
    cross = (x1 - x0) * (py - y0) - (y1 - y0) * (px - x0)
    straddles = (y0 > py) != (y1 > py)
    inside = np.sum(straddles & ((cross > 0) == (y1 > y0)), axis=0) % 2 == 1
    length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = (px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)
    tolerance = _TOLERANCE * np.abs(vertices).max() * np.sqrt(length2)
    onEdge = ((np.abs(cross) <= tolerance) & (along >= 0) & (along <= length2)).any(axis=0)
    return inside | onEdge if boundary else inside & ~onEdge


def overlaps(a, b):
    """Return whether two polygons have a point in common, the outlines included (`bool`)."""
    if contains(a, b, True).any() or contains(b, a, True).any():
        return True
    return any(len(cuts) > 2 for cuts in _cuts(a, b))


def overlay(a, b, operation):
    """Combine two polygons.

    Parameters
    ----------
    a, b : `numpy.ndarray`, (n, 2)
        Open rings that run clockwise.
    operation : `str`
        "intersection", "union" or "difference".

    Returns
    -------
    rings : `list` of `numpy.ndarray`, (n, 2)
        Open rings of the result.

    Raises
    ------
    NotImplementedError
        Raised if the result has a hole.
    """
    keepA, keepB, reverseB, common = _OPERATIONS[operation]
    cutsA, cutsB = _cuts(a, b), _cuts(b, a)
    snap = _Snapper(max(np.abs(a).max(), np.abs(b).max()))
    piecesA, piecesB = _pieces(cutsA, snap), _pieces(cutsB, snap)
    setB = set(piecesB)
    same = {p for p in piecesA if p in setB}
    opposite = {p for p in piecesA if p[::-1] in setB}
    onA = same | opposite
    onB = onA | {p[::-1] for p in onA}
    pieces = _select([p for p in piecesA if p not in onA], b, keepA, snap)
    selected = _select([p for p in piecesB if p not in onB], a, keepB, snap)
    pieces += [p[::-1] for p in selected] if reverseB else selected
    pieces += sorted(same if common == "same" else opposite)
    rings = [np.array([snap.points[i] for i in ring]) for ring in _join(pieces, snap)]
    rings = [_withoutCollinear(ring) for ring in rings]
    if any(signedArea(ring) < 0 for ring in rings):
        raise NotImplementedError(f"The {operation} of these polygons has a hole")
    return rings


class _Snapper:
    """Numbers of points; points closer than the rounding of the cuts share one."""

    def __init__(self, scale):
        self._step = max(scale, 1e-300) * 1e-10
        self._known = {}
        self.points = []

    def __call__(self, point):
        key = (round(point[0] / self._step), round(point[1] / self._step))
        for dx in (0, -1, 1):
            for dy in (0, -1, 1):
                number = self._known.get((key[0] + dx, key[1] + dy))
                if number is not None:
                    return number
        self._known[key] = len(self.points)
        self.points.append((float(point[0]), float(point[1])))
        return len(self.points) - 1


def _cuts(a, b):
    """Return for each edge of ``a`` the points, in order, where it starts, meets ``b`` and ends."""
    result = []
    ends = np.roll(a, -1, axis=0)
    bStart, bEnd = b, np.roll(b, -1, axis=0)
    for p, q in zip(a, ends, strict=True):
        d = q - p
        e = bEnd - bStart
        den = d[0] * e[:, 1] - d[1] * e[:, 0]
        w = bStart - p
        length = math.hypot(*d)
        parallel = np.abs(den) <= _TOLERANCE * length * np.hypot(e[:, 0], e[:, 1])
        safe = np.where(parallel, 1.0, den)
        t = (w[:, 0] * e[:, 1] - w[:, 1] * e[:, 0]) / safe
        u = (w[:, 0] * d[1] - w[:, 1] * d[0]) / safe
        eps = 1e-12
        meets = ~parallel & (t >= -eps) & (t <= 1 + eps) & (u >= -eps) & (u <= 1 + eps)
        parameters = [0.0, 1.0, *np.clip(t[meets], 0.0, 1.0)]
        # vertices of b on the edge; of parallel edges these are the only cuts
        scale = max(np.abs(a).max(), np.abs(b).max())
        offset = np.abs(w[:, 0] * d[1] - w[:, 1] * d[0])
        position = (w @ d) / (length * length)
        on = (offset <= eps * scale * length) & (position > 0) & (position < 1)
        parameters += position[on].tolist()
        result.append([p + s * d if s < 1.0 else q for s in sorted(set(parameters))])
    return result


def _pieces(cuts, snap):
    pieces = []
    for points in cuts:
        numbers = [snap(point) for point in points]
        pieces += [(i, j) for i, j in zip(numbers[:-1], numbers[1:], strict=True) if i != j]
    return pieces


def _select(pieces, other, where, snap):
    if not pieces:
        return []
    points = np.array(snap.points)
    middles = 0.5 * (points[[i for i, _ in pieces]] + points[[j for _, j in pieces]])
    inside = contains(other, middles)
    keep = inside if where == "inside" else ~inside
    return [piece for piece, kept in zip(pieces, keep.tolist(), strict=True) if kept]


def _join(pieces, snap):
    """Join directed pieces to rings; where several leave a point, turn right as far as possible."""
    leaving = {}
    for start, end in pieces:
        leaving.setdefault(start, []).append(end)
    rings = []
    while leaving:
        first = next(iter(leaving))
        ring, previous, current = [first], None, first
        while True:
            following = _next(leaving, previous, current, snap.points)
            if following is None:
                break
            previous, current = current, following
            if current == first:
                rings.append(ring)
                break
            ring.append(current)
    return [ring for ring in rings if len(ring) > 2]


def _next(leaving, previous, current, points):
    ends = leaving.get(current)
    if not ends:
        return None
    if previous is not None and len(ends) > 1:
        ends.sort(key=lambda end: _turn(points[previous], points[current], points[end]))
    following = ends.pop(0)
    if not ends:
        del leaving[current]
    return following


def _turn(a, b, c):
    """Return the angle of the turn to the left at ``b``, in (-pi, pi]."""
    before = math.atan2(b[1] - a[1], b[0] - a[0])
    after = math.atan2(c[1] - b[1], c[0] - b[0])
    turn = math.remainder(after - before, 2 * math.pi)
    return math.pi if turn <= -math.pi else turn


def _withoutCollinear(ring):
    """Return the ring without the vertices at which it goes straight on."""
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    size = np.hypot(before[:, 0], before[:, 1]) * np.hypot(after[:, 0], after[:, 1])
    keep = np.abs(cross) > 1e-12 * size
    return ring[keep] if keep.sum() > 2 else ring
