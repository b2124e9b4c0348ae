# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Compare forced measurements with those of the real stack and write the table for the user guide.

Run as ``python -m benchmarks.forcedDifferences``; it needs all images that the real stack measured.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
PAGE = ROOT/"doc"/"forced-differences.rst"
HEADER = """###############################################
How far forced measurements are from LSST v23's
###############################################

LSST's stack v23.0.2 measured {sources} sources on {images} difference images: noise, stars and dipoles, near
edges, masked, saturated and NaN pixels, under six kinds of PSF. The plugins of this package measured the same
sources on the same files. The largest difference of each column is

sigma
    in units of the flux error of the real stack
relative
    relative to the value of the real stack (moments: to Ixx + Iyy; CDMatrix: to its largest element)
pixel
    in pixels
rows
    the number of rows that are not equal

and the tests allow no more than the limit. Where the real stack has NaN or infinity there is the same here.
The circular apertures of radii 3, 4.5, 6 and 9 are sinc apertures.

Left out of ``base_LocalWcs``: {zeros}.
There the real stack wrote zeros, because the derivatives that AST estimates fail close to a pixel coordinate
of zero. This package has the matrix that the neighbors have.

This page is written by ``python -m benchmarks.forcedDifferences``.

.. list-table::
   :header-rows: 1

   * - column
     - largest difference
     - unit
     - limit
"""


def compareAll():
    """Return the largest difference of each column, numbers of images and sources, and the rows of zeros."""
    sys.path.insert(0, str(ROOT/"tests"/"meas_base"))
    from stackForced import compare, findSane, listImages, makeFullTask, measureImage

    task, worst = makeFullTask(), {}
    images, sources, zeros = 0, 0, []
    for root, name in listImages():
        catalog, expected, flags, _ = measureImage(task, root, name)
        images, sources = images + 1, sources + len(expected)
        zeros += [f"object {id_} on {name}" for id_ in expected["diaObjectId"][~findSane(expected)]]
        for column, difference in compare(catalog, expected, flags).items():
            if column not in worst or difference.value > worst[column].value:
                worst[column] = difference
    return worst, images, sources, zeros


def main():
    worst, images, sources, zeros = compareAll()
    page = HEADER.format(images=images, sources=sources, zeros=", ".join(zeros) or "nothing")
    for column in sorted(worst):
        difference = worst[column]
        page += (f"   * - ``{column}``\n     - {difference.value:.1g}\n     - {difference.unit}\n"
                 f"     - {difference.limit:g}\n")
    PAGE.write_text(page)
    print(page)


if __name__ == "__main__":
    main()
