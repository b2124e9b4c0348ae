# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves from files of difference images, without a repository."""
