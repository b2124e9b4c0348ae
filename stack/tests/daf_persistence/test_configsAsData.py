# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stored configs are read as what `lsst.pex.config` writes, and nothing in them is executed."""

import math
import subprocess
import sys
import types

import lsst.pex.config as pexConfig
import pytest

from lsst.daf.persistence._storedConfig import loadStoredConfig
from lsst.meas.base import ForcedMeasurementConfig


class Inner(pexConfig.Config):
    """A part of a config."""

    x = pexConfig.Field(dtype=float, default=1.0, doc="a number\nwith a doc of two lines")


class Other(Inner):
    y = pexConfig.Field(dtype=str, default="", doc="a text", optional=True)


class Target:
    ConfigClass = Inner


class OtherTarget:
    ConfigClass = Other


registry = pexConfig.makeRegistry("targets")
registry.register("one", Target)
registry.register("two", OtherTarget)


class Whole(pexConfig.Config):
    """A config with all kinds of fields."""

    number = pexConfig.Field(dtype=float, default=1.0, doc="a number", optional=True)
    flag = pexConfig.Field(dtype=bool, default=False, doc="a flag")
    text = pexConfig.Field(dtype=str, default="", doc="a text")
    bounded = pexConfig.RangeField(dtype=int, default=1, min=-5, max=5, doc="a number")
    choice = pexConfig.ChoiceField(dtype=str, default="a", allowed={"a": "", "b": ""}, doc="a choice")
    names = pexConfig.ListField(dtype=str, default=[], doc="names")
    table = pexConfig.DictField(keytype=str, itemtype=float, default={}, doc="numbers")
    inner = pexConfig.ConfigField(dtype=Inner, doc="a config")
    task = pexConfig.ConfigurableField(target=Target, doc="a task")
    one = registry.makeField("one of them", default="one")
    many = registry.makeField("some of them", default=["one"], multi=True)
    inners = pexConfig.ConfigDictField(keytype=str, itemtype=Inner, default={}, doc="configs")


def changed():
    config = Whole()
    config.number, config.flag, config.bounded, config.choice = -2.5e-300, True, -3, "b"
    config.text = "quotes ' and \" and \\ and\nlines\x1b"
    config.names, config.table = ["a", "b'"], {"x": -1.0, "y": 1e300}
    config.inner.x = math.inf
    config.task.retarget(OtherTarget)
    config.task.y = None
    config.one.name = "two"
    config.one["one"].x = -math.inf
    config.many.names = ["one", "two"]
    config.many["two"].y = "z"
    config.inners["k"] = Inner(x=7.0)
    return config


@pytest.mark.parametrize("config", [Whole(), changed(), ForcedMeasurementConfig()])
def testWhatIsSavedIsRead(config, tmp_path):
    path = str(tmp_path/"config.py")
    config.save(path)
    again = type(config)()
    loadStoredConfig(again, path)
    assert again.compare(config, shortcut=False, output=print)
    assert again.saveToString() == config.saveToString()


def testNotANumber(tmp_path):
    (tmp_path/"c.py").write_text("config.number=float('nan')\n")
    config = Whole()
    loadStoredConfig(config, str(tmp_path/"c.py"))
    assert math.isnan(config.number)


def testAsTheRealStackWrites(tmp_path):
    """v23 asserts with two percent signs; the module of a mapper's task is of the stack."""
    (tmp_path/"c.py").write_text(
        "import lsst.meas.base.forcedMeasurement\n"
        "assert type(config)==lsst.meas.base.forcedMeasurement.ForcedMeasurementConfig, 'config is of type "
        "%s.%s instead of lsst.meas.base.forcedMeasurement.ForcedMeasurementConfig' % "
        "(type(config).__module__, type(config).__name__)\n"
        "config.plugins['base_CircularApertureFlux'].radii=[3.0, 4.5]\n"
        "config.plugins.names=['base_CircularApertureFlux', 'base_SdssShape']\n"
        "config.slots.shape=None\n")
    config = ForcedMeasurementConfig()
    loadStoredConfig(config, str(tmp_path/"c.py"))
    assert list(config.plugins["base_CircularApertureFlux"].radii) == [3.0, 4.5]
    assert config.slots.shape is None


EVIL = "open({canary!r}, 'w')"


