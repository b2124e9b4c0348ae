# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Options of the command line other than data IDs."""

import logging

import lsst.pex.config as pexConfig
import pytest
from cmdlineTestTask import CmdTestConfig, CmdTestTask

import lsst.pipe.cmdline as cmdline
from lsst.meas.base import ForcedMeasurementConfig


@pytest.fixture
def parse(repo, output):
    def parseArgs(*args, root=repo):
        parser = CmdTestTask._makeArgumentParser()
        return parser.parse_args(CmdTestConfig(), [str(root), "--output", str(output), *map(str, args)])

    return parseArgs


def fails(parse, capsys, *args, **kwargs):
    with pytest.raises(SystemExit) as info:
        parse(*args, **kwargs)
    assert info.value.code == 2
    return capsys.readouterr().err


def test_configValues(parse):
    config = parse("-c", "scale=3/4", "sub.radius=2", "planes=['SAT', 'CR']", "label=plain text").config
    assert (config.scale, config.sub.radius, list(config.planes)) == (0.75, 2.0, ["SAT", "CR"])
    assert config.label == "plain text"
    assert config._frozen


def test_overridesApplyFromLeftToRight(parse, tmp_path):
    path = tmp_path / "over.py"
    path.write_text("config.scale = 7\nconfig.label = 'file'\n")
    config = parse("-c", "scale=5", "--configfile", path, "-c", "label=last").config
    assert (config.scale, config.label) == (7.0, "last")


def test_argumentsFromFile(parse, tmp_path):
    path = tmp_path / "args.txt"
    path.write_text("# comment\n--id visit=840 raft=2,2 # more\n\n-c scale=2 label='two words'\n")
    namespace = parse(f"@{path}")
    assert namespace.id.idList == [{"visit": 840, "raft": "2,2"}]
    assert (namespace.config.scale, namespace.config.label) == (2.0, "two words")


def test_filesOfArgumentsNameOthers(parse, tmp_path):
    (tmp_path / "outer.txt").write_text(f"-c scale=2 @{tmp_path}/inner.txt\nlabel=last\n")
    (tmp_path / "inner.txt").write_text("scale=3 label=inner\n")
    config = parse(f"@{tmp_path}/outer.txt").config
    assert (config.scale, config.label) == (3.0, "last")


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "No such file or directory"),
        (b"-c label='open", "No closing quotation"),
        (b"\xff\xfe", "codec can't decode"),
        (b"@bad.txt", "includes itself"),
    ],
)
def test_badFilesOfArgumentsAreNamed(parse, capsys, tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "bad.txt").write_bytes(content)
    error = fails(parse, capsys, "@bad.txt")
    assert "cannot read arguments from 'bad.txt'" in error and message in error


@pytest.mark.parametrize("number, message", [("0", "0 is less than 1"), ("two", "invalid int value: 'two'")])
def test_numberOfProcessesIsChecked(parse, capsys, number, message):
    assert message in fails(parse, capsys, "-j", number)


def test_threadsAreForOneProcess(parse, capsys):
    assert "either that or -j" in fails(parse, capsys, "--threads", "2", "-j", "2")
    assert "0 is less than 1" in fails(parse, capsys, "--threads", "0")
    assert parse("--threads", "2", "-j", "1").threads == 2
    assert parse("-j", "2").threads == 1


def test_profileMustBeWritable(parse, capsys, tmp_path):
    assert "cannot write a file" in fails(parse, capsys, "--profile", tmp_path / "missing" / "prof")
    assert "cannot write a file" in fails(parse, capsys, "--profile", tmp_path)
    assert parse("--profile", tmp_path / "prof").profile == str(tmp_path / "prof")


def test_showsHistoryOfChosenConfigs(repo, output, capsys):
    config = ForcedMeasurementConfig()
    config.plugins["base_PsfFlux"].badMaskPlanes = ["SAT"]
    with pytest.raises(SystemExit):
        CmdTestTask._makeArgumentParser().parse_args(
            config,
            [str(repo), "--output", str(output), "--show", "history=plug*base_PsfFlux*", "history=*.names"],
        )
    out = capsys.readouterr().out
    assert "['SAT']" in out and "test_options.py" in out
    assert "base_TransformedCentroid" in out


def test_onlyShowingMakesNoRepository(repo, tmp_path):
    with pytest.raises(SystemExit) as info:
        CmdTestTask._makeArgumentParser().parse_args(
            CmdTestConfig(), [str(repo), "--output", str(tmp_path / "new"), "--show", "config", "tasks"]
        )
    assert info.value.code == 0
    assert not (tmp_path / "new").exists()


