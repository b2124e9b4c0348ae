# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Opening files of repositories, where a name may be that of anything."""

__all__ = ["openRegular"]

import errno
import os
import stat


def openRegular(path, flags):
    """Open a regular file; an ``opener`` for `open`.

    A pipe would keep the reader waiting, and a device may have no end. A link is not opened for writing,
    since that would be to write elsewhere.

    Parameters
    ----------
    path : path-like
        Path of the file.
    flags : `int`
        As of `os.open`.

    Returns
    -------
    descriptor : `int`
        File descriptor.

    Raises
    ------
    OSError
        It is not a regular file, or cannot be opened.
    """
    if flags & os.O_ACCMODE != os.O_RDONLY:
        flags |= os.O_NOFOLLOW
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not a regular file", os.fspath(path))
    return descriptor
