# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stands in for a C++ library of LSST's tests: calls methods of a `Psf` from outside of Python."""


def resizedPsf(psf, width, height):
    """Call ``resized``."""
    return psf.resized(width, height)


def clonedPsf(psf):
    """Call ``clone``."""
    return psf.clone()


def clonedStorablePsf(psf):
    """Call ``cloneStorable``."""
    return psf.cloneStorable()


def isPersistable(psf):
    """Call ``isPersistable``."""
    return psf.isPersistable()
