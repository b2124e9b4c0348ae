# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What is mutated: files that the real stack wrote, and small ones of every other kind, made here."""

import pathlib
import sqlite3
import tempfile

import numpy as np
from fuzzPiff import makePickles

ROOT = pathlib.Path(__file__).parents[2]
DATA = ROOT/"tests"/"data"/"stack-v23"
ZOO = ("analyticPsf", "doublePsf", "gaussianPsf", "kernelPsf", "pcaPsf", "singlePsf")

REPOSITORY_CFG = """!RepositoryCfg_v1
_mapper: !!python/name:lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper ''
_mapperArgs: {}
_parents: []
_policy: !!python/object:lsst.daf.persistence.policy.Policy
  data:
    datasets:
      thing:
        persistable: PropertyList
        python: lsst.daf.base.PropertyList
        storage: YamlStorage
        template: things/%(visit)d.yaml
_root: null
dirty: true
"""

REPOSITORY_POLICY = """!RepositoryCfg_v1
_mapper: lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper
_mapperArgs: {}
_parents: []
_policy: !!python/object:lsst.daf.persistence.policy.Policy
  data:
    datasets:
      thing:
        template: things/%(visit)d-%(filter)s.yaml
        python: lsst.daf.base.PropertyList
        persistable: PropertyList
        storage: YamlStorage
        tables: raw
      table:
        template: things/table.parq
        python: lsst.pipe.tasks.parquetTable.ParquetTable
        persistable: ParquetTable
        storage: ParquetStorage
      fuzz_config:
        template: things/config.py
        python: lsst.meas.base.ForcedMeasurementConfig
        persistable: Config
        storage: ConfigStorage
        tables: [raw]
      deepDiff_diaSrc:
        template: things/%(visit)d.fits
_root: null
dirty: true
"""
STORED_CONFIG = REPOSITORY_POLICY.replace("things/config.py", "config.py")

_PARENT = """!RepositoryCfg_v1
_mapper: lsst.obs.lsstSim.lsstSimMapper.LsstSimMapper
_mapperArgs: {{}}
_parents: {}
_policy: null
_root: null
"""
_PARENTS = {"a": ["../b", "../c"], "b": ["../d"], "c": ["../d"], "d": []}


def _parentTrees(folder):
    """Return repositories as one text: before each the line ``@@ name``."""
    return [("tree", "".join(f"@@ {name}\n" + _PARENT.format(parents)
                             for name, parents in _PARENTS.items()).encode())]


def _storedConfigs(folder):
    from lsst.meas.base import ForcedMeasurementConfig

    return [("config.py", ForcedMeasurementConfig().saveToString().encode())]


def makeCorpus(kinds=None):
    """Return the seeds of some kinds, or of all: `dict` of kind to `list` of (name, bytes)."""
    with tempfile.TemporaryDirectory() as folder:
        return {kind: make(pathlib.Path(folder)) for kind, make in _MAKERS.items()
                if kinds is None or kind in kinds}


def _write(folder, name, obj, *args):
    path = folder/name
    obj.writeFits(str(path), *args)
    return name, path.read_bytes()


def _zoo(name):
    from lsst.afw.image import ExposureF

    return ExposureF(str(DATA/"zoo"/f"{name}.fits"))


def _catalogs(folder):
    paths = [DATA/"repo"/"schema"/"deepDiff_diaSrc.fits", DATA/"expected"/"reference.fits",
             DATA/"repo"/"deepDiff"/"v840-fg"/"R22"/"diaSrc-S11.fits"]
    seeds = [(path.name, path.read_bytes()) for path in paths]
    return [*seeds, _write(folder, "everyType.fits", _everyType()),
            _write(folder, "exposures.fits", _exposureCatalog()),
            _write(folder, "heavy.fits", _heavyCatalog()), _oldCatalog(folder)]


