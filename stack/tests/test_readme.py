# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What stack/README.md says to type runs as it stands."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[1]


def test_snippets(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    (tmp_path/"tests").symlink_to(ROOT/"tests")
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", (ROOT/"README.md").read_text(), re.DOTALL)
    names = {}
    for snippet in snippets:
        exec(snippet, names)
    assert len(names["catalog"]) == 26
    assert names["exposure"].filterLabel.bandLabel == "r"
    assert names["stamp"].image.array.shape == (41, 41)
    assert len(names["good"]) > 10
    assert (tmp_path/"psf.png").stat().st_size > 1000
    assert len(names["backgrounds"]) == 2
