# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects of arbitrary classes that are stored with exposures."""

from lsst import _noMixing

from ._storable import Storable
from ._storableFormat import StorableHelperFactory

__all__ = ["Storable", "StorableHelperFactory"]
