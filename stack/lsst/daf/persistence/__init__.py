# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 data butler: datasets by type and data ID, in repositories of files."""

from lsst import _noMixing

from . import _formatters, fmtPosixRepositoryCfg, safeFileIo
from .butler import *
from .butlerExceptions import *
from .butlerHelpers import *
from .butlerLocation import *
from .butlerSubset import *
from .dataId import *
from .fsScanner import *
from .logicalLocation import *
from .mapper import *
from .policy import *
from .posixStorage import *
from .readProxy import *
from .registries import *
from .repository import *
from .repositoryCfg import *
from .storage import *
from .storageInterface import *
from .utils import *