def test_choiceIsSuggestedAsItIsSet(repo, capsys):
    class ChoosingConfig(CmdTestConfig):
        matcher = pexConfig.ConfigChoiceField("matcher", typemap={"near": CmdTestConfig}, default="near")

    with pytest.raises(SystemExit):
        CmdTestTask._makeArgumentParser().parse_args(ChoosingConfig(), [str(repo), "-c", "mather=near"])
    assert "no config field: mather; did you mean matcher?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "setting, message",
    [
        ("associator.radius=1", "; did you mean associator.active.radius"),
        ("plugins.names=base_PsfFlux", "write a list as plugins.names=\"['a','b']\"; known are base_"),
        ("plugins.names=['base_PsfFlx']", "Unknown key 'base_PsfFlx' in Registry"),
        ("plugins.names=['base_PsfFlx']", "; known are base_"),
    ],
)
def test_mistakesInChoicesAreNamed(repo, capsys, setting, message):
    class NearConfig(pexConfig.Config):
        radius = pexConfig.Field(dtype=float, default=0.5, doc="how near")

    class ChoosingConfig(ForcedMeasurementConfig):
        associator = pexConfig.ConfigChoiceField(
            "associator", typemap={"near": NearConfig, "far": NearConfig}, default="near"
        )

    with pytest.raises(SystemExit):
        CmdTestTask._makeArgumentParser().parse_args(ChoosingConfig(), [str(repo), "-c", setting])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "setting, message",
    [
        ("scal=1", "no config field: scal; did you mean scale?"),
        ("sub.radus=1", "no config field: sub.radus; did you mean sub.radius?"),
        ("elephant=1", 'no config field: elephant; "--show config" lists them'),
        ("scale", "must be in form name=value"),
        ("scale=abc", "cannot parse 'abc' as a value for scale"),
        ("crash=Yes", "Expected type bool (it can be True, False)"),
        ("crash=2", "Expected type bool (it can be True, False)"),
        ("planes=SAT", "cannot parse 'SAT' as a value for planes: write a list as planes=\"['a','b']\""),
        ("scale=-1", "cannot set config.scale=-1"),
        ("scale=__import__('os')", "cannot parse"),
    ],
)
def test_configMistakesAreNamed(parse, capsys, setting, message):
    assert message in fails(parse, capsys, "-c", setting)


def test_badConfigFileIsNamed(parse, capsys, tmp_path):
    assert "missing.py" in fails(parse, capsys, "-C", tmp_path / "missing.py")
    (tmp_path / "bad.py").write_text("config.scale = 'many'\n")
    assert "bad.py" in fails(parse, capsys, "-C", tmp_path / "bad.py")


def test_missingRepositoryIsNamed(parse, capsys, tmp_path):
    assert "nowhere' not found" in fails(parse, capsys, root=tmp_path / "nowhere")
    (tmp_path / "file").touch()
    assert "file' is not a directory" in fails(parse, capsys, root=tmp_path / "file")
    (tmp_path / "plain").mkdir()
    assert "no mapper specified for input repo" in fails(parse, capsys, root=tmp_path / "plain")


def test_noOutputIsAnError(repo, capsys):
    parser = CmdTestTask._makeArgumentParser()
    with pytest.raises(SystemExit) as info:
        parser.parse_args(CmdTestConfig(), [str(repo)])
    assert info.value.code == 2
    assert "no output directory specified" in capsys.readouterr().err


@pytest.mark.parametrize("args", [["--help"], ["-h"]])
def test_helpSucceeds(args, capsys):
    with pytest.raises(SystemExit) as info:
        CmdTestTask._makeArgumentParser().parse_args(CmdTestConfig(), args)
    assert info.value.code == 0
    assert "--clobber-config" in capsys.readouterr().out


def test_inputMustComeFirst(capsys):
    with pytest.raises(SystemExit) as info:
        CmdTestTask._makeArgumentParser().parse_args(CmdTestConfig(), ["--id", "visit=1"])
    assert "Must specify input as first argument" in str(info.value.code)


def test_showConfigAndTasks(parse, capsys):
    with pytest.raises(SystemExit) as info:
        parse("--show", "config=*scale", "tasks", "data", "history=planes", "--id", "visit=892", "sensor=1,2")
    assert info.value.code == 0
    out = capsys.readouterr().out
    assert "config.scale=1.0" in out and "config.label" not in out
    assert "sub: cmdlineTestTask.SubTask" in out
    assert "'visit': 892" in out
    assert "['BAD']" in out


@pytest.mark.parametrize("what", ["nonsense", "history", "history=nofield"])
def test_showRefusesWhatItDoesNotKnow(parse, what):
    with pytest.raises(SystemExit) as info:
        parse("--show", what)
    assert info.value.code == 1


def test_showWarnsOfPatternsThatMatchNothing(parse, capsys):
    parse("--show", "config=nofield*", "run")
    assert "no config field matches 'nofield*'" in capsys.readouterr().err


