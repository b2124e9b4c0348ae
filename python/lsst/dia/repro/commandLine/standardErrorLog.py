# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The log goes to the standard error, so that the standard output has results alone."""

from __future__ import annotations

__all__ = ["LongLogAction", "sendLogToStandardError"]

import argparse
from typing import Any

import lsst.log

from .gen2Classes import configureLogging

#: For log4cxx, which v23 logs with: as its parser has it, but for the target.
PROPERTIES = """
log4j.rootLogger=INFO, A1
log4j.appender.A1=ConsoleAppender
log4j.appender.A1.Target=System.err
log4j.appender.A1.layout=PatternLayout
log4j.appender.A1.layout.ConversionPattern={}
"""

SHORT = "%c %p: %m%n"
LONG = "%-5p %d{yyyy-MM-ddTHH:mm:ss.SSSZ} %c (%X{LABEL})(%F:%L)- %m%n"


def sendLogToStandardError(isLong: bool = False) -> None:
    """Send the log of a command to the standard error.

    Parameters
    ----------
    isLong : `bool`, optional
        Log time, data ID and source line as well?
    """
    if configureLogging is not None:
        configureLogging(longLog=isLong, toStandardError=True)
    else:
        lsst.log.configure_prop(PROPERTIES.format(LONG if isLong else SHORT))


class LongLogAction(argparse.Action):
    """Make log messages long, at once, so that later log level options still apply."""

    def __init__(self, option_strings: list[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Configure the log anew."""
        sendLogToStandardError(isLong=True)
