# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Assertions about images for unit tests, and images to test with."""

import lsst.utils.tests
import numpy as np

from ._image import ImageF
from .basicUtils import makeMaskedImageFromArrays

__all__ = ["assertImagesAlmostEqual", "assertImagesEqual", "assertMasksEqual",
           "assertMaskedImagesAlmostEqual", "assertMaskedImagesEqual", "imagesDiffer",
           "makeGaussianNoiseMaskedImage", "makeRampImage"]


def makeGaussianNoiseMaskedImage(dimensions, sigma, variance=1.0):
    """Make a masked image of Gaussian noise.

    Parameters
    ----------
    dimensions : `tuple` [`int`]
        (width, height).
    sigma : `float`
        Standard deviation.
    variance : `float`, optional
        Value of the variance plane.
    """
    shape = (dimensions[1], dimensions[0])
    return makeMaskedImageFromArrays(np.random.normal(0.0, sigma, shape).astype(np.float32),
                                     np.zeros(shape, dtype=np.int32),
                                     np.full(shape, variance, dtype=np.float32))


def makeRampImage(bbox, start=0, stop=None, imageClass=ImageF):
    """Make an image whose values are a linear ramp.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Bounding box.
    start, stop : `float`, optional
        First and last value; by default the step is 1.
    imageClass : `type`, optional
        Class of the image.
    """
    image = imageClass(bbox)
    array = image.getArray()
    stop = start + array.size - 1 if stop is None else stop
    array[...] = np.linspace(start, stop, array.size, dtype=array.dtype).reshape(array.shape)
    return image


def _numericArray(image, name):
    array = image.getArray() if hasattr(image, "getArray") else image
    if not hasattr(array, "dtype") or array.dtype.kind not in "biufc":
        raise TypeError(f"{name!r}={image!r} is not a supported type")
    return array


def imagesDiffer(image0, image1, skipMask=None, rtol=1.0e-05, atol=1e-08):
    """Compare the pixels of two images, masks or arrays.

    Parameters
    ----------
    image0, image1 : `ImageF`, `MaskX` or `numpy.ndarray`
        What to compare; values are close if ``|value1 - value0| <= rtol*|value1| + atol``, and non-finite
        values only if they are the same.
    skipMask : `MaskX`, `ImageF` or `numpy.ndarray`, optional
        Pixels to ignore are those that are not 0 here.
    rtol, atol : `float`, optional
        Tolerances.

    Returns
    -------
    difference : `str`
        Description, empty if the images are close.

    Raises
    ------
    TypeError
        Raised if something is not numeric, or dimensions differ.
    """
    arrays = [_numericArray(image0, "image0"), _numericArray(image1, "image1")]
    if skipMask is not None:
        arrays.append(_numericArray(skipMask, "skipMask"))
    for array, name in zip(arrays[1:], ("image1", "skipMask")):
        if array.shape != arrays[0].shape:
            raise TypeError(f"{name} shape = {array.shape} != {arrays[0].shape} = image0 shape")
    # Differences of unsigned integers would wrap around.
    first, second = (array.astype(np.promote_types(array.dtype, np.int8), copy=False)
                     if array.dtype.kind == "u" else array for array in arrays[:2])
    skip = arrays[2].astype(bool) if skipMask is not None else np.zeros(first.shape, dtype=bool)
    messages = []
    if first.dtype.kind in "fc" and second.dtype.kind in "fc":
        messages, skip = _compareNonFinite(first, second, skip)
    first, second = np.where(skip, 0, first), np.where(skip, 0, second)
    if not np.allclose(first, second, rtol=rtol, atol=atol):
        error = np.abs(first - second)
        y, x = np.unravel_index(np.argmax(error), error.shape)
        messages.insert(0, f"maxDiff={error[y, x]} at position {(x, y)}; "
                           f"value={first[y, x]} vs. {second[y, x]}")
    return "; ".join(messages)