def _everyType():
    import lsst.afw.table as afwTable

    schema = afwTable.Schema()
    for letter in "BUILFD":
        schema.addField("s" + letter, type=letter, doc="a scalar", units="count")
        if letter != "L":
            schema.addField("a" + letter, type="Array" + letter, size=3)
            schema.addField("v" + letter, type="Array" + letter, size=0)
    schema.addField("angle", type="Angle")
    schema.addField("text", type="String", size=6)
    schema.addField("long", type="String", size=0)
    for i in range(11):
        schema.addField(f"flag{i}", type="Flag", doc=f"flag {i}")
    schema.getAliasMap().set("other", "s")
    catalog = afwTable.BaseCatalog(schema)
    catalog.resize(4)
    for i, record in enumerate(catalog):
        record["vD"] = np.arange(i, dtype=float)
        record["text"], record["long"], record["flag3"] = "x"*i, "some text "*i, i == 2
    return catalog


def _exposureCatalog():
    import lsst.afw.table as afwTable

    catalog = afwTable.ExposureCatalog(afwTable.ExposureTable.makeMinimalSchema())
    for name in ("kernelPsf", "singlePsf"):
        exposure, record = _zoo(name), catalog.addNew()
        record.setBBox(exposure.getBBox())
        record.setWcs(exposure.getWcs())
        record.setPsf(exposure.getPsf())
        record.setPhotoCalib(exposure.getPhotoCalib())
        record.setVisitInfo(exposure.visitInfo)
    return catalog


def _heavyCatalog():
    import lsst.afw.table as afwTable
    from lsst.afw.detection import Footprint, makeHeavyFootprint
    from lsst.afw.geom import SpanSet
    from lsst.geom import Box2I, Extent2I, Point2I

    exposure = _zoo("singlePsf")
    catalog = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
    for i in range(3):
        footprint = Footprint(SpanSet(Box2I(Point2I(110 + 5*i, 210), Extent2I(4, 3 + i))))
        footprint.addPeak(111 + 5*i, 211, 10.0)
        catalog.addNew().setFootprint(makeHeavyFootprint(footprint, exposure.maskedImage) if i else footprint)
    return catalog


def _oldCatalog(folder):
    """Return a table as stacks wrote them before they had versions: compound columns, slots in the header."""
    from lsst.afw.fits import FitsFile
    from lsst.afw.fits._cards import formatCards

    columns = [("flags", "3X", "Flag", "u1"), ("id", "1K", "Scalar", ">i8"), ("coord", "2D", "Coord", ">f8"),
               ("parent", "1K", "Scalar", ">i8"), ("flux", "1D", "Scalar", ">f8"),
               ("flux_err", "1D", "Scalar", ">f8"), ("centroid", "2D", "Point", ">f8"),
               ("centroid_err", "3E", "Covariance(Point)", ">f4"), ("shape", "3D", "Moments", ">f8"),
               ("spans", "1PJ(3)", "Array", ">i4"),
               ("peaks", "1PE(3)", "Array", ">f4")]
    shapes = {"X": (1,), "P": (2,)}
    fields, cards = [], []
    # The last two columns are arrays in the heap.
    for i, (name, form, kind, dtype) in enumerate(columns, 1):
        shape = shapes.get(form.lstrip("0123456789")[0], (int(form[0]),))
        fields.append((f"c{i}", ">i4" if "P" in form else dtype, shape))
        cards += formatCards(f"TTYPE{i}", name) + formatCards(f"TFORM{i}", form)
        cards += formatCards(f"TCCLS{i}", kind) + formatCards(f"TUNIT{i}", "count" if "flux" in name else "")
    slots = {f"{slot}{end}_SLOT": name + end.lower()
             for slot, name in (("PSF_FLUX", "flux"), ("CENTROID", "centroid")) for end in ("", "_ERR")}
    for key, value in {"AFW_TYPE": "SOURCE", "AFW_TABLE_VERSION": 0, "FLAGCOL": 1, "TFLAG1": "negative",
                       "TFLAG2": "flux_flags", "TFLAG3": "centroid_flags", **slots,
                       "PSF_FLUX_FLAG_SLOT": "flux_flags", "CENTROID_FLAG_SLOT": "centroid_flags",
                       "SHAPE_SLOT": "shape", "SPANCOL": 10, "PEAKCOL": 11}.items():
        cards += formatCards(key, value)
    rows = np.zeros(3, np.dtype(fields))
    rows["c2"] = np.arange(1, 4)[:, np.newaxis]
    rows["c10"], rows["c11"] = (3, 0), (3, 12)
    heap = np.array([5, 7, 9], ">i4").tobytes() + np.array([8, 5, 100], ">f4").tobytes()
    path = folder/"version0.fits"
    with FitsFile(str(path), "w") as file:
        file.writeTable(rows, cards, heap=heap)
    return path.name, path.read_bytes()


