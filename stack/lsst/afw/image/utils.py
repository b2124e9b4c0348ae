# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Definition of old-style filters, as cameras of the Gen2 middleware do it."""

import math
import warnings

from ._filter import Filter, FilterProperty

__all__ = ["resetFilters", "defineFilter"]


def resetFilters():
    """Forget all filters and their properties."""
    warnings.warn("Removed with no replacement (FilterLabels do not need to be reset). Will be removed after "
                  "v22.", FutureWarning, stacklevel=2)
    Filter.reset()
    FilterProperty.reset()


def defineFilter(name, lambdaEff, lambdaMin=math.nan, lambdaMax=math.nan, alias=(), force=False):
    """Register a filter with its wavelengths and aliases.

    Parameters
    ----------
    name : `str`
        Name of the filter.
    lambdaEff, lambdaMin, lambdaMax : `float`
        Effective, shortest and longest wavelength in nm.
    alias : `str` or `list` [`str`], optional
        Other names.
    force : `bool`, optional
        Replace different wavelengths that are registered?

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if other wavelengths are registered and ``force`` is not set.
    """
    warnings.warn("Removed with no replacement (but see lsst.afw.image.TransmissionCurve for how to set and "
                  "retrieve filter wavelength information). Will be removed after v22.", FutureWarning,
                  stacklevel=2)
    Filter.define(FilterProperty(name, lambdaEff, lambdaMin, lambdaMax, force))
    for other in [alias] if isinstance(alias, str) else alias:
        Filter.defineAlias(name, other)
