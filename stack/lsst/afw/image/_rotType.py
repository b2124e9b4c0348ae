# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What the rotation angle of a camera refers to."""

import enum

__all__ = ["RotType"]


class RotType(enum.IntEnum):
    """What the rotation angle of a camera refers to."""

    UNKNOWN = 0
    """Nothing is known."""

    SKY = 1
    """Position angle of the focal plane's +Y measured from north through east."""

    HORIZON = 2
    """Position angle of the focal plane's +Y measured from +altitude through +azimuth."""

    MOUNT = 3
    """The position sent to the camera rotator."""
