# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The two coordinate systems in which pixels can be addressed."""

import enum

__all__ = ["ImageOrigin", "PARENT", "LOCAL"]


class ImageOrigin(enum.IntEnum):
    """Coordinate system of a pixel index or of a bounding box."""

    PARENT = 0
    """Coordinates respect ``xy0``: those of the image that this one was cut from."""

    LOCAL = 1
    """The lower left pixel is (0, 0)."""

    def __repr__(self):
        return f"<ImageOrigin.{self.name}: {self.value}>"


PARENT = ImageOrigin.PARENT
LOCAL = ImageOrigin.LOCAL