def _compareNonFinite(first, second, skip):
    """Return what differs among NaN and infinities, and the pixels that remain to be ignored."""
    messages, ignored = [], skip
    for name, test in (("NaNs", np.isnan), ("+infs", np.isposinf), ("-infs", np.isneginf)):
        in0, in1 = test(first), test(second)
        if np.any((in0 != in1) & ~skip):
            messages.append(f"{name} differ")
        ignored = ignored | in0 | in1
    return messages, ignored


@lsst.utils.tests.inTestCase
def assertImagesAlmostEqual(testCase, image0, image1, skipMask=None, rtol=1.0e-05, atol=1e-08,
                            msg="Images differ"):
    """Assert that two images are close; see `imagesDiffer`."""
    difference = imagesDiffer(image0, image1, skipMask=skipMask, rtol=rtol, atol=atol)
    if difference:
        testCase.fail(f"{msg}: {difference}")


@lsst.utils.tests.inTestCase
def assertImagesEqual(*args, **kwds):
    """Assert that two images are equal; see `assertImagesAlmostEqual`."""
    return assertImagesAlmostEqual(*args, atol=0, rtol=0, **kwds)


@lsst.utils.tests.inTestCase
def assertMasksEqual(testCase, mask0, mask1, skipMask=None, msg="Masks differ"):
    """Assert that two masks are equal; see `imagesDiffer`."""
    difference = imagesDiffer(mask0, mask1, skipMask=skipMask, rtol=0, atol=0)
    if difference:
        testCase.fail(f"{msg}: {difference}")


def _threeArrays(maskedImage, name):
    arrays = maskedImage.getArrays() if hasattr(maskedImage, "getArrays") else maskedImage
    try:
        image, mask, variance = arrays
        valid = (image.shape == mask.shape == variance.shape and mask.dtype.kind in "biu"
                 and image.dtype.kind in "biufc" and variance.dtype.kind in "biufc")
    except (TypeError, ValueError, AttributeError):
        valid = False
    if not valid:
        raise TypeError(f"{name}={maskedImage!r} is not a supported type")
    return arrays


@lsst.utils.tests.inTestCase
def assertMaskedImagesAlmostEqual(testCase, maskedImage0, maskedImage1, doImage=True, doMask=True,
                                  doVariance=True, skipMask=None, rtol=1.0e-05, atol=1e-08,
                                  msg="Masked images differ"):
    """Assert that masks are equal, and images and variances close; see `imagesDiffer`.

    Parameters
    ----------
    testCase : `unittest.TestCase`
        Test to fail.
    maskedImage0, maskedImage1 : `MaskedImageF` or `tuple` of three `numpy.ndarray`
        What to compare.
    doImage, doMask, doVariance : `bool`, optional
        Which planes to compare.
    skipMask, rtol, atol, msg
        As in `assertImagesAlmostEqual`.

    Raises
    ------
    TypeError
        Raised if something is no masked image, or dimensions differ.
    """
    planes = zip(_threeArrays(maskedImage0, "maskedImage0"), _threeArrays(maskedImage1, "maskedImage1"),
                 (doImage, doMask, doVariance), ("image", "mask", "variance"))
    messages = []
    for plane0, plane1, doPlane, name in planes:
        if doPlane:
            tolerances = {"rtol": 0, "atol": 0} if name == "mask" else {"rtol": rtol, "atol": atol}
            difference = imagesDiffer(plane0, plane1, skipMask=skipMask, **tolerances)
            if difference:
                messages.append(f"{name} planes differ: {difference}")
    if messages:
        testCase.fail(f"{msg}: {'; '.join(messages)}")


@lsst.utils.tests.inTestCase
def assertMaskedImagesEqual(*args, **kwds):
    """Assert that two masked images are equal; see `assertMaskedImagesAlmostEqual`."""
    return assertMaskedImagesAlmostEqual(*args, atol=0, rtol=0, **kwds)
