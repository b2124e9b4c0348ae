# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write light curves in formats that other programs read."""

from __future__ import annotations

__all__ = ["FORMATS", "LightCurveExporter"]

import io
import os
import re
from collections.abc import Sequence

import numpy as np
from astropy.table import Table

from ..completeFile import openComplete
from ..printable import spreadsheetText
from ..segments import findRuns
from ..units import AB_ZERO_POINT
from .lightCurveFile import LightCurveFile
from .usableMeasurements import usableRows

#: The formats, and the endings of their files.
FORMATS = {"ecsv": ".ecsv", "csv": ".csv", "sncosmo": ".sncosmo.txt", "parquet": ".parq"}


class LightCurveExporter:
    """Writes light curves into a directory.

    Parameters
    ----------
    curves : `LightCurveFile`
        The light curves.
    directory : `str`
        Where to write; made if need be.
    format : `str`
        One of `FORMATS`: ``ecsv`` has units and descriptions; ``sncosmo`` is
        what ``sncosmo.read_lc`` reads, with the usable fluxes that have a time
        and a band alone.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.
    bandPrefix : `str`
        What sncosmo's names of the bands begin with.

    Attributes
    ----------
    unusable : `list` [`int`]
        Ids of the objects that sncosmo got a file without rows of.
    """

    def __init__(self, curves: LightCurveFile, directory: str, format: str, badFlags: Sequence[str] = (),
                 bandPrefix: str = "lsst") -> None:
        self._curves = curves
        self._directory = directory
        self._format = format
        self._badFlags = badFlags
        self._bandPrefix = bandPrefix
        self.unusable: list[int] = []
        os.makedirs(directory, exist_ok=True)

    def exportObject(self, objectId: int) -> str:
        """Write the light curve of one object to a file of its own.

        Parameters
        ----------
        objectId : `int`
            Id of the DIAObject.

        Returns
        -------
        path : `str`
            The file, ``diaObject-<id>`` and the ending of the format.

        Raises
        ------
        LookupError
            Raised if there is no such object.
        ValueError
            Raised if a band is none that sncosmo could read.
        """
        table = self._curves.read(objectId)
        if not len(table):
            raise LookupError(f"there is no DIAObject {objectId} in {self._curves.path}")
        return self._writeObject(table)

    def exportAll(self) -> str:
        """Write all light curves.

        Returns
        -------
        path : `str`
            The one file, ``diaLightCurves`` and the ending of the format; for
            sncosmo the directory, with a file an object.

        Raises
        ------
        ValueError
            Raised if a band is none that sncosmo could read.
        """
        if self._format == "sncosmo":
            for table in self._curves.groups():
                for start, stop in zip(*findRuns(table["diaObjectId"])):
                    self._writeObject(table[start:stop])
            return self._directory
        path = os.path.join(self._directory, "diaLightCurves" + FORMATS[self._format])
        with openComplete(path) as stream:
            header = self._text(self._curves.emptyTable())
            stream.write(header)
            nHeader = header.count("\n")
            for table in self._curves.groups():
                stream.write(self._text(table).split("\n", nHeader)[-1])
        return path

    def _writeObject(self, table: Table) -> str:
        """Write the rows of one object."""
        name = f"diaObject-{table['diaObjectId'][0]}{FORMATS[self._format]}"
        path = os.path.join(self._directory, name)
        with openComplete(path) as stream:
            if self._format == "parquet":
                table.write(stream.name, format="parquet", overwrite=True)
            elif self._format == "sncosmo":
                stream.write(self._sncosmoText(table))
            else:
                stream.write(self._text(table))
        return path

    def _text(self, table: Table) -> str:
        """Return a table as text, header and rows."""
        if self._format == "csv":
            table = _withoutFormulas(table)
        text = io.StringIO()
        table.write(text, format="ascii." + self._format)
        return text.getvalue().replace("\r\n", "\n")

    def _sncosmoText(self, table: Table) -> str:
        """Return the usable fluxes as the text that ``sncosmo.read_lc`` reads."""
        # An image without a time has none for sncosmo either, nor has one without a band.
        used = table[usableRows(table, self._badFlags) & np.isfinite(np.ma.getdata(table["midpointMjdTai"]))
                     & (np.ma.getdata(table["band"]) != "")]
        if not len(used):
            self.unusable.append(int(table["diaObjectId"][0]))
        bands = [self._bandPrefix + band for band in used["band"]]
        for band in set(bands):
            if not re.fullmatch(r"[\w.:+-]+", band):
                raise ValueError(f"the band {band!r} is not a name in the text that sncosmo reads")
        photometry = Table({
            "time": used["midpointMjdTai"].data,
            "band": bands,
            "flux": used["psfDiffFlux"].data, "fluxerr": used["psfDiffFluxErr"].data,
            "zp": np.full(len(used), AB_ZERO_POINT), "zpsys": ["ab"]*len(used),
        })
        text = io.StringIO()
        for key, column in (("id", "diaObjectId"), ("ra", "ra"), ("dec", "dec")):
            text.write(f"@{key} {table[column][0]}\n")
        photometry.write(text, format="ascii.basic")
        return text.getvalue()


def _withoutFormulas(table: Table) -> Table:
    """Return a table whose texts are none that a spreadsheet would run."""
    table = table.copy(copy_data=False)
    for name in [name for name in table.colnames if table[name].dtype.kind == "U"]:
        texts = {text: spreadsheetText(text) for text in np.unique(np.ma.getdata(table[name])).tolist()}
        if any(text != safe for text, safe in texts.items()):
            safe = np.array([texts[text] for text in np.ma.getdata(table[name]).tolist()])
            table[name] = np.ma.masked_array(safe, np.ma.getmaskarray(table[name]))
    return table
