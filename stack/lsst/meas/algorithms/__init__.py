# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions and other components of exposures, of the kinds that pipelines store."""

from lsst import _noMixing

from ._coaddBoundedField import *
from ._coaddPsf import *
from ._gaussianPsfs import *
from ._imagePsf import *
from ._kernelPsf import *
from ._warpedPsf import *

from . import _formats  # isort: skip; they stand on all of the above
