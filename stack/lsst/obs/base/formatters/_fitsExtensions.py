# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How names of FITS files may end."""

__all__ = ["DEFAULT_EXTENSION", "EXTENSIONS"]

DEFAULT_EXTENSION = ".fits"
EXTENSIONS = frozenset({".fits", ".fits.gz", ".fits.fz", ".fz", ".fit"})
