# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions of one and two circular Gaussians."""

__all__ = ["DoubleGaussianPsf", "SingleGaussianPsf"]

from lsst.afw.math import AnalyticKernel, DoubleGaussianFunction2D, GaussianFunction1D, SeparableKernel
from lsst.pex.exceptions import DomainError

from ._kernelPsf import KernelPsf


class SingleGaussianPsf(KernelPsf):
    """A circular Gaussian.

    Parameters
    ----------
    width, height : `int`
        Size of the kernel image, pixels.
    sigma : `float`
        Standard deviation, pixels.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        If ``sigma`` is not positive.
    """

    def __init__(self, width, height, sigma):
        if not sigma > 0:
            raise DomainError(f"sigma may not be 0: {sigma:g}")
        function = GaussianFunction1D(sigma)
        super().__init__(SeparableKernel(width, height, function, function))
        self._sigma = float(sigma)

    def clone(self):
        """Return a deep copy."""
        return self.resized(self._kernel.getWidth(), self._kernel.getHeight())

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        return SingleGaussianPsf(width, height, self._sigma)

    def getSigma(self):
        """Return the standard deviation, pixels."""
        return self._sigma


class DoubleGaussianPsf(KernelPsf):
    """Sum of two circular Gaussians.

    Parameters
    ----------
    width, height : `int`
        Size of the kernel image, pixels.
    sigma1, sigma2 : `float`
        Standard deviations of the inner and of the outer Gaussian, pixels.
    b : `float`
        Peak of the outer Gaussian relative to that of the inner one.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        If a standard deviation is not positive; the outer one may be zero if ``b`` is zero.
    """

    def __init__(self, width, height, sigma1, sigma2=0.0, b=0.0):
        if b == 0.0 and sigma2 == 0.0:
            sigma2 = 1.0
        if not (sigma1 > 0 and sigma2 > 0):
            raise DomainError(f"sigma may not be 0: {sigma1:g}, {sigma2:g}")
        super().__init__(AnalyticKernel(width, height, DoubleGaussianFunction2D(sigma1, sigma2, b)))
        self._sigma1, self._sigma2, self._b = float(sigma1), float(sigma2), float(b)

    def clone(self):
        """Return a deep copy."""
        return self.resized(self._kernel.getWidth(), self._kernel.getHeight())

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        return DoubleGaussianPsf(width, height, self._sigma1, self._sigma2, self._b)

    def getSigma1(self):
        """Return the standard deviation of the inner Gaussian, pixels."""
        return self._sigma1

    def getSigma2(self):
        """Return the standard deviation of the outer Gaussian, pixels."""
        return self._sigma2

    def getB(self):
        """Return the peak of the outer Gaussian relative to that of the inner one."""
        return self._b