@pytest.mark.parametrize("line", [
    EVIL, "config.text=" + EVIL, "config.text=str(" + EVIL + ")", "config.names=[" + EVIL + "]",
    "config.text=f\"{" + EVIL + "}\"", "assert " + EVIL, "config.names[" + EVIL + "]='a'",
    "assert type(config) is " + EVIL, "config.task.retarget(target=" + EVIL + ", ConfigClass=None)",
    "config.task.retarget(target=os.system, ConfigClass=lsst.meas.base.forcedMeasurement."
    "ForcedMeasurementConfig)",
    "import fuzzCanary", "import lsst.fuzzCanary.__main__", "from fuzzCanary import run",
    "import os as config", "import fuzzCanary.sub", "exec('1')", "config.load({canary!r})",
    "config.__class__=int",
    "config.__dict__['text']=1", "config.task.target=1", "config.task._value=1", "config._fields=1",
    "config.inner.validate=1", "config.inners['a']=os.path.join()", "config.inners['a']=fuzzCanary.Config()",
    "config.number: float = 1", "config.number += 1", "config.text = config.choice = 'b'",
    "if True: pass", "def f(): pass", "class A: pass", "lambda: 1", "x = 1", "del config.text",
    "config.text='a'*10**9", "config.number=10**10**10", "for i in range(10): pass", "global x",
    "with open('/dev/null'): pass", "[" + EVIL + " for i in [1]]", "config.nosuch=1", "(x := 1)",
    "config.number='text'", "config.bounded=99", "config.one.name='three'", "config.many.registry=1"])
def testTheRestIsRefusedWithItsLine(line, tmp_path, monkeypatch):
    canary = tmp_path/"canary"
    (tmp_path/"fuzzCanary.py").write_text(EVIL.format(canary=str(canary)))
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path/"stored.py"
    path.write_text("# a doc\nconfig.flag=True\n\n" + line.replace("{canary!r}", repr(str(canary))) + "\n")
    config = Whole()
    with pytest.raises(RuntimeError, match=f"line 4 of the stored config {path}"):
        loadStoredConfig(config, str(path))
    assert not canary.exists() and "fuzzCanary" not in sys.modules
    assert config.text == "" and config.choice == "a"


@pytest.mark.parametrize("text", [
    "config.", "config.number=" + "["*100000, "config.number=" + "-"*100000 + "1", "config.text='\0'",
    "config.number=" + "1"*5000, "config" + ".inner"*100000 + "=1"])
def testWhatIsNoProgramIsAnError(text, tmp_path):
    (tmp_path/"c.py").write_text(text)
    with pytest.raises(RuntimeError, match="stored config .*c.py"):
        loadStoredConfig(Whole(), str(tmp_path/"c.py"))


def testPluginsOfUsersAreFound(tmp_path, monkeypatch):
    """The module of a user's plugin is stored too; the program that compares configs has imported it."""
    module = types.ModuleType("usersPlugins")
    module.Config = type("Config", (Inner,), {"__module__": "usersPlugins"})
    module.Target = type("Target", (), {"__module__": "usersPlugins", "ConfigClass": module.Config})
    (tmp_path/"c.py").write_text(
        "import usersPlugins\n"
        "config.task.retarget(target=usersPlugins.Target, ConfigClass=usersPlugins.Config)\n")
    with pytest.raises(RuntimeError, match="line 1 .*usersPlugins is not a module of the stack"):
        loadStoredConfig(Whole(), str(tmp_path/"c.py"))
    monkeypatch.setitem(sys.modules, "usersPlugins", module)
    config = Whole()
    loadStoredConfig(config, str(tmp_path/"c.py"))
    assert config.task.target is module.Target and type(config.task.value) is module.Config
    (tmp_path/"c.py").write_text("import subprocess\nconfig.inners['a']=subprocess.Popen()\n")
    assert subprocess.Popen
    with pytest.raises(RuntimeError, match="line 2 .*neither a config"):
        loadStoredConfig(config, str(tmp_path/"c.py"))


def testOtherClassIsAnError(tmp_path):
    Inner().save(str(tmp_path/"c.py"))
    with pytest.raises(RuntimeError, match="line 2 .*of a Inner, not of a Whole"):
        loadStoredConfig(Whole(), str(tmp_path/"c.py"))
