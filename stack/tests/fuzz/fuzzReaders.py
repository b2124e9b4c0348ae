# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What is done with a mutated file of each kind, as a user would; and what may come of it.

A reader returns a digest of the content, by which it can be told whether something went missing.
"""

import hashlib
import pathlib
import re
import sqlite3

import numpy as np
from fuzzPiff import readPiff


class Digest:
    """Collects content."""

    def __init__(self):
        self._hash = hashlib.sha1()

    def add(self, *values):
        for value in values:
            if isinstance(value, np.ndarray) and value.dtype != object:
                self._hash.update(np.ascontiguousarray(value).tobytes())
            else:
                self._hash.update(repr(value).encode())

    def text(self):
        return self._hash.hexdigest()


_CATALOGS = {"everyType.fits": "BaseCatalog", "exposures.fits": "ExposureCatalog"}


def _seedName(path):
    return pathlib.Path(path).name.split("@")[-1]


def readCatalog(path, digest):
    import lsst.afw.table as afwTable
    from lsst.afw.fits import readMetadata

    readMetadata(path, 1)
    afwTable.Schema.readFits(path)
    catalog = getattr(afwTable, _CATALOGS.get(_seedName(path), "SourceCatalog")).readFits(path)
    digest.add(len(catalog), sorted(catalog.schema.getNames()))
    for item in catalog.schema:
        digest.add(*_column(catalog, item))
    for record in catalog[:50]:
        if hasattr(record, "getFootprint"):
            _addFootprint(digest, record.getFootprint())
        if hasattr(record, "getPsf"):
            _addComponents(digest, record.getBBox(), record.getWcs(), record.getPsf(), record.getPhotoCalib())


def _column(catalog, item):
    if item.key.getTypeString().startswith("Array") and item.key.getSize() == 0 or (
            item.key.getTypeString() == "String"):
        return [np.asarray(record.get(item.key)) for record in catalog[:50]]
    return [catalog[item.key]]


def _addFootprint(digest, footprint):
    if footprint is None:
        digest.add(None)
        return
    digest.add(footprint.getArea(), len(footprint.getPeaks()), footprint.getBBox())
    if footprint.isHeavy():
        digest.add(footprint.getImageArray())


def _addComponents(digest, bbox, wcs, psf, photoCalib):
    from lsst.geom import Box2D, Box2I, Extent2I, Point2I

    if bbox.isEmpty():
        bbox = Box2I(Point2I(0, 0), Extent2I(10, 10))
    center = Box2D(bbox).getCenter()
    digest.add([part is None for part in (wcs, psf, photoCalib)])
    if wcs is not None:
        sky = wcs.pixelToSky(center)
        digest.add(sky.getRa().asRadians(), wcs.skyToPixel(sky))
    if psf is not None:
        digest.add(psf.computeImage(center).array, psf.computeKernelImage(center).array)
        psf.computeShape(center)
    if photoCalib is not None:
        digest.add(photoCalib.instFluxToNanojansky(1.0, center))


def _addMask(digest, mask):
    """Add the pixels of each plane: the number of a plane depends on what this process has read before."""
    for name, bit in sorted(mask.getMaskPlaneDict().items()):
        isSet = (mask.array >> bit & 1).astype(bool)
        if isSet.any():
            digest.add(name, isSet)


def readExposure(path, digest):
    from lsst.afw.image import ExposureF, ExposureFitsReader
    from lsst.geom import Box2I, Extent2I

    exposure = ExposureF(path)
    digest.add(exposure.getBBox(), exposure.image.array, exposure.variance.array)
    _addMask(digest, exposure.mask)
    info = exposure.info
    digest.add([part is None for part in (info.getVisitInfo(), info.getFilterLabel(), info.getApCorrMap(),
                                          info.getDetector(), info.getValidPolygon())])
    _addComponents(digest, exposure.getBBox(), exposure.getWcs(), exposure.getPsf(), exposure.getPhotoCalib())
    if exposure.getWidth() > 3 and exposure.getHeight() > 3:
        ExposureF(path, Box2I(exposure.getXY0(), Extent2I(3, 2)))
    reader = ExposureFitsReader(path)
    digest.add(reader.readBBox(), reader.readWcs() is None, reader.readVisitInfo() is None)
    digest.add(reader.readExposureId(), str(reader.readComponent("SUMMARY_STATS")))
    reader.readMetadata().toDict()


def readArchive(path, digest):
    from lsst.afw.detection import Psf
    from lsst.afw.geom import Polygon, SkyWcs
    from lsst.afw.image import ApCorrMap, PhotoCalib, TransmissionCurve
    from lsst.geom import Box2I, Extent2I, Point2D, Point2I

    classes = {"psf": Psf, "wcs": SkyWcs, "photoCalib": PhotoCalib, "apCorr": ApCorrMap,
               "transmission": TransmissionCurve, "polygon": Polygon}
    kind = _seedName(path).split(".")[0].split("-")[0]
    obj = classes[kind].readFits(path)
    bbox = Box2I(Point2I(100, 200), Extent2I(20, 20))
    if kind in ("psf", "wcs", "photoCalib"):
        parts = [obj if kind == name else None for name in ("wcs", "psf", "photoCalib")]
        _addComponents(digest, bbox, *parts)
    elif kind == "transmission":
        digest.add(obj.sampleAt(Point2D(1, 2), np.linspace(3e3, 8e3, 10)))
    else:
        digest.add(repr(obj.getVertices() if kind == "polygon" else sorted(obj.keys())))


def readImage(path, digest):
    from lsst.afw.fits import readMetadata
    from lsst.afw.image import ImageD, ImageF, Mask, MaskedImageF

    name = _seedName(path)
    readMetadata(path)
    if name == "masked.fits":
        image = MaskedImageF(path)
        digest.add(image.getBBox(), image.image.array, image.variance.array)
        _addMask(digest, image.mask)
    elif name == "mask.fits":
        mask = Mask(path)
        digest.add(mask.getBBox())
        _addMask(digest, mask)
    else:
        cls = ImageF if "float32" in name or name.startswith("image") else ImageD
        image = cls(path)
        digest.add(image.getBBox(), image.array)


def readHeader(path, digest):
    from lsst.afw.fits import readMetadata
    from lsst.afw.geom import makeSkyWcs
    from lsst.geom import Point2D

    wcs = makeSkyWcs(readMetadata(path, 0))
    digest.add(wcs.pixelToSky(Point2D(10, 20)).getRa().asRadians(), wcs.getPixelScale().asArcseconds())


def readAst(path, digest):
    import astshim
    from lsst.afw.geom import SkyWcs
    from lsst.geom import Point2D

    text = pathlib.Path(path).read_bytes().decode("utf-8", "replace")
    if "skyWcs" in path:
        digest.add(SkyWcs.readString(text).pixelToSky(Point2D(1, 2)).getRa().asRadians())
    else:
        frames = astshim.Channel(astshim.StringStream(text)).read()
        digest.add(frames.show(), astshim.Object.fromString(text).className)
        if hasattr(frames, "applyForward"):
            digest.add(frames.applyForward(np.ones((frames.nIn, 2))))


def readPolicy(path, digest):
    from lsst.daf.persistence import Policy

    policy = Policy(path)
    digest.add(sorted(str(name) for name in policy.names()), policy.get("exposures"))
    base = Policy({"datasets": {"raw": {"template": "raw"}}})
    base.update(policy)
    base.merge(policy)


def readRepository(path, digest):
    """Open the repository that a file belongs to, and look for data."""
    from lsst.daf.persistence import Butler

    butler = Butler(str(pathlib.Path(path).parent))
    digest.add(butler.queryMetadata("raw", ("visit", "raft", "sensor")))
    dataId = dict(visit=801, filter="r", raft="2,2", sensor="1,1")
    digest.add(butler.datasetExists("deepDiff_diaSrc", dataId), butler.getKeys("raw"))
    digest.add(len(butler.subset("deepDiff_diaSrc")))


def readPolicyOfRepository(path, digest):
    """Open the repository of a policy, and read and write whatever types it has."""
    from lsst.daf.base import PropertyList
    from lsst.daf.persistence import Butler, Storage

    root = pathlib.Path(path).parent
    (root/"things").mkdir()
    for name in ("800-r.yaml", "table.parq", "config.py", "800.fits"):
        (root/"things"/name).write_text("a: 1\n")
    with sqlite3.connect(root/"registry.sqlite3") as connection:
        connection.execute("CREATE TABLE raw (visit INT, filter TEXT, raft TEXT, sensor TEXT)")
        connection.execute("INSERT INTO raw VALUES (800, 'r', '2,2', '1,1')")
    connection.close()
    butler = Butler(str(root))
    mapper = butler._repos.all()[0].repo.mappers()[0]
    policy = Storage().getRepositoryCfg(str(root)).policy
    types = [name for name in mapper.mappings if policy is not None and f"datasets.{name}" in policy]
    dataId = {"visit": 800, "raft": "2,2", "sensor": "1,1", "filter": "r"}
    for datasetType in types:
        for action in (butler.datasetExists, butler.getUri, butler.get):
            _tolerate(action, datasetType, dataId)
            _tolerate(action, datasetType, {**dataId, "filter": "../../x"})
        _tolerate(lambda name: list(butler.subset(name)), datasetType)
        if mapper.mappings[datasetType].storage == "YamlStorage":
            for doBackup in (False, True):
                _tolerate(butler.put, PropertyList(), datasetType, dataId, doBackup)
    digest.add(sorted(types))


def _tolerate(action, *args):
    """Do something that may fail in ways that are documented."""
    try:
        return action(*args)
    except documentedErrors("repositoryPolicy") as error:
        if isinstance(error, AttributeError) and "is not known" not in str(error):
            raise
    except (KeyError, NotImplementedError):
        # The mapper has no such type; figures are not read.
        pass


def readStoredConfig(path, digest):
    """Compare a stored config with one's own, as a second run does."""
    from lsst.daf.persistence import Butler
    from lsst.meas.base import ForcedMeasurementConfig

    butler = Butler(str(pathlib.Path(path).parent))
    stored = butler.get("fuzz_config")
    stored.compare(ForcedMeasurementConfig(), shortcut=False, output=digest.add)
    butler.put(stored, "fuzz_config", doBackup=True)


