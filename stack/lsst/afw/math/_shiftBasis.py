# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sub-pixel shifts of an image by thousands of offsets at once, in single precision.

A shifted image depends smoothly on the shift, if shifts to the left and to the right, and up and down, are
kept apart: it can be interpolated between shifts at some nodes. The images at the nodes are combinations of
about twenty orthogonal images, so products with all shifted images are a matrix product with those.
"""

__all__ = ["QUADRANTS", "ShiftBasis", "splitQuadrants"]

import dataclasses

import numpy as np

QUADRANTS = [(sx, sy) for sx in (-1, 1) for sy in (-1, 1)]
"""Signs of the shifts in x and y that one basis is good for; zero goes with the negative ones."""

_N_NODES = 7  # between 0 and one half, in x and in y
_nodes = 0.25 - 0.25*np.cos(np.pi*(np.arange(_N_NODES) + 0.5)/_N_NODES)  # Chebyshev's
_polynomials = np.linalg.inv(np.vander(_nodes, _N_NODES))
_TRUNCATION = 1e-6  # relative size of what a basis leaves out


def splitQuadrants(dx, dy, order, length):
    """Split shifts into quadrants, and those into pieces.

    Parameters
    ----------
    dx, dy : `numpy.ndarray`, (n,)
        Shifts, pixels.
    order : `numpy.ndarray` of `int`, (m,)
        Which of them, neighbors after each other.
    length : `int`
        Greatest length of a piece.

    Returns
    -------
    pieces : `list` of `tuple`
        Number of the quadrant and numbers of the shifts of each piece. Shifts of more than half a pixel are
        in none. Pieces next to each other are near each other in ``order``, too.
    """
    near = (np.abs(dx) <= 0.5) & (np.abs(dy) <= 0.5)
    quadrants = np.where(near, 2*(dx > 0) + (dy > 0), -1)[order]
    pieces = []
    for number in range(len(QUADRANTS)):
        places = np.flatnonzero(quadrants == number)
        pieces += [(places[start], number, order[places[start:start + length]])
                   for start in range(0, len(places), length)]
    return [piece[1:] for piece in sorted(pieces, key=lambda piece: piece[0])]


@dataclasses.dataclass(frozen=True)
class ShiftBasis:
    """Orthonormal images that the shifted images of a quadrant are combinations of."""

    images: np.ndarray
    """The orthonormal images, (k, pixels), single precision."""

    mixing: np.ndarray
    """What the images at the nodes are made of, (nodes, k), single precision."""

    lost: float
    """Greatest norm of what is left out of an image."""

    @staticmethod
    def getNodes(quadrant):
        """Return the shifts (dx, dy) of the images that `make` needs."""
        return [sign*shift.ravel() for sign, shift in zip(quadrant, np.meshgrid(_nodes, _nodes))]

    @classmethod
    def make(cls, images):
        """Find the basis.

        Parameters
        ----------
        images : `numpy.ndarray`, (m*nodes, pixels)
            An image, or several, shifted to the nodes.

        Returns
        -------
        basis : `ShiftBasis`
            The basis.
        """
        norms, vectors = np.linalg.eigh(images @ images.T)
        kept = norms > _TRUNCATION**2*norms[-1]
        basis = (vectors[:, kept].T @ images)/np.sqrt(norms[kept])[:, np.newaxis]
        mixing = images @ basis.T
        lost = np.linalg.norm(images - mixing @ basis, axis=1).max()
        rounding = np.finfo(np.float32).eps*np.linalg.norm(images, axis=1).max()
        return cls(basis.astype(np.float32), mixing.astype(np.float32), max(lost, rounding))

    @staticmethod
    def interpolate(dx, dy):
        """Return the weights of the images at the nodes in the images shifted by (dx, dy), (n, nodes)."""
        x, y = _interpolate(dx), _interpolate(dy)
        return (y[:, :, np.newaxis]*x[:, np.newaxis, :]).reshape(len(x), -1)


def _interpolate(shift):
    """Return the weights of the values at the nodes of one axis in a polynomial through them."""
    return (np.vander(np.abs(shift), _N_NODES) @ _polynomials).astype(np.float32)
