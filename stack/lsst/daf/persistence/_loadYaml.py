# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading YAML files that may be damaged, or made to do harm."""

__all__ = ["loadYaml", "readLimited", "readText"]

import io
import re

import yaml

from lsst.afw.fits._regularFile import openRegular
from lsst.pex.exceptions._printable import printableLines

# The longest policy has 43,000 characters.
_MAX_TEXT = 1 << 22
_MAX_DEPTH = 500
_MAX_VALUES = 1_000_000
_DEEP_LINE = re.compile(rf"^[ \t:?-]{{{_MAX_DEPTH}}}", re.MULTILINE)


class _NamedText(io.StringIO):
    """Text with the name that errors shall mention."""

    def __init__(self, text, name):
        super().__init__(text)
        self.name = name


def readText(path):
    """Return the text of a file (`str`).

    Raises
    ------
    OSError
        The file cannot be read, or is no regular file.
    RuntimeError
        It is not text, or too much.
    """
    with open(path, encoding="utf-8", opener=openRegular) as stream:
        try:
            return readLimited(stream, path)
        except UnicodeDecodeError as error:
            raise RuntimeError(f"{path} is not text: {error}") from None


def readLimited(stream, source):
    """Return the text of an open file (`str`); RuntimeError, with its path, if it is too long."""
    text = stream.read(_MAX_TEXT + 1)
    if len(text) > _MAX_TEXT:
        raise RuntimeError(f"Cannot read {source}: it has more than {_MAX_TEXT:,} characters")
    return text


def loadYaml(text, source, loaderClass):
    """Read a YAML document.

    Parameters
    ----------
    text : `str`
        The document.
    source : `str`
        Path of the file, for the error messages.
    loaderClass : `type`
        Subclass of `yaml.SafeLoader` or `yaml.CSafeLoader`.

    Returns
    -------
    data : object
        What the document stands for; `None` if it is empty.

    Raises
    ------
    RuntimeError
        The document is nested too deeply, aliases make it too large, or it has a value that there cannot be.
    yaml.YAMLError
        It is not YAML, or has a tag that the loader does not know.
    """
    if not issubclass(loaderClass, yaml.SafeLoader) and _mayBeDeep(text):
        loaderClass = yaml.SafeLoader  # libyaml would run out of stack, and take the process with it
    loader = loaderClass(_NamedText(text, source))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _countValues(node, {}, set()) > _MAX_VALUES:
            raise RuntimeError(f"Cannot read {source}: its aliases stand for too many values")
        return loader.construct_document(node)
    except RecursionError:
        raise RuntimeError(f"Cannot read {source}: it is nested too deeply, or contains itself") from None
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise RuntimeError(printableLines(f"Cannot read {source}: {error}")) from error
    finally:
        loader.dispose()


def _mayBeDeep(text):
    return text.count("[") + text.count("{") > _MAX_DEPTH or _DEEP_LINE.search(text) is not None


def _countValues(node, known, inside):
    """Return the number of values that a node stands for, each alias counted in full."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in inside:
        raise RecursionError
    if id(node) not in known:
        inside.add(id(node))
        isMapping = isinstance(node, yaml.MappingNode)
        children = [child for pair in node.value for child in pair] if isMapping else node.value
        known[id(node)] = 1 + sum(_countValues(child, known, inside) for child in children)
        inside.discard(id(node))
    return known[id(node)]
