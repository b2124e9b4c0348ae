# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Take the pictures of the documentation: ``python tests/report/takeScreenshots.py demo/report``."""

import io
import pathlib
import sys
import time

from browser import openBrowser
from PIL import Image

PICTURES = pathlib.Path(__file__).parents[2]/"doc"/"_static"/"report"

#: Pages and their heights, pixels.
PAGES = {"run": ("index.html", 1300), "objects": ("objects.html", 560), "object": ("object.html", 1000)}

#: How long figures may take to be drawn after a page is ready, seconds.
DRAWING = 1.0


def main(report):
    """Take a picture of each page of a report."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    best = ""
    for name, (page, height) in PAGES.items():
        with openBrowser(PICTURES, height=height) as browser:
            browser.open(report/page, f"#{best}" if name == "object" else "")
            if name == "objects":
                best = browser.run("return find(document, 'a[href^=\"object.html\"]')[0].textContent")
            time.sleep(DRAWING)
            picture = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png()))
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            small.save(PICTURES/f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
