# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Derivatives of mappings at many positions at once."""

__all__ = ["tangentPlaneJacobians"]

import numpy as np

# Steps in pixels and weights of the five-point formula for a first derivative (Abramowitz & Stegun 25.3.6)
_STEP = 4.0
_OFFSETS = np.array([-2.0, -1.0, 1.0, 2.0]) * _STEP
_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * _STEP)


def tangentPlaneJacobians(mapping, points):
    """Differentiate a mapping of a plane to a sphere.

    Parameters
    ----------
    mapping : `astshim.Mapping`
        Plane to longitude and latitude in radians.
    points : `numpy.ndarray`, shape (2, n)

    Returns
    -------
    jacobians : `numpy.ndarray`, shape (n, 2, 2)
        Element [:, i, j] is the derivative of the offset (i = 0: east, 1: north) with input j, in radians, in
        the tangent plane at each of the positions.
    """
    longitude, latitude = mapping._tran(points, True)
    sinLon, cosLon, sinLat, cosLat = np.sin(longitude), np.cos(longitude), np.sin(latitude), np.cos(latitude)
    east = np.stack([-sinLon, cosLon, np.zeros_like(sinLon)])
    north = np.stack([-sinLat * cosLon, -sinLat * sinLon, cosLat])

    def unitVectors(points, forward):
        longitude, latitude = mapping._tran(points, forward)
        cosLat = np.cos(latitude)
        return np.stack([cosLat * np.cos(longitude), cosLat * np.sin(longitude), np.sin(latitude)])

    jacobians = np.empty((points.shape[1], 2, 2))
    for axis in range(2):
        derivative = _derivative(unitVectors, points, axis)
        jacobians[:, 0, axis] = (east * derivative).sum(axis=0)
        jacobians[:, 1, axis] = (north * derivative).sum(axis=0)
    return jacobians


def _derivative(function, points, axis):
    """Return the derivative (outputs, n) of ``function(points, True)`` along one input axis."""
    total = 0.0
    for offset, weight in zip(_OFFSETS, _WEIGHTS, strict=True):
        shifted = points.copy()
        shifted[axis] += offset
        total = total + weight * function(shifted, True)
    return total
