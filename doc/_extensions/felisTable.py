# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The directive ``felis-table``: the columns of an output, as its Felis schema has them."""

import pathlib
import re

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from felis.datamodel import Schema

SCHEMAS = pathlib.Path(__file__).parents[2]/"python"/"lsst"/"dia"/"repro"/"schemas"

_BANDS = re.compile("[ugrizy]_")


class FelisTable(Directive):
    """Show what a table is and its columns, group by group."""

    required_arguments = 1

    def run(self):
        """Return the nodes of the text that the schema makes."""
        path = SCHEMAS/(self.arguments[0] + ".yaml")
        self.state.document.settings.env.note_dependency(str(path))
        schema = Schema.from_uri(str(path), context={"id_generation": True})
        text = _describe(schema)
        section = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source=str(path)), self.content_offset, section)
        return section.children


def _describe(schema):
    """Return what reStructuredText says of the only table of a schema (`str`)."""
    table = schema.tables[0]
    groups = {column.name: [] for column in table.columns}
    for group in table.column_groups:
        for column in group.columns:
            groups[column.name].append(group.name)
    text = [_escape(table.description), "",
            f"Version {schema.version.current} of :download:`{table.name}.yaml <"
            f"../../python/lsst/dia/repro/schemas/{table.name}.yaml>` (Felis).", ""]
    text += _columns([column for column in table.columns if not groups[column.name]], groups)
    for group in _sameInEveryBand(table.column_groups):
        text += [f"**{group.name}**. {_escape(group.description)}", ""]
        # A column of several groups is shown in the last.
        shownHere = [column for column in group.columns if groups[column.name][-1] == group.name]
        text += _columns(shownHere, groups)
    return "\n".join(text)


def _sameInEveryBand(groups):
    """Return the groups, of those of a band only the first (`list`)."""
    ofBands = [group for group in groups if re.fullmatch("band_[ugrizy]", group.name)]
    return [group for group in groups if group not in ofBands[1:]]


def _columns(columns, groups):
    """Return a table of columns; those that differ in the band alone have one row (`list` of `str`)."""
    rows = {}
    for column in columns:
        name, description = column.name, _escape(column.description)
        if _BANDS.match(name):
            band, name = name[0], "<band>" + name[1:]
            description = re.sub(f" in {band}$", " in the band", description)
        # The name tells that a column is of a band.
        others = [group for group in groups[column.name][:-1] if group != "bands"]
        if others:
            description += f" (also of the group {', '.join(others)})"
        rows[name, str(column.datatype), column.ivoa_unit or column.fits_tunit or "", description] = None
    text = [".. list-table::", "   :header-rows: 1", "   :class: felis", "   :widths: 34 8 10 48", ""]
    for name, datatype, unit, description in [("Column", "Type", "Unit", "Description"), *rows]:
        name = name if name == "Column" else f"``{name}``"
        text += [f"   * - {name}", f"     - {datatype}", f"     - {_escape(unit)}", f"     - {description}"]
    return [*text, ""] if rows else []


def _escape(text):
    """Return text that reStructuredText shows as it stands."""
    return re.sub(r"([\\*`|_<>])", r"\\\1", text)


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_directive("felis-table", FelisTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
