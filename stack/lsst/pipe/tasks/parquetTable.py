# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The type of datasets in Parquet files."""

__all__ = ["ParquetTable"]

import json


class ParquetTable:
    """A table in a Parquet file, or a data frame to be written as one.

    What the butler returns for a dataset of ParquetStorage. The file is not
    read until `toDataFrame` is called.

    Parameters
    ----------
    filename : `str`, optional
        Path of a Parquet file.
    dataFrame : `pandas.DataFrame`, optional
        The table, if there is no ``filename``.

    Raises
    ------
    ValueError
        Raised if neither is given.
    """

    def __init__(self, filename=None, dataFrame=None):
        if filename is None and dataFrame is None:
            raise ValueError("Either filename or dataFrame must be passed.")
        self.filename = filename
        self._file, self._frame = None, dataFrame
        if filename is not None:
            import pyarrow.parquet as pq

            self._file, self._frame = pq.ParquetFile(filename), None

    def write(self, filename):
        """Write the data frame.

        Parameters
        ----------
        filename : `str`
            Path to write to.

        Raises
        ------
        ValueError
            Raised if this is a table in a file.
        """
        if self._frame is None:
            raise ValueError("df property must be defined to write.")
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pandas(self._frame), filename, compression="none")

    @property
    def pandasMd(self):
        """What pandas left in the file's metadata (`dict`)."""
        if self._file is None:
            raise AttributeError("This property is only accessible if ._pf is set.")
        return json.loads(self._file.metadata.metadata[b"pandas"])

    @property
    def columnIndex(self):
        """The columns (`pandas.Index`)."""
        import pandas as pd

        return pd.Index(self._file.metadata.schema.names) if self._frame is None else self._frame.columns

    @property
    def columns(self):
        """Names of the columns (`list` [`str`])."""
        return self._file.metadata.schema.names if self._frame is None else list(self._frame.columns)

    def toDataFrame(self, columns=None):
        """Read the table.

        Parameters
        ----------
        columns : `list` [`str`], optional
            Columns to read; all if `None`.

        Returns
        -------
        dataFrame : `pandas.DataFrame`
            The table.
        """
        if self._frame is not None:
            return self._frame if columns is None else self._frame[columns]
        if columns is None:
            return self._file.read().to_pandas()
        return self._file.read(columns=columns, use_pandas_metadata=True).to_pandas()
