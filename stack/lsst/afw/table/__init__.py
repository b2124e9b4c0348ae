# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables of records, as catalogs with column access, and their storage."""

from lsst import _noMixing

from ._aliasMap import *
from ._baseColumnView import *
from ._baseRecord import *
from ._baseTable import *
from ._catalog import *
from ._covarianceKeys import *
from ._ellipseKeys import *
from ._exposure import *
from ._field import *
from ._idFactory import *
from ._keys import *
from ._pointKeys import *
from ._schema import *
from ._schemaMapper import *
from ._simple import *
from ._slots import *
from ._source import *
from .multiMatch import *

from . import io  # isort: skip; the formats stand on all of the above
