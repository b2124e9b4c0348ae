# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Coefficients of sinc apertures: what pixels count in the flux inside an ellipse of a band-limited image.

Bickerton and Lupton 2013, MNRAS 431, 1275.
"""

__all__ = ["sincCoefficients"]

import functools
import math

import numpy as np


@functools.lru_cache(maxsize=64)
def sincCoefficients(radius, innerRadius=0.0, ellipticity=0.0, theta=0.0):
    """Compute the weights of the pixels around the centre of an elliptical aperture or annulus.

    Parameters
    ----------
    radius : `float`
        Semi-major axis, pixels.
    innerRadius : `float`
        Semi-major axis of the hole, pixels.
    ellipticity : `float`
        One minus the ratio of the axes.
    theta : `float`
        Direction of the major axis, radians from +x to +y.

    Returns
    -------
    coefficients : `numpy.ndarray`, (size, size)
        Weights, read-only; the centre of the aperture is the centre pixel, and the size is odd.
    """
    from scipy.special import j1

    halfSize = 8 if radius <= 0 else 2**max(3, math.ceil(math.log10(2.0*radius)/math.log10(2.0)))
    size = 2*halfSize - 1
    frequency = (np.arange(size) - size//2)/size
    kx, ky = frequency, frequency[:, np.newaxis]
    scale = 1.0 - ellipticity
    along = kx*math.cos(theta) + ky*math.sin(theta)
    across = scale*(-kx*math.sin(theta) + ky*math.cos(theta))
    k = np.hypot(along, across)
    centre = (size//2, size//2)
    k[centre] = 1.0
    transform = scale*(radius*j1(2.0*math.pi*radius*k) - innerRadius*j1(2.0*math.pi*innerRadius*k))/k
    transform[centre] = scale*math.pi*(radius**2 - innerRadius**2)
    coefficients = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(transform)).real)
    coefficients.flags.writeable = False
    return coefficients
