# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The flags of adaptive moments."""

from .flagHandler import FlagDefinitionList

__all__ = ["FAILURE", "MAXITER", "PSF_SHAPE_BAD", "SHIFT", "UNWEIGHTED", "UNWEIGHTED_BAD", "definitions",
           "excludedWithoutPsf"]

definitions = FlagDefinitionList()
FAILURE = definitions.addFailureFlag()
UNWEIGHTED_BAD = definitions.add(
    "flag_unweightedBad", "Both weighted and unweighted moments were invalid"
)
UNWEIGHTED = definitions.add(
    "flag_unweighted", "Weighted moments converged to an invalid value; using unweighted moments"
)
SHIFT = definitions.add("flag_shift", "centroid shifted by more than the maximum allowed amount")
MAXITER = definitions.add("flag_maxIter", "Too many iterations in adaptive moments")
PSF_SHAPE_BAD = definitions.add("flag_psf", "Failure in measuring PSF model shape")

excludedWithoutPsf = FlagDefinitionList([PSF_SHAPE_BAD])
"""Flags without field where the PSF is not measured."""
