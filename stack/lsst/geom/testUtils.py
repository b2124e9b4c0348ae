# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Assertions about geometry, added to `lsst.utils.tests.TestCase`."""

__all__ = []

import math

import lsst.utils.tests

from ._angle import arcseconds


def _suffix(msg):
    return f": {msg}" if msg else ""


@lsst.utils.tests.inTestCase
def assertAnglesAlmostEqual(
    testCase, ang0, ang1, maxDiff=0.001 * arcseconds, ignoreWrap=True, msg="Angles differ"
):
    """Assert that two angles are nearly equal; two NaN are equal.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    ang0, ang1 : `lsst.geom.Angle`
        The angles.
    maxDiff : `lsst.geom.Angle`, optional
        Largest difference allowed.
    ignoreWrap : `bool`, optional
        Whether differences of full turns do not count.
    msg : `str`, optional
        Start of the message of a failure.
    """
    nan0, nan1 = math.isnan(ang0.asRadians()), math.isnan(ang1.asRadians())
    if nan0 and nan1:
        return
    if nan0 or nan1:
        testCase.fail(f"ang{1 if nan1 else 0} is NaN")
    diff = ang1 - ang0
    if ignoreWrap:
        diff = diff.wrapCtr()
    if abs(diff) > maxDiff:
        testCase.fail(
            f"{msg}: measured difference {diff.asArcseconds()} arcsec > max allowed "
            f"{maxDiff.asArcseconds()} arcsec"
        )


@lsst.utils.tests.inTestCase
def assertPairsAlmostEqual(testCase, pair0, pair1, maxDiff=1e-7, msg="Pairs differ"):
    """Assert that two pairs of numbers are nearly equal as points, whatever their types.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    pair0, pair1 : pair of `float`
        The points.
    maxDiff : `float`, optional
        Largest distance allowed.
    msg : `str`, optional
        Start of the message of a failure.

    Raises
    ------
    RuntimeError
        Raised if an argument is not a pair.
    """
    for name, pair in (("pair0", pair0), ("pair1", pair1)):
        if len(pair) != 2:
            raise RuntimeError(f"len({name})={len(pair)} != 2")
    distance = math.hypot(float(pair1[0] - pair0[0]), float(pair1[1] - pair0[1]))
    if distance > maxDiff:
        testCase.fail(
            f"{msg}: measured radial distance = {distance} > maxDiff = {maxDiff}, "
            f"pair0=({pair0[0]!r}, {pair0[1]!r}), pair1=({pair1[0]!r}, {pair1[1]!r})"
        )


def _checkWorst(testCase, name, separations, limit, msg, unit=""):
    bad = [s for s in separations if s > limit]
    if bad:
        worst = max(separations)
        testCase.fail(
            f"{name} differ in {len(bad)} places; max separation is at {separations.index(worst)}: "
            f"{worst}{unit} > {limit}{unit}{_suffix(msg)}"
        )


@lsst.utils.tests.inTestCase
def assertPairListsAlmostEqual(testCase, list0, list1, maxDiff=1e-7, msg=None):
    """Assert that two lists of pairs of numbers are nearly equal as points.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    list0, list1 : `list` of pairs of `float`
        The points.
    maxDiff : `float`, optional
        Largest distance allowed.
    msg : `str`, optional
        End of the message of a failure.
    """
    testCase.assertEqual(len(list0), len(list1))
    for pair in (*list0, *list1):
        testCase.assertEqual(len(pair), 2)
    distances = [
        math.hypot(float(a[0] - b[0]), float(a[1] - b[1])) for a, b in zip(list0, list1, strict=True)
    ]
    _checkWorst(testCase, "PairLists", distances, maxDiff, msg)


@lsst.utils.tests.inTestCase
def assertSpherePointsAlmostEqual(testCase, sp0, sp1, maxSep=0.001 * arcseconds, msg=""):
    """Assert that two `lsst.geom.SpherePoint` are nearly equal.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    sp0, sp1 : `lsst.geom.SpherePoint`
        The points.
    maxSep : `lsst.geom.Angle`, optional
        Largest separation allowed.
    msg : `str`, optional
        End of the message of a failure.
    """
    separation = sp0.separation(sp1)
    if separation > maxSep:
        testCase.fail(
            f'Angular separation between {sp0} and {sp1} = {separation.asArcseconds()}" > '
            f'maxSep = {maxSep.asArcseconds()}"{_suffix(msg)}'
        )


@lsst.utils.tests.inTestCase
def assertSpherePointListsAlmostEqual(testCase, splist0, splist1, maxSep=0.001 * arcseconds, msg=None):
    """Assert that two lists of `lsst.geom.SpherePoint` are nearly equal.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    splist0, splist1 : `list` of `lsst.geom.SpherePoint`
        The points.
    maxSep : `lsst.geom.Angle`, optional
        Largest separation allowed.
    msg : `str`, optional
        End of the message of a failure.
    """
    testCase.assertEqual(len(splist0), len(splist1), msg=msg)
    separations = [a.separation(b).asArcseconds() for a, b in zip(splist0, splist1, strict=True)]
    _checkWorst(testCase, "SpherePointLists", separations, maxSep.asArcseconds(), msg, '"')


@lsst.utils.tests.inTestCase
def assertBoxesAlmostEqual(testCase, box0, box1, maxDiff=1e-7, msg="Boxes differ"):
    """Assert that two boxes are nearly equal, whatever their types.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        The test.
    box0, box1 : `lsst.geom.Box2D` or `lsst.geom.Box2I`
        The boxes.
    maxDiff : `float`, optional
        Largest distance allowed of the lower and of the upper corners.
    msg : `str`, optional
        Start of the message of a failure.
    """
    assertPairsAlmostEqual(testCase, box0.getMin(), box1.getMin(), maxDiff=maxDiff, msg=msg + ": min")
    assertPairsAlmostEqual(testCase, box0.getMax(), box1.getMax(), maxDiff=maxDiff, msg=msg + ": max")
