# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading and writing the storage types.

A function that reads returns a list with the object at each location. One that writes gives the file its
final name when it is complete.
"""

__all__ = []

import functools
import os
import re

import yaml
from lsst.pex.config import Config

from lsst.afw.fits import readMetadata
from lsst.daf.base import PropertySet
from lsst.pex.exceptions._printable import printableLines

from ._dataClass import findDataClass
from ._loadYaml import loadYaml, readText
from ._locationPaths import findPaths
from ._storedConfig import loadStoredConfig
from .posixStorage import PosixStorage
from .safeFileIo import SafeFilename


def _paths(location, kind):
    """Yield the full paths, checking that the files exist."""
    for path in findPaths(location):
        if not os.path.exists(_withoutHdu(path)):
            raise RuntimeError(f"No such {kind} file: {path}")
        yield path


def _withoutHdu(path):
    return re.sub(r"(\.fits(.[a-zA-Z0-9]+)?)(\[.+\])$", r"\1", path)


def _reader(kind):
    """Make a function that reads a location from one that reads a path."""

    def decorate(readPath):
        @functools.wraps(readPath)
        def read(location):
            pythonType = findDataClass(location.getPythonType(), location)
            return [readPath(path, pythonType, location) for path in _paths(location, kind)]

        return read

    return decorate


def _writer(writePath):
    """Make a function that writes to a location from one that writes to a path."""

    @functools.wraps(writePath)
    def write(location, obj):
        path = findPaths(location)[0]
        with SafeFilename(path) as tempName:
            writePath(tempName, obj, location)

    return write


@_reader("config")
def _readConfig(path, pythonType, location):
    if not _isKind(pythonType, Config):
        raise RuntimeError(f"Cannot read {path}: {getattr(pythonType, '__name__', pythonType)} is no config")
    config = pythonType()
    loadStoredConfig(config, path)
    return config


@_writer
def _writeConfig(path, obj, location):
    obj.save(path)


@_reader("FITS")
def _readFits(path, pythonType, location):
    if hasattr(pythonType, "readFitsWithOptions"):
        return pythonType.readFitsWithOptions(path, options=location.getAdditionalData())
    if not _isKind(pythonType, PropertySet):
        return _method(pythonType, "readFits", path)(path)
    match = re.search(r"^(.*)\[(\d+)\]$", path)
    return readMetadata(match.group(1), hdu=int(match.group(2))) if match else readMetadata(path)


@_writer
def _writeFits(path, obj, location):
    if hasattr(obj, "writeFitsWithOptions"):
        obj.writeFitsWithOptions(path, options=location.getAdditionalData())
    else:
        _method(type(obj), "writeFits", path)(obj, path)


@_reader("FITS catalog")
def _readFitsCatalog(path, pythonType, location):
    return _method(pythonType, "readFits", path)(path, **_options(location, "hdu", "flags"))


@_writer
def _writeFitsCatalog(path, obj, location):
    _method(type(obj), "writeFits", path)(obj, path, **_options(location, "flags"))


def _isKind(pythonType, dataClass):
    return isinstance(pythonType, type) and issubclass(pythonType, dataClass)


def _method(dataClass, name, path):
    """Return a method that a class must have for the storage type of a file."""
    method = getattr(dataClass, name, None)
    if method is None:
        raise RuntimeError(f"{path}: its storage type is not for {dataClass}, which has no {name}")
    return method


def _options(location, *names):
    data = location.getAdditionalData()
    return {name: data.getScalar(name) for name in names if data.exists(name)}


@_reader("parquet")
def _readParquet(path, pythonType, location):
    try:
        return pythonType(filename=path)
    except ValueError as error:
        raise RuntimeError(f"Cannot read Parquet file {path}: {error}") from error


@_writer
def _writeParquet(path, obj, location):
    obj.write(path)


def _readMatplotlib(location):
    raise NotImplementedError("Figures saved with MatplotlibStorage cannot be retrieved using the Butler.")


@_writer
def _writeMatplotlib(path, obj, location):
    # The temporary name has another suffix than the one that says what format is wanted.
    suffix = os.path.splitext(location.getLocations()[0])[1]
    obj.savefig(path, format=suffix[1:] or None)


@_reader("YAML")
def _readYaml(path, pythonType, location):
    # Importing the class brings the constructors of its own tags.
    try:
        return loadYaml(readText(path), path, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise RuntimeError(printableLines(f"Cannot read YAML file {path}: {error}")) from error


@_writer
def _writeYaml(path, obj, location):
    with open(path, "w") as stream:
        yaml.dump(obj, stream, Dumper=_findDumper(type(obj)))


def _findDumper(cls):
    """Return the dumper on libyaml, which takes a quarter of the time, if it knows the class."""
    fast = getattr(yaml, "CDumper", yaml.Dumper)
    return fast if cls in fast.yaml_representers else yaml.Dumper


PosixStorage.registerFormatters("FitsStorage", _readFits, _writeFits)
PosixStorage.registerFormatters("ParquetStorage", _readParquet, _writeParquet)
PosixStorage.registerFormatters("ConfigStorage", _readConfig, _writeConfig)
PosixStorage.registerFormatters("FitsCatalogStorage", _readFitsCatalog, _writeFitsCatalog)
PosixStorage.registerFormatters("MatplotlibStorage", _readMatplotlib, _writeMatplotlib)
PosixStorage.registerFormatters("YamlStorage", _readYaml, _writeYaml)