def readParents(path, digest):
    """Open the first of the repositories that a text makes up."""
    from lsst.daf.persistence import Butler

    root = pathlib.Path(path).parent
    text = pathlib.Path(path).read_bytes().decode("utf-8", "surrogateescape")
    for part in text.split("@@ ")[1:]:
        name, _, content = part.partition("\n")
        if re.fullmatch("[a-d]", name):
            (root/name).mkdir(exist_ok=True)
            (root/name/"repositoryCfg.yaml").write_bytes(content.encode("utf-8", "surrogateescape"))
    butler = Butler(inputs=str(root/"a"), outputs=str(root/"out"))
    digest.add(len(butler._repos.all()), butler.datasetExists("deepDiff_diaSrc", visit=801, filter="r",
                                                              raft="2,2", sensor="1,1"))


READERS = {"catalog": readCatalog, "exposure": readExposure, "archive": readArchive, "image": readImage,
           "header": readHeader, "ast": readAst, "policy": readPolicy, "repositoryCfg": readRepository,
           "mapper": readRepository, "registry": readRepository, "storedConfig": readStoredConfig,
           "repositoryPolicy": readPolicyOfRepository, "parents": readParents, "piff": readPiff}


def documentedErrors(kind):
    """Return the exceptions that a reader may raise for a file that it cannot use."""
    import yaml

    import lsst.pex.exceptions as pexExceptions
    from lsst.daf.persistence import NoResults

    if kind in ("catalog", "exposure", "archive", "image", "piff"):
        return (pexExceptions.Exception,)
    if kind in ("ast", "header"):
        return (RuntimeError, pexExceptions.Exception)
    if kind == "policy":
        return (RuntimeError, yaml.YAMLError)
    # AttributeError: the repository's mapper is one that does not know the data that are asked for.
    return (RuntimeError, yaml.YAMLError, sqlite3.Error, NoResults, AttributeError, ImportError, OSError,
            pexExceptions.Exception)
