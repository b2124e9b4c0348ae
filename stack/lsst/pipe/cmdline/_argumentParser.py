# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The argument parser of command-line tasks."""

import argparse
import os
import shlex
import shutil
import sys

from lsst.daf.persistence import Butler
from lsst.pex.exceptions._printable import printableLines

from ._actions import IdValueAction, ReuseAction
from ._argumentFile import expandFiles
from ._clobberOutput import findReasonToKeep
from ._dataIdArgument import DataIdArgument
from ._dataIdContainer import DataIdContainer
from ._logging import configureLogging, getTaskLogger
from ._obsPackage import findConfigDir
from ._options import EPILOG, addStandardOptions
from ._rootPaths import DEFAULT_CALIB_NAME, DEFAULT_INPUT_NAME, DEFAULT_OUTPUT_NAME, fixPath
from ._show import obeyShowArgument

__all__ = ["ArgumentParser", "InputOnlyArgumentParser"]

_RESERVED_NAMES = ("camera", "config", "butler", "log", "obsPkg")


class ArgumentParser(argparse.ArgumentParser):
    """Parser of the command line of a task; also opens the butler and finds the data.

    Parameters
    ----------
    name : `str`
        Name of the task; the obs package's config overrides are found by it.
    usage : `str`, optional
        Usage line.
    **kwargs
        More arguments for `argparse.ArgumentParser`.

    Attributes
    ----------
    requireOutput : `bool`
        Is it an error to name no output repository?
    """

    requireOutput = True

    def __init__(self, name, usage="%(prog)s input [options]", **kwargs):
        self._name = name
        self._dataIdArgDict = {}
        super().__init__(
            usage=usage,
            fromfile_prefix_chars="@",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **kwargs,
        )
        addStandardOptions(self)
        configureLogging()

    def add_id_argument(
        self, name, datasetType, help, level=None, doMakeDataRefList=True, ContainerClass=DataIdContainer
    ):
        """Add a data ID argument.

        Parameters
        ----------
        name : `str`
            Name of the argument, with leading dashes.
        datasetType : `str` or `DynamicDatasetType`
            Type of the data, or how to find it after parsing.
        help : `str`
            Help text.
        level : `str`, optional
            The lowest level of the data ID hierarchy to descend to; an empty string is the mapper's
            default for the dataset type.
        doMakeDataRefList : `bool`, optional
            Make data references?
        ContainerClass : `type`, optional
            Class of the attribute that the parsed command gets under the argument's name.

        Raises
        ------
        RuntimeError
            The name is reserved or already used.
        """
        argName = name.lstrip("-")
        if argName in self._dataIdArgDict:
            raise RuntimeError(f"Data ID argument {name} already exists")
        if argName in _RESERVED_NAMES:
            raise RuntimeError(f"Data ID argument {name} is a reserved name")
        self.add_argument(
            name,
            nargs="*",
            action=IdValueAction,
            help=help,
            metavar="KEY=VALUE1[^VALUE2[^VALUE3...]",
        )
        argument = DataIdArgument(argName, datasetType, level, doMakeDataRefList, ContainerClass)
        if argument.isDynamicDatasetType:
            datasetType.addArgument(parser=self, idName=argName)
        self._dataIdArgDict[argName] = argument

    def addReuseOption(self, choices):
        """Add ``--reuse-outputs-from STEP``.

        Parameters
        ----------
        choices : sequence of `str`
            The steps whose existing outputs may be reused, in the order in which they run; ``all``
            is added. The parsed command gets a list ``reuse``: the named step and those before it.
        """
        self.add_argument(
            "--reuse-outputs-from",
            dest="reuse",
            choices=[*choices, "all"],
            default=[],
            action=ReuseAction,
            help="skip this step and those before it where their outputs exist already",
        )

    def error(self, message):
        """End with a message, in which nothing does not print."""
        super().error(printableLines(str(message)))

    def handleCamera(self, namespace):
        """Do what the camera needs before the command line is parsed; a hook for subclasses.

        Parameters
        ----------
        namespace : `argparse.Namespace`
            Has ``camera``, ``config`` (still without overrides), ``obsPkg`` and ``log``.
        """

    def convert_arg_line_to_args(self, arg_line):
        """Split a line of an ``@file`` as a shell would, without comments."""
        return shlex.split(arg_line, comments=True, posix=True)

    def parse_args(self, config, args=None, log=None, override=None):
        """Parse the command line of a task.

        Parameters
        ----------
        config : `lsst.pex.config.Config`
            Config of the task; overridden in place, then validated and frozen.
        args : `list` of `str`, optional
            Arguments; by default ``sys.argv[1:]``.
        log : `logging.Logger`, optional
            Its name is the log's; by default the root log.
        override : callable, optional
            Called with the config after the obs package's overrides and before the command line's.

        Returns
        -------
        namespace : `argparse.Namespace`
            The parsed arguments, and ``camera``, ``obsPkg``, ``config``, ``butler``, ``log``,
            ``input``, ``output``, ``calib``, ``rerun`` and a container for each data ID argument.

        Raises
        ------
        SystemExit
            The arguments are wrong (status 2) or only information was asked for (status 0).
        """
        args = sys.argv[1:] if args is None else args
        self._requireInput(args)
        namespace = argparse.Namespace()
        self._openInput(namespace, args[0], config, log)
        self._applyInitialOverrides(namespace)
        if override is not None:
            override(namespace.config)
        for argument in self._dataIdArgDict.values():
            setattr(namespace, argument.name, argument.ContainerClass(level=argument.level))

        namespace = super().parse_args(args=self._expandFiles(args), namespace=namespace)
        del namespace.configfile
        if namespace.threads > 1 and namespace.processes > 1:
            self.error("--threads is for one process: give either that or -j")
        self._parseDirectories(namespace)
        self._clobberOutput(namespace)
        for name in ("input", "calib", "output"):
            namespace.log.debug("%s=%s", name, getattr(namespace, name))
        obeyShowArgument(namespace.show, namespace.config, exit=False)
        if self.requireOutput and namespace.output is None and namespace.rerun is None:
            self.error(
                "no output directory specified.\n"
                "An output directory must be specified with the --output or --rerun\n"
                "command-line arguments.\n"
            )
        if namespace.show and not {"data", "run"} & set(namespace.show):
            sys.exit(0)  # Opening a butler would make the output repository.
        self._openButler(namespace)
        self._processDataIds(namespace)
        self._showData(namespace)
        if namespace.show and "run" not in namespace.show:
            sys.exit(0)
        _importDebug(namespace)
        del namespace.loglevel
        del namespace.longlog
        self._validate(namespace)
        return namespace

    def _expandFiles(self, args):
        try:
            return expandFiles(args, self.convert_arg_line_to_args)
        except ValueError as error:
            self.error(str(error))

    def _requireInput(self, args):
        if args and not args[0].startswith(("-", "@")):
            return
        self.print_help()
        if list(args) in (["-h"], ["--help"]):
            self.exit()
        self.exit(f"{self.prog}: error: Must specify input as first argument")

    def _openInput(self, namespace, rawInput, config, log):
        """Find out about the input repository; `_parseDirectories` may change it later."""
        namespace.input = fixPath(DEFAULT_INPUT_NAME, rawInput)
        if not os.path.isdir(namespace.input):
            problem = "is not a directory" if os.path.exists(namespace.input) else "not found"
            self.error(f"Error: input={namespace.input!r} {problem}")
        namespace.config = config
        namespace.log = getTaskLogger(log.name if log is not None else None)
        mapperClass = self._getMapperClass(namespace.input)
        if mapperClass is None:
            self.error(f"Error: no mapper specified for input repo {namespace.input!r}")
        namespace.camera = mapperClass.getCameraName()
        namespace.obsPkg = mapperClass.getPackageName()
        self.handleCamera(namespace)

    def _getMapperClass(self, root):
        try:
            return Butler.getMapperClass(root)
        except Exception as error:
            self.error(f"Error: cannot read repository {root!r}: {_describe(error)}")

    def _applyInitialOverrides(self, namespace):
        """Load the obs package's overrides for all its cameras, then for this one, where found."""
        configDir = findConfigDir(namespace.obsPkg)
        if configDir is None:
            namespace.log.debug("Package %s is not here; no config overrides from it", namespace.obsPkg)
            return
        fileName = self._name + ".py"
        for directory in (configDir, os.path.join(configDir, namespace.camera)):
            filePath = os.path.join(directory, fileName)
            if os.path.exists(filePath):
                namespace.log.info("Loading config override file %r", filePath)
                namespace.config.load(filePath)
            else:
                namespace.log.debug("Config override file does not exist: %r", filePath)

    def _parseDirectories(self, namespace):
        """Work out ``input``, ``output``, ``calib`` and ``rerun`` from the raw arguments."""
        namespace.calib = fixPath(DEFAULT_CALIB_NAME, namespace.rawCalib)
        namespace.output = fixPath(DEFAULT_OUTPUT_NAME, namespace.rawOutput) if namespace.rawOutput else None
        namespace.rerun = None
        if namespace.rawRerun:
            if namespace.output:
                self.error("Error: cannot specify both --output and --rerun")
            self._parseRerun(namespace)
        for name in ("rawInput", "rawCalib", "rawOutput", "rawRerun"):
            delattr(namespace, name)

    def _parseRerun(self, namespace):
        namespace.rerun = namespace.rawRerun.split(":")
        if len(namespace.rerun) > 2:
            self.error(f"Error: invalid argument for --rerun: {namespace.rerun}")
        root = namespace.input
        *newInput, namespace.output = (os.path.join(root, "rerun", name) for name in namespace.rerun)
        parent = os.path.join(namespace.output, "_parent")
        if newInput:
            namespace.input = newInput[0]
            if not os.path.isdir(namespace.input):
                self.error(f"Error: input={namespace.input!r} not found")
        elif os.path.exists(parent):
            namespace.input = os.path.realpath(parent)
        if namespace.input != root and self._getMapperClass(namespace.input) != self._getMapperClass(root):
            self.error("Error: input directory specified by --rerun must have the same mapper as INPUT")

    def _clobberOutput(self, namespace):
        if not namespace.clobberOutput:
            return
        if namespace.output is None:
            self.error("--clobber-output is only valid with --output or --rerun")
        if os.path.realpath(namespace.output) == os.path.realpath(namespace.input):
            self.error("--clobber-output is not valid when the output and input repos are the same")
        if os.path.lexists(namespace.output):
            reason = findReasonToKeep(namespace.output, namespace.input)
            if reason:
                self.error(f"--clobber-output does not remove {namespace.output}: {reason}")
            namespace.log.info("Removing output repo %s for --clobber-output", namespace.output)
            shutil.rmtree(namespace.output)

    def _openButler(self, namespace):
        common = {"mapperArgs": {"calibRoot": namespace.calib}} if namespace.calib else {}
        if namespace.output:
            butlerArgs = {
                "inputs": {"root": namespace.input, **common},
                "outputs": {"root": namespace.output, "mode": "rw", **common},
            }
        else:
            butlerArgs = {"outputs": {"root": namespace.input, "mode": "rw", **common}}
        try:
            namespace.butler = Butler(**butlerArgs)
        except Exception as error:
            self._fail(namespace, f"cannot open the repository: {_describe(error)}")

    def _processDataIds(self, namespace):
        """Cast the values of the data IDs and find the data.

        This waits for the butler, and so for the command line to be free of plainer errors.
        """
        for argument in self._dataIdArgDict.values():
            container = getattr(namespace, argument.name)
            container.setDatasetType(argument.getDatasetType(namespace))
            if not argument.doMakeDataRefList:
                continue
            try:
                container.castDataIds(butler=namespace.butler)
            except (KeyError, TypeError) as error:
                self.error(_describe(error))
            try:
                container.makeDataRefList(namespace)
            except Exception as error:
                reason = _describeUnknownKeys(container, namespace.butler) or _describe(error)
                self._fail(namespace, f"cannot look up data for --{argument.name}: {reason}")

    def _showData(self, namespace):
        if "data" not in namespace.show:
            return
        for name in self._dataIdArgDict:
            for dataRef in getattr(namespace, name).refList:
                print(f"{name} dataRef.dataId = {dataRef.dataId}")

    def _validate(self, namespace):
        try:
            namespace.config.validate()
        except Exception as error:
            self._fail(namespace, f"invalid config: {error}")
        namespace.config.freeze()

    def _fail(self, namespace, message):
        """End with a plain message, or with the error itself where the user asked for it."""
        if namespace.doraise:
            raise
        self.error(message)


class InputOnlyArgumentParser(ArgumentParser):
    """Parser for tasks that write no output."""

    requireOutput = False


def _describe(error):
    """Text of an error; that of a `KeyError` without the quotes it adds."""
    if isinstance(error, KeyError) and len(error.args) == 1:
        return str(error.args[0])
    return str(error) or type(error).__name__


def _describeUnknownKeys(container, butler):
    """Tell which keys of data IDs the dataset type does not have; an empty string if none."""
    known = butler.getKeys(datasetType=container.datasetType, level=container.level)
    unknown = sorted({key for dataId in container.idList for key in dataId} - set(known))
    if not unknown:
        return ""
    return f"unknown {', '.join(unknown)}; {container.datasetType} has {', '.join(sorted(known))}"


def _importDebug(namespace):
    """Import the user's ``debug`` module, which configures itself, for ``--debug``."""
    if not namespace.debug:
        return
    try:
        import debug  # noqa: F401
    except ImportError:
        print("Warning: no 'debug' module found", file=sys.stderr)
        namespace.debug = False
