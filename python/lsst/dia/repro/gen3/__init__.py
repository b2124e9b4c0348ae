# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen3 drivers: PipelineTasks of the algorithms, and what they have in common."""
