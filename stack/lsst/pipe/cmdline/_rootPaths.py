# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where repositories are: paths relative to the roots that the environment names."""

import os

__all__ = ["DEFAULT_CALIB_NAME", "DEFAULT_INPUT_NAME", "DEFAULT_OUTPUT_NAME", "fixPath"]

DEFAULT_INPUT_NAME = "PIPE_INPUT_ROOT"
DEFAULT_CALIB_NAME = "PIPE_CALIB_ROOT"
DEFAULT_OUTPUT_NAME = "PIPE_OUTPUT_ROOT"


def fixPath(defName, path):
    """Make a repository path absolute.

    Parameters
    ----------
    defName : `str`
        Environment variable that names the root of relative paths; if it is not set they are
        relative to the working directory.
    path : `str` or `None`
        Path as given.

    Returns
    -------
    path : `str` or `None`
        The root itself if only that is known; `None` if neither is.
    """
    root = os.environ.get(defName)
    if root is None:
        return None if path is None else os.path.abspath(path)
    return os.path.abspath(os.path.join(root, path or ""))
