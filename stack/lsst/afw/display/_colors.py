# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Names of colors, and those of mask planes."""

__all__ = ["BLACK", "BLUE", "CYAN", "GREEN", "IGNORE", "MAGENTA", "ORANGE", "RED", "WHITE", "YELLOW"]

WHITE, BLACK, RED, GREEN, BLUE = "white", "black", "red", "green", "blue"
CYAN, MAGENTA, YELLOW, ORANGE, IGNORE = "cyan", "magenta", "yellow", "orange", "ignore"

MASK_PLANE_COLORS = {"BAD": RED, "CR": MAGENTA, "EDGE": YELLOW, "INTERPOLATED": GREEN, "SATURATED": GREEN,
                     "DETECTED": BLUE, "DETECTED_NEGATIVE": CYAN, "SUSPECT": YELLOW, "NO_DATA": ORANGE,
                     "INTRP": GREEN, "SAT": GREEN}
# For planes that have none.
OTHER_COLORS = (RED, GREEN, BLUE, CYAN, MAGENTA, YELLOW, ORANGE)
