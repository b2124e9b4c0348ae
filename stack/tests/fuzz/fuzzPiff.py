# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pickles of Piff PSFs: some to begin with, damage of every kind, and pickles that were never PSFs."""

import copy
import functools
import importlib.util
import pathlib
import pickle
import pickletools
import struct

import numpy as np
from fuzzMutations import CANARY, cutOut, cutText, flipBits, zeroFill

IS_THERE = importlib.util.find_spec("piff") is not None

NAMES = [("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "exec"),
         ("builtins", "getattr"), ("builtins", "open"), ("builtins", "__import__"), ("subprocess", "Popen"),
         (CANARY, "run"), ("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("numpy", "load"),
         ("numpy", "fromfile"), ("numpy", "memmap"), ("numpy.core.multiarray", "fromfile"),
         ("numpy", "ndarray.tofile"), ("numpy", "record"), ("piff.psf", "PSF.read"),
         ("piff.simplepsf", "SimplePSF.write"), ("piff.simplepsf", "galsim.fits.read"),
         ("piff.config", "process"), ("piff", "read"), ("piff", "SimplePSF"), ("galsim.image", "np.load"),
         ("galsim.fits", "read"), ("galsim.interpolatedimage", "InterpolatedKImage"),
         ("galsim.image", "Image.__init__"), ("galsim.gsparams", "GSParams.__setstate__"),
         ("operator", "attrgetter"), ("functools", "partial"), ("codecs", "encode"), ("", ""), ("numpy", ""),
         ("numpy.dtype", "type")]
"""Modules and names that no pickle of a PSF may have."""

INSTRUCTIONS = [b"R", b"b", b"\x81", b"\x92", b"(", b"t", b"0", b"1", b"2", b"s", b"a", b"\x94", b"h\x03",
                b"j\xff\xff\xff\xff", b"r\xff\xff\xff\x7f", b"N", b"]", b"}", b"\x8f", b"\x90", b"\x91", b"Q",
                b"P0\n", b"\x82\x01", b"I5\n", b".", b"\x97", b"\x98", b"o", b"\x88"]


def makePickles(folder):
    """Return pickles of PSFs of several kinds."""
    return [(f"{name}.pkl", pickle.dumps((np.float64(15), np.float64(15), psf), protocol))
            for name, psf, protocol in (("polynomial", _makePsf(), 4), ("protocol5", _makePsf(), 5),
                                        ("color", _makePsf(("u", "v", "colorValue")), 4))]


def _makePsf(keys=("x", "y")):
    import galsim
    import piff

    size, wcs = 9, galsim.PixelScale(0.2)
    interp = piff.BasisPolynomial(1, keys)
    psf = piff.SimplePSF(piff.PixelGrid(0.2, size, galsim.Lanczos(5)), interp)
    v, u = np.mgrid[:size, :size] - size//2
    interp.q = np.zeros((size*size, len(keys) + 1))
    interp.q[:, 0] = np.exp(-0.3*(u**2 + v**2)).ravel()
    interp.q[:, 1] = 1e-6*interp.q[:, 0]
    psf.wcs, psf.pointing, psf.outliers = {0: wcs}, None, piff.outliers.ChisqOutliers(nsigma=4)
    psf.stars = [piff.Star.makeTarget(x=10.0*i, y=7.0*i, wcs=wcs, stamp_size=4,
                                      properties={"starId": i, "colorValue": 0.5, "colorType": "g-i"})
                 for i in range(3)]
    return psf


@functools.cache
def _template():
    from lsst.meas.extensions.piff.piffPsf import PiffPsf

    return PiffPsf(15, 15, _makePsf())


def readPiff(path, digest):
    """Read the PSF whose pickle is in a file, as an archive has it, and evaluate it."""
    from lsst.afw.detection import Psf
    from lsst.geom import Point2D

    psf = copy.copy(_template())
    psf._stored = pathlib.Path(path).read_bytes()
    psf.writeFits(path + ".fits")
    psf = Psf.readFits(path + ".fits")
    images, _ = psf._computeImages(np.array([[10.25, 20.5], [1000.0, 2000.0]]))
    position = Point2D(10.25, 20.5)
    digest.add(images, psf.getAveragePosition(), psf.computeImage(position).array,
               psf.computeKernelImage(position).array)


def _instructions(data):
    """Return the instructions of a pickle, as far as it is one."""
    starts = []
    try:
        starts += [position for _, _, position in pickletools.genops(data)]
    except Exception:
        pass
    return [data[start:stop] for start, stop in zip(starts, [*starts[1:], len(data)])]


def editInstructions(rng, data):
    """Leave out, repeat, exchange or insert instructions."""
    parts = _instructions(data)
    for _ in range(rng.randint(1, 4)):
        i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
        kind = rng.randrange(4)
        if kind == 0 and len(parts) > 1:
            del parts[i]
        elif kind == 1:
            parts.insert(j, parts[i])
        elif kind == 2:
            parts[i % len(parts)], parts[j % len(parts)] = parts[j % len(parts)], parts[i % len(parts)]
        else:
            parts.insert(i, rng.choice(INSTRUCTIONS))
    return b"".join(parts)


def editValue(rng, data):
    """Put another value in the place of one."""
    parts = _instructions(data)
    kinds = (b"K", b"M", b"J", b"G", b"\x8c", b"C", b"N", b"\x88")
    places = [i for i, part in enumerate(parts) if part[:1] in kinds]
    for _ in range(rng.randint(1, 3)):
        parts[rng.choice(places)] = rng.choice([
            b"K\x00", b"K\xff", b"M\xff\xff", b"J\xff\xff\xff\x7f", b"J\xff\xff\xff\xff",
            b"J\x00\x00\x00\x80",
            b"\x8a\x09" + b"\xff"*8 + b"\x7f", b"N", b"\x88", b"]", b"}", b")",
            *(b"G" + struct.pack(">d", value) for value in (1e308, 1e-308, float("inf"), float("nan"))),
            *map(_text, (CANARY, "O8", "V8", "S9999999", "f8", "|", "__class__")),
            b"C\x04abcd", b"C\x00", b"h\x00", b"K\x02K\x02\x86", _text("M8[ns]"), b"h\x10"])
    return b"".join(parts)


def editName(rng, data):
    """Let a pickle name something else."""
    parts = _instructions(data)
    places = [i for i, part in enumerate(parts) if part == b"\x93"]
    module, name = rng.choice(NAMES)
    at = rng.choice(places)
    # What was there for it is left on the stack, or taken off as far as the instruction for that is known.
    parts[at] = rng.choice([b"", b"00"]) + _text(module) + _text(name) + b"\x93"
    return b"".join(parts)


def spliceCall(rng, data):
    """Put a call of something in the place of a value."""
    parts = _instructions(data)
    places = [i for i, part in enumerate(parts) if part[:1] in (b"K", b"G", b"N", b"\x88", b"C")]
    parts[rng.choice(places)] = _call(rng)
    return b"".join(parts)


def replaceAll(rng, data):
    """Put a pickle that means harm in the place of a PSF."""
    n = rng.choice([10, 1000, 200000])
    head = rng.choice([b"\x80\x04", b"\x80\x04", b"\x80\x05", b"\x80\x02", b""])
    body = rng.choice([
        _call(rng), _call(rng), _call(rng), b"cos\nsystem\n(S'touch %s'\ntR" % CANARY.encode(),
        b"(ios\nsystem\nS'x'\n", b"c%s\nrun\n)R" % CANARY.encode(),
        b"Nr\xff\xff\xff\x7f", b"N\x94j\xff\xff\xff\x7f", b"\x8e" + b"\xff"*7 + b"\x3f",
        b"\x8b\xff\xff\xff\x7f", b"\x8d" + b"\xff"*7 + b"\x7f", b"\x96" + b"\xff"*7 + b"\x3f",
        b"B\xff\xff\xff\xff", b"X\xff\xff\xff\xff",
        b"\x95" + b"\xff"*8, b"("*n, b"N"*n, b"N" + b"\x85"*n, b"]"*n, b"]" + b"\x94h\x00a"*n, b"N\x94"*n,
        # Nested tuples as a key, and many keys that have one hash.
        b"}N" + b"\x85"*n + b"Ns",
        b"}(" + b"".join(b"\x8a\x0b" + (i*(2**61 - 1)).to_bytes(11, "little") + b"N"
                         for i in range(n)) + b"u",
        # A list in itself, a state in itself.
        b"]\x94(h\x00h\x00h\x00e", _text("piff.simplepsf") + _text("SimplePSF") + b"\x93)\x81\x94h\x00b",
        b"K\x0fK\x0f" + _text("piff.simplepsf") + _text("SimplePSF") + b"\x93)\x81\x94}\x94("
        + b"".join(_text(name) + b"h\x00" for name in ("model", "interp", "wcs", "stars")) + b"ub\x87",
        _text("numpy") + _text("dtype") + b"\x93" + _text("O8") + b"\x89\x88\x87R",
        b"(" + b"K\x00"*n + b"t", b"\x8c\xff" + b"x"*255,
        b"]\x94" + b"(h\x00h\x00h\x00h\x00e"*min(n, 1000)])
    return head + body + b"."


def _call(rng):
    """Return instructions that call something with a file name or a command."""
    admitted = [("galsim.image", "Image"), ("galsim.interpolatedimage", "InterpolatedImage"),
                ("piff.pixelgrid", "PixelGrid"), ("numpy", "dtype"), ("numpy", "ndarray"),
                ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar")]
    module, name = rng.choice(NAMES + admitted)
    args = rng.choice([_text(CANARY) + b"\x85", _text(f"touch {CANARY}") + b"\x85", b")",
                       _text(f"open('{CANARY}', 'w')") + b"\x85", _text(CANARY) + _text("w") + b"\x86",
                       b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86\x85",
                       b"K\x01K\x05" + _text(f"open('{CANARY}', 'w')") + b"\x87"])
    state = rng.choice([b"", b"", b"}" + _text("__class__") + b"Nsb", _text(CANARY) + b"b",
                        b"}" + _text("draw") + _text(CANARY) + b"sb"])
    return _text(module) + _text(name) + b"\x93" + args + rng.choice([b"R", b"R", b"\x81", b"}\x92"]) + state


def _text(text):
    return b"\x8c" + struct.pack("B", len(text)) + text.encode()


MUTATIONS = (cutText, cutOut, flipBits, flipBits, zeroFill, *(editInstructions,)*2, *(editValue,)*3, editName,
             *(spliceCall,)*2, *(replaceAll,)*2)
