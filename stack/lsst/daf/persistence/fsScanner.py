# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding the files that a path template describes."""

__all__ = ["FsScanner"]

import glob
import logging
import re

_FORMAT = re.compile(r"%\((\w+)\).*?([dioueEfFgGcrs])")
_PATTERNS = {str: ".+", float: r"[\d.eE+-]+", int: r"[\d+-]+"}
_log = logging.getLogger("daf.persistence.fsScanner")


class FsScanner:
    """Finds files by a template and splits their paths into the fields of the template.

    Parameters
    ----------
    pathTemplate : `str`
        Path with format specifications such as ``%(visit)d``. An HDU in brackets at its end is ignored. Where
        a field appears again, ``_0``, ``_1`` ... is added to its name. Hexadecimal fields are not supported.
    """

    def __init__(self, pathTemplate):
        if pathTemplate.endswith("]"):
            pathTemplate = pathTemplate[: pathTemplate.rfind("[")]
        self.globString = _FORMAT.sub("*", pathTemplate)
        self.fields = {}
        self.reString = ""
        last = 0
        for match in _FORMAT.finditer(pathTemplate):
            self.reString += re.escape(pathTemplate[last : match.start()])
            self.reString += self._addField(*match.groups())
            last = match.end()
        self.reString += re.escape(pathTemplate[last:])

    def _addField(self, name, conversion):
        if name in self.fields:
            name += f"_{sum('_' in field for field in self.fields)}"
        fieldType = str if conversion in "crs" else float if conversion in "eEfFgG" else int
        self.fields[name] = {"pos": len(self.fields), "fieldType": fieldType}
        return f"(?P<{name}>{_PATTERNS[fieldType]})"

    def getFields(self):
        """Return the names of the fields in the order of the template."""
        return list(self.fields)

    def isNumeric(self, name):
        """Tell whether a field is a number."""
        return self.fields[name]["fieldType"] is not str

    def isInt(self, name):
        """Tell whether a field is an integer."""
        return self.fields[name]["fieldType"] is int

    def isFloat(self, name):
        """Tell whether a field is a floating-point number."""
        return self.fields[name]["fieldType"] is float

    def processPath(self, location):
        """Find the files under a directory.

        Parameters
        ----------
        location : `str`
            Directory.

        Returns
        -------
        found : `dict` [`str`, `dict`]
            Fields and their values by path relative to ``location``.
        """
        found = {}
        for path in glob.glob(self.globString, root_dir=location):
            match = re.search(self.reString, path)
            if match is None:
                _log.warning("unmatched path: %s", path)
                continue
            found[path] = {
                name: self.fields[name]["fieldType"](text) for name, text in match.groupdict().items()
            }
        return found