def _options(algorithm):
    from lsst.afw.fits import ImageWriteOptions
    from lsst.daf.base import PropertySet

    options = PropertySet()
    options.set("compression.algorithm", algorithm)
    if algorithm == "RICE":
        for key, value in (("algorithm", "STDEV_POSITIVE"), ("bitpix", 32), ("quantizeLevel", 10.0)):
            options.set("scaling." + key, value)
    return ImageWriteOptions(ImageWriteOptions.validate(options))


def _quantized():
    """Return the options of the Gen3 butler's lossy recipe."""
    from lsst.afw.fits import ImageWriteOptions
    from lsst.afw.fits._quantization import Quantization, QuantizedCompressionOptions

    quantization = Quantization("SUBTRACTIVE_DITHER_2", level=16.0, seed=7)
    rice = QuantizedCompressionOptions.RICE
    return ImageWriteOptions(QuantizedCompressionOptions(rice, [0, 1], quantization))


def _cutOut(name, width=24, height=20):
    from lsst.geom import Box2I, Extent2I, Point2I

    return _zoo(name)[Box2I(Point2I(110, 210), Extent2I(width, height))]


def _exposures(folder):
    from lsst.afw.image import ExposureSummaryStats

    seeds = [_write(folder, f"{name}.fits", _cutOut(name)) for name in ZOO]
    for algorithm in ("NONE", "GZIP", "GZIP_SHUFFLE", "RICE"):
        options = _options(algorithm)
        masks = _options("GZIP_SHUFFLE" if algorithm != "NONE" else "NONE")
        seeds.append(_write(folder, f"{algorithm}.fits", _cutOut("kernelPsf"), options, masks, options))
    exposure = _cutOut("kernelPsf")
    exposure.info.setSummaryStats(ExposureSummaryStats(psfSigma=1.5))
    options = [_quantized(), _options("GZIP_SHUFFLE"), _quantized()]
    seeds.append(_write(folder, "lossy16.fits", exposure, *options))
    whole = DATA/"zoo"/"gaussianPsf.fits"
    return [*seeds, (whole.name, whole.read_bytes())]


def _archives(folder):
    from lsst.afw.geom import Polygon, makeWcsPairTransform
    from lsst.afw.image._transmissionCurve import _RadialTransmissionCurve
    from lsst.geom import Box2D
    from lsst.meas.algorithms import CoaddPsf, WarpedPsf

    seeds = []
    for name in ZOO:
        exposure = _zoo(name)
        info = exposure.info
        for what, part in (("psf", exposure.getPsf()), ("wcs", exposure.getWcs()),
                           ("photoCalib", exposure.getPhotoCalib()), ("apCorr", info.getApCorrMap())):
            if part is not None:
                seeds.append(_write(folder, f"{what}-{name}.fits", part))
    curve = _RadialTransmissionCurve(np.eye(3, 4), np.linspace(4e3, 7e3, 4), [0.0, 10.0, 20.0], 0.0, 0.0)
    seeds.append(_write(folder, "transmission.fits", curve))
    seeds.append(_write(folder, "polygon.fits", Polygon(Box2D(exposure.getBBox()))))
    catalog = _weighted(_exposureCatalog())
    psf = CoaddPsf(catalog, catalog[0].getWcs(), "weight")
    seeds.append(_write(folder, "psf-coadd.fits", psf))
    distortion = makeWcsPairTransform(catalog[0].getWcs(), catalog[1].getWcs())
    seeds.append(_write(folder, "psf-warped.fits", WarpedPsf(exposure.getPsf(), distortion)))
    return seeds