def test_logLevels(parse, capsys):
    parse("-L", "warn", "some.component=DEBUG")
    assert logging.getLogger().level == logging.WARNING
    assert logging.getLogger("some.component").level == logging.DEBUG
    assert "loglevel='loud'" in fails(parse, capsys, "-L", "loud")


def test_rootsFromEnvironment(repo, output, monkeypatch):
    monkeypatch.setenv("PIPE_INPUT_ROOT", str(repo.parent))
    monkeypatch.setenv("PIPE_OUTPUT_ROOT", str(output.parent))
    parser = CmdTestTask._makeArgumentParser()
    namespace = parser.parse_args(CmdTestConfig(), [repo.name, "--output", output.name])
    assert (namespace.input, namespace.output) == (str(repo), str(output))


def test_rerunChains(repo):
    def parse(rerun):
        return CmdTestTask._makeArgumentParser().parse_args(CmdTestConfig(), [str(repo), "--rerun", rerun])

    assert parse("first").output == str(repo / "rerun" / "first")
    second = parse("first:second")
    assert (second.input, second.output) == (str(repo / "rerun" / "first"), str(repo / "rerun" / "second"))


def test_rerunMistakes(repo, output, capsys):
    def parse(*args):
        CmdTestTask._makeArgumentParser().parse_args(CmdTestConfig(), [str(repo), *args])

    assert "both --output and --rerun" in fails(parse, capsys, "--rerun", "a", "--output", str(output))
    assert "invalid argument for --rerun" in fails(parse, capsys, "--rerun", "a:b:c")
    assert "rerun/a' not found" in fails(parse, capsys, "--rerun", "a:b")


def test_clobberOutputRemovesOnlyTheOutput(repo, output, capsys):
    def parse(*args):
        return CmdTestTask._makeArgumentParser().parse_args(CmdTestConfig(), [str(repo), *args])

    (output / "old.txt").write_text("x")
    parse("--output", str(output), "--clobber-output")
    assert not (output / "old.txt").exists() and (repo / "registry.sqlite3").exists()
    (repo.parent / "link").symlink_to(repo)
    args = ("--output", str(repo.parent / "link"), "--clobber-output")
    assert "not valid when the output and input" in fails(parse, capsys, *args)


def test_clobberOutputKeepsWhatElseThereIs(repo, output, tmp_path, capsys):
    def requireKept(reason, input, path):
        before = sorted(tmp_path.rglob("*"))
        parser = CmdTestTask._makeArgumentParser()
        with pytest.raises(SystemExit):
            parser.parse_args(CmdTestConfig(), [str(input), "--output", str(path), "--clobber-output"])
        assert f"does not remove {path}: {reason}" in capsys.readouterr().err
        assert sorted(tmp_path.rglob("*")) == before

    requireKept("data are read from", repo, tmp_path)
    requireKept("data are read from", output, repo)
    (tmp_path/"documents").mkdir()
    (tmp_path/"documents"/"thesis.tex").write_text("all of it")
    requireKept("it is not a repository", repo, tmp_path/"documents")
    requireKept("it is not a directory", repo, tmp_path/"documents"/"thesis.tex")
    (tmp_path/"link").symlink_to(output)
    requireKept("it is a link", repo, tmp_path/"link")


def test_idArgumentNames():
    parser = cmdline.ArgumentParser(name="x")
    parser.add_id_argument("--id", "raw", "help")
    with pytest.raises(RuntimeError):
        parser.add_id_argument("--id", "raw", "help")
    with pytest.raises(RuntimeError):
        parser.add_id_argument("--butler", "raw", "help")


def test_reuse(repo):
    def parse(*args):
        parser = cmdline.InputOnlyArgumentParser(name="x")
        parser.addReuseOption(["a", "b", "c"])
        return parser.parse_args(CmdTestConfig(), [str(repo), *args]).reuse

    assert parse() == []
    assert parse("--reuse-outputs-from", "b") == ["a", "b"]
    assert parse("--reuse-outputs-from", "all") == ["a", "b", "c"]


def test_datasetTypeFromArgumentAndFromConfig(repo, capsys):
    parser = cmdline.InputOnlyArgumentParser(name="x")
    parser.add_id_argument("--id", cmdline.DatasetArgument(), "help")
    parser.add_id_argument("--other", cmdline.ConfigDatasetType("label"), "help")
    config = CmdTestConfig()
    config.label = "deepDiff_diaSrc"
    namespace = parser.parse_args(config, [str(repo), "--id_dstype", "deepDiff_diaSrc"])
    assert (namespace.id.datasetType, namespace.other.datasetType) == ("deepDiff_diaSrc",) * 2
    with pytest.raises(SystemExit):
        parser.parse_args(config, [str(repo)])
