# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves of DIAObjects: how they are put together, summed up, drawn and exported."""