def _weighted(catalog):
    """Return a copy of the exposures with a field of weights."""
    import lsst.afw.table as afwTable
    from lsst.geom import Box2I, Extent2I, Point2I

    schema = afwTable.ExposureTable.makeMinimalSchema()
    weight = schema.addField("weight", type="D")
    result = afwTable.ExposureCatalog(schema)
    for old in catalog:
        record = result.addNew()
        record.set(weight, 1.0)
        record.setBBox(Box2I(Point2I(-200, -200), Extent2I(500, 500)))
        record.setWcs(old.getWcs())
        record.setPsf(old.getPsf())
    return result


def _images(folder):
    exposure = _cutOut("doublePsf")
    image, mask = exposure.image, exposure.mask
    seeds = [_write(folder, "masked.fits", exposure.maskedImage), _write(folder, "mask.fits", mask)]
    for dtype in (np.float32, np.float64, np.int32, np.uint16, np.uint64):
        seeds.append(_write(folder, f"{np.dtype(dtype).name}.fits", image.convertU()
                            if dtype is np.uint16 else _asType(image, dtype)))
    for algorithm in ("GZIP", "GZIP_SHUFFLE", "RICE"):
        seeds.append(_write(folder, f"image-{algorithm}.fits", image, _options(algorithm)))
    return [*seeds, _write(folder, "image-lossy16.fits", image, _quantized())]


def _asType(image, dtype):
    from lsst.afw.image import Image

    return Image(np.nan_to_num(np.clip(image.array, 0, 1000)).astype(dtype), dtype=dtype)


def _headers(folder):
    from lsst.afw.fits import FitsFile

    seeds = []
    for name in ("kernelPsf", "gaussianPsf"):
        path = folder/f"header-{name}.fits"
        with FitsFile(str(path), "w") as file:
            file.writeEmpty(_zoo(name).getWcs().getFitsMetadata())
        seeds.append((path.name, path.read_bytes()))
    return seeds


def _astTexts(folder):
    texts = [("skyWcs-" + name, _zoo(name).getWcs().writeString().encode()) for name in ZOO[:2]]
    for name in ZOO[1:4]:
        frames = _zoo(name).getWcs().getFrameDict()
        texts.append(("frames-" + name, frames.show().encode()))
    return texts


def _policies(folder):
    obs = ROOT/"lsst"/"obs"
    paths = [obs/"lsstSim"/"policy"/"LsstSimMapper.yaml",
             obs/"base"/"policy"/"exposures.yaml"]
    return [(path.name, path.read_bytes()) for path in paths if path.exists()]


def _registry(folder):
    path = folder/"registry.sqlite3"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, visit INT, filter TEXT, raft TEXT, "
                           "sensor TEXT, taiObs TEXT)")
        connection.executemany("INSERT INTO raw VALUES (?, ?, 'r', '2,2', ?, '2022-01-01')",
                               [(i, 800 + i, f"1,{i % 3}") for i in range(12)])
    connection.close()
    return [(path.name, path.read_bytes())]


_MAKERS = {"catalog": _catalogs, "exposure": _exposures, "archive": _archives, "image": _images,
           "header": _headers, "ast": _astTexts, "policy": _policies, "registry": _registry,
           "storedConfig": _storedConfigs, "parents": _parentTrees, "piff": makePickles,
           "repositoryPolicy": lambda folder: [("repositoryCfg.yaml", REPOSITORY_POLICY.encode())],
           "repositoryCfg": lambda folder: [("repositoryCfg.yaml", REPOSITORY_CFG.encode())],
           "mapper": lambda folder: [("_mapper", b"lsst.obs.lsstSim.LsstSimMapper\n")]}
