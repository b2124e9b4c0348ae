# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of DIASources into DIAObjects."""
