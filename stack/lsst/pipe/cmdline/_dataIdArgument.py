# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Data ID arguments of a command, and where their dataset type comes from."""

import abc

from ._dataIdContainer import DataIdContainer
from ._dottedAttr import getDottedAttr

__all__ = ["ConfigDatasetType", "DataIdArgument", "DatasetArgument", "DynamicDatasetType"]


class DynamicDatasetType(abc.ABC):
    """A dataset type that is known only after the command line has been parsed."""

    def addArgument(self, parser, idName):  # noqa: B027 (a hook)
        """Add the command-line argument that names the dataset type, if there is one.

        Parameters
        ----------
        parser : `ArgumentParser`
            Parser to add to.
        idName : `str`
            Name of the data ID argument without dashes, such as ``"id"``.
        """

    @abc.abstractmethod
    def getDatasetType(self, namespace):
        """Look up the dataset type in the parsed command.

        Parameters
        ----------
        namespace : `argparse.Namespace`
            Parsed command.

        Returns
        -------
        datasetType : `str`
            Dataset type.
        """
        raise NotImplementedError("Subclasses must override")


class DatasetArgument(DynamicDatasetType):
    """A dataset type given by a command-line argument of its own.

    Parameters
    ----------
    name : `str`, optional
        Name of the argument, with dashes if it is an option; by default ``--<idName>_dstype``.
    help : `str`, optional
        Help text.
    default : `str`, optional
        Default value; without one the option is required. Positional arguments have no default.
    """

    def __init__(self, name=None, help="dataset type to process from input data repository", default=None):
        self.name = name
        self.help = help
        self.default = default

    def getDatasetType(self, namespace):
        """Look up the dataset type in the parsed command."""
        return getattr(namespace, self.name.lstrip("-"))

    def addArgument(self, parser, idName):
        """Add the argument, and choose `name` if it was not given."""
        if self.name is None:
            self.name = f"--{idName}_dstype"
        required = {"required": self.default is None} if self.name.startswith("-") else {}
        parser.add_argument(
            self.name, default=self.default, help=self.help or f"dataset type for {idName}", **required
        )


class ConfigDatasetType(DynamicDatasetType):
    """A dataset type that is the value of a config field.

    Parameters
    ----------
    name : `str`
        Name of the field; may be dotted.
    """

    def __init__(self, name):
        self.name = name

    def getDatasetType(self, namespace):
        """Look up the dataset type in the config.

        Raises
        ------
        RuntimeError
            The config has no such field.
        """
        try:
            return getDottedAttr(namespace.config, self.name)
        except (AttributeError, KeyError) as error:
            raise RuntimeError(f"Cannot find config parameter {self.name!r}") from error


class DataIdArgument:
    """What `ArgumentParser.add_id_argument` was told of one data ID argument.

    Parameters
    ----------
    name : `str`
        Name of the argument without dashes.
    datasetType : `str` or `DynamicDatasetType`
        Dataset type, or how to find it.
    level : `str`
        The lowest level of the data ID hierarchy to descend to.
    doMakeDataRefList : `bool`, optional
        Make data references?
    ContainerClass : `type`, optional
        Class that holds the data IDs and data references.

    Raises
    ------
    RuntimeError
        The name begins with a dash.
    """

    def __init__(self, name, datasetType, level, doMakeDataRefList=True, ContainerClass=DataIdContainer):
        if name.startswith("-"):
            raise RuntimeError(f"Name {name} must not start with -")
        self.name = name
        self.argName = name
        self.datasetType = datasetType
        self.level = level
        self.doMakeDataRefList = bool(doMakeDataRefList)
        self.ContainerClass = ContainerClass

    @property
    def isDynamicDatasetType(self):
        """Is the dataset type known only after parsing? (`bool`)"""
        return isinstance(self.datasetType, DynamicDatasetType)

    def getDatasetType(self, namespace):
        """Return the dataset type as a string.

        Parameters
        ----------
        namespace : `argparse.Namespace`
            Parsed command.

        Returns
        -------
        datasetType : `str`
            Dataset type.
        """
        if self.isDynamicDatasetType:
            return self.datasetType.getDatasetType(namespace)
        return self.datasetType
