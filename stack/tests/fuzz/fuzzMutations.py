# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Damage of every kind, from accidents to malice.

A mutation is a function of a random generator and the bytes of a file that returns other bytes, or the same
ones where it does not apply.
"""

import importlib
import pathlib
import sqlite3
import struct
import tempfile

BLOCK, CARD = 2880, 80
CANARY = "fuzzCanary"
"""Name of a module that no reader may import."""

VALUES = ["-1", "0", "1", "2", "3", "7", "255", "65536", "1000000", "2147483647", "2147483648", "-2147483648",
          "9223372036854775807", "99999999999999999999", "1E30", "1E-30", "NaN", "T", "F", "''", "'X'",
          "'1PB(99999999)'", "'1QD(5)'", "'999999999D'", "'0D'", "'12X'", "'3A'", "'1K'", "'2D'", "'1PE'",
          "'ARCHIVE_DATA'", "'ARCHIVE_INDEX'", "'MASK'", "'IMAGE'", "'BINTABLE'", "'SOURCE'", "'BASE'",
          "'RICE_1'", "'GZIP_1'", "'GZIP_2'", "'HCOMPRESS_1'", "'PLIO_1'", "'RA---TAN-SIP'", "'DEC--ZPN'",
          "'LINEAR'", "'TPV'", "'flags'", "'id'", "'slot_Shape:slot_Shape'", "", "'unterminated", "(1,2)"]
KEYS = ["NAXIS", "NAXIS1", "NAXIS2", "NAXIS3", "TFIELDS", "PCOUNT", "GCOUNT", "BITPIX", "ZBITPIX", "ZNAXIS",
        "ZNAXIS1", "ZNAXIS2", "ZTILE1", "ZTILE2", "ZCMPTYPE", "ZIMAGE", "ZTABLE", "ZVAL1", "ZVAL2", "ZNAME1",
        "ZQUANTIZ", "ZDITHER0", "ZBLANK", "BLANK", "BSCALE", "BZERO", "THEAP", "TFORM1", "TFORM2", "TFORM5",
        "TTYPE1", "TTYPE2", "TZERO1", "TSCAL1", "TDIM1", "TCCLS1", "TFLAG1", "TFLAG2", "AR_NCAT", "AR_HDU",
        "AR_CATN", "EXTTYPE", "EXTNAME", "EXTVER", "XTENSION", "SIMPLE", "FLAGCOL", "ALIAS", "INHERIT",
        "AFW_TABLE_VERSION", "AFW_TYPE", "EXPINFO_V", "PSF_ID", "SKYWCS_ID", "ARCHIVE_ID_PSF",
        "ARCHIVE_ID_SKYWCS", "ARCHIVE_ID_CANARY", "LTV1", "LTV2", "MP_BAD", "CTYPE1", "CTYPE2", "CRVAL1",
        "CRPIX1", "CD1_1", "CD2_2", "A_ORDER", "B_ORDER", "A_2_0", "RADESYS", "EQUINOX", "DATE-AVG",
        "EXPTIME", "CONTINUE", "BEGAST_A", "END", "HIERARCH", "TFORM1", "ZFORM1"]


# FITS

def findHdus(data):
    """Return (header start, data start, end) of the HDUs."""
    hdus, start = [], 0
    while start < len(data):
        end = start
        while end < len(data) and not _hasEnd(data[end:end + BLOCK]):
            end += BLOCK
        if end >= len(data):
            break
        dataStart = end + BLOCK
        cards = {bytes(data[i:i + 8]).strip(): bytes(data[i + 10:i + 30]).split(b"/")[0].strip()
                 for i in range(start, dataStart, CARD)}
        size = _dataSize(cards)
        stop = min(dataStart + -(-size//BLOCK)*BLOCK, len(data))
        hdus.append((start, dataStart, stop))
        start = stop
    return hdus


def _hasEnd(block):
    return any(block[i:i + 8] == b"END     " for i in range(0, len(block), CARD))


def _dataSize(cards):
    try:
        axes = [int(cards[f"NAXIS{i + 1}".encode()]) for i in range(int(cards.get(b"NAXIS", b"0")))]
        size = abs(int(cards.get(b"BITPIX", b"8")))//8
        for axis in axes:
            size *= axis
        return (size if axes else 0) + int(cards.get(b"PCOUNT", b"0"))
    except (KeyError, ValueError):
        return 0


def truncate(rng, data):
    hdus = findHdus(data)
    where = rng.choice(hdus)
    cut = rng.choice([where[0], where[1], rng.randrange(max(len(data), 1)),
                      rng.randrange(where[0], where[2])])
    return data[:cut]


def cutOut(rng, data):
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice([1, 8, 80, 2880, rng.randrange(1, 9000)]):]


def flipBits(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def flipHeaderBits(rng, data):
    data, (start, stop, _) = bytearray(data), rng.choice(findHdus(data))
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(start, stop)] ^= 1 << rng.randrange(8)
    return bytes(data)


def _makeCard(key, value):
    head = f"{key:<8}= " if len(key) <= 8 else f"HIERARCH {key} = "
    if key in ("CONTINUE", "END"):
        head = f"{key:<8}  "
    return (head + (value if value.startswith("'") else f"{value:>20}")).encode()[:CARD].ljust(CARD)


def _cards(data, hdu):
    return range(hdu[0], hdu[1], CARD)


def editCard(rng, data):
    """Give a card that is there another value."""
    hdu = rng.choice(findHdus(data))
    cards = [i for i in _cards(data, hdu) if data[i + 8:i + 9] == b"="]
    important = [i for i in cards if data[i:i + 8].strip().decode("latin1") in KEYS]
    if not cards:
        return data
    at = rng.choice(important if important and rng.random() < 0.7 else cards)
    key, value = data[at:at + 8].decode("latin1").strip(), data[at + 10:at + 30].decode("latin1").strip()
    if value.lstrip("-").isdigit() and rng.random() < 0.4:
        new = str(int(value) + rng.choice([-1, 1, 2, -10, 100, 10**6, -2*int(value)]))
    else:
        new = rng.choice(VALUES)
    return data[:at] + _makeCard(key, new) + data[at + CARD:]


def replaceCard(rng, data):
    """Put a card of any key in the place of one that is there."""
    at = rng.choice(_cards(data, rng.choice(findHdus(data))))
    return data[:at] + _makeCard(rng.choice(KEYS), rng.choice(VALUES)) + data[at + CARD:]


def moveCard(rng, data):
    """Copy a card over another, or exchange two."""
    hdu = rng.choice(findHdus(data))
    a, b = rng.choice(_cards(data, hdu)), rng.choice(_cards(data, hdu))
    one, two = data[a:a + CARD], data[b:b + CARD]
    data = data[:b] + one + data[b + CARD:]
    return data if rng.random() < 0.5 else data[:a] + two + data[a + CARD:]


def growHeader(rng, data):
    """Insert many cards."""
    start = rng.choice(findHdus(data))[0] + BLOCK
    n = rng.choice([36, 360, 36000])
    return data[:start] + _makeCard(rng.choice(KEYS), rng.choice(VALUES))*n + data[start:]


def dropHdu(rng, data):
    start, _, stop = rng.choice(findHdus(data)[1:] or [(0, 0, 0)])
    return data[:start] + data[stop:]


def repeatHdu(rng, data):
    hdus = findHdus(data)
    start, _, stop = rng.choice(hdus)
    at = rng.choice(hdus)[2]
    return data[:at] + data[start:stop] + data[at:]


def swapHdus(rng, data):
    hdus = findHdus(data)[1:]
    if len(hdus) < 2:
        return data
    a, b = sorted(rng.sample(hdus, 2))
    return data[:a[0]] + data[b[0]:b[2]] + data[a[2]:b[0]] + data[a[0]:a[2]] + data[b[2]:]


def zeroFill(rng, data):
    start = rng.randrange(len(data))
    n = rng.choice([4, 80, 2880, len(data)])
    return data[:start] + bytes(len(data[start:start + n])) + data[start + n:]


def editData(rng, data):
    """Write extreme numbers into data, not headers."""
    _, start, stop = rng.choice(findHdus(data))
    if stop - start < 8:
        return data
    at = rng.randrange(start, stop - 7)
    number = rng.choice([struct.pack(">i", 2**31 - 1), struct.pack(">i", -1), struct.pack(">q", 2**63 - 1),
                         struct.pack(">d", float("nan")), struct.pack(">d", 1e308), b"\xff"*8, bytes(8),
                         struct.pack(">d", -1.0), struct.pack(">d", float("inf"))])
    return data[:at] + number + data[at + len(number):]


def _archiveTables(data, kind):
    tables = []
    for start, dataStart, stop in findHdus(data):
        header = data[start:dataStart]
        if b"'" + kind in header:
            cards = {header[i:i + 8].strip(): header[i + 10:i + 30].split(b"/")[0].strip()
                     for i in range(0, len(header), CARD)}
            try:
                rowBytes, nRows = int(cards[b"NAXIS1"]), int(cards[b"NAXIS2"])
            except (KeyError, ValueError):
                continue
            if rowBytes >= 8 and nRows >= 1 and dataStart + rowBytes*nRows <= stop:
                tables.append((dataStart, rowBytes, nRows))
    return tables


def editIndex(rng, data):
    """Change id, catalog, row or number of rows in the index of an archive."""
    tables = _archiveTables(data, b"ARCHIVE_INDEX")
    if not tables:
        return data
    start, rowBytes, nRows = rng.choice(tables)
    for _ in range(rng.randint(1, 3)):
        at = start + rng.randrange(nRows)*rowBytes + 4*rng.randrange(min(5, rowBytes//4))
        value = rng.choice([0, 1, 2, 3, nRows, -1, 1000, 10**9, rng.randrange(nRows + 2)])
        data = data[:at] + struct.pack(">i", value) + data[at + 4:]
    return data


def editReferences(rng, data):
    """Put the numbers of other objects where an archive has numbers: objects that hold themselves."""
    tables = _archiveTables(data, b"ARCHIVE_DATA")
    if not tables:
        return data
    start, rowBytes, nRows = rng.choice(tables)
    for _ in range(rng.randint(1, 6)):
        at = start + rng.randrange(nRows)*rowBytes + 4*rng.randrange(rowBytes//4)
        data = data[:at] + struct.pack(">i", rng.randrange(-1, 12)) + data[at + 4:]
    return data


def injectModule(rng, data):
    """Name a module that nobody may import as that of an object."""
    for old in (b"lsst.afw.geom", b"lsst.afw.math", b"lsst.meas.algorithms", b"lsst.afw.image"):
        if old in data and rng.random() < 0.7:
            name = rng.choice([CANARY, f"lsst.{CANARY}", "os", f"{CANARY}.x"]).encode()
            data = data.replace(old, name[:len(old)].ljust(len(old), b"\0"))
    return data.replace(b"FixedKernel", b"NotAKernel\0") if rng.random() < 0.3 else data


LOSSES = (truncate, dropHdu, swapHdus)
"""After these either the content is still all there, or there must be an error or a warning.

Of bytes cut out of data that is not so: those that follow take their place, and padding that of the last.
"""

FITS = (truncate, cutOut, flipBits, flipHeaderBits, editCard, editCard, editCard, replaceCard, replaceCard,
        moveCard, growHeader, dropHdu, repeatHdu, swapHdus, zeroFill, editData, editIndex, editReferences,
        injectModule)


# Text

TAGS = [f"!!python/object/apply:{CANARY}.run []", "!!python/object/apply:os.system ['true']",
        f"!!python/object:{CANARY}.Thing {{}}", f"!!python/name:{CANARY}.run ''",
        "!!python/name:os.system ''",
        f"!!python/module:{CANARY} ''", f"!!python/object/new:{CANARY}.Thing []", "!!binary 'gA=='",
        "!!python/tuple [1, 2]", f"!<{CANARY}> {{}}", "!!set {a, b}", "!!python/long 3", "!Unknown {a: 1}",
        f"!!python/name:lsst.obs.{CANARY}.Mapper ''", "!!timestamp 9999-99-99", "!!int nothing"]
TOKENS = ["0", "-1", "99999999999999999999999", "1e999", "null", "~", "true", "[]", "{}", "{", "]", "*x",
          "&x",
          "'", '"', "%", "%(visit)d", "%(visit)1000000000d", "../../etc/passwd", "\x00", "\ufffd", "<<: *x",
          "a.b.c", "Begin", "End", "FrameSet", "Naxes = 1000000", "Begin UnitMap", "<bad>", "0x10", "nan",
          CANARY, f"lsst.obs.{CANARY}.Mapper", f"{CANARY}.Mapper", "os.system", "lsst.obs.base.CameraMapper",
          "lsst.obs.lsstSim", "lsst.obs.lsstSim.LsstSimMapper.map", "lsst.daf.persistence.Mapper"]

HOSTILE_NAMES = [f"{CANARY}.run", f"lsst.{CANARY}.x", "os.system", "unittest.__main__.x", "builtins.exec",
                 "logging.FileHandler", "lsst.daf.persistence.butler.logging.FileHandler", "this.x",
                 "lsst.pex.config.Config", "lsst.afw.table.SourceCatalog", "lsst.daf.persistence.Butler",
                 "subprocess.Popen", "lsst.daf.persistence.safeFileIo.SafeLockedFileForWrite"]
STORAGES = ["ConfigStorage", "PickleStorage", "YamlStorage", "FitsStorage", "FitsCatalogStorage", "Internal",
            "ParquetStorage", "MatplotlibStorage", "ignored", "null"]
TEMPLATES = ["../outside/x.yaml", "/tmp/../x.yaml", "%(visit)02000000000d", "%(filter)s/../../x", "..", "",
             "%(visit)*d", "%%(filter)/x", "%n", "registry.sqlite3", "%(filter)s%(filter)s",
             "repositoryCfg.yaml", "[%(visit)d]", "null", "a" * 5000, "%(nosuch)s", "%(visit)s.fits[1]"]
TABLES = ["[raw, raw]", "nosuch", "'raw; DROP TABLE raw'", "'(SELECT 1)'", "[]", "{a: 1}", "sqlite_master",
          "[raw, [raw]]"]
DATA_ID_VALUES = ["../x", "/../../../x", "..", "r", "\x1b[2J"]
POLICY_VALUES = {"python": HOSTILE_NAMES, "storage": STORAGES, "template": TEMPLATES, "tables": TABLES,
                 "columns": TABLES, "persistable": ["x"], "level": ["1", "Ccd"], "recipe": ["nosuch"],
                 "reference": TABLES, "validRange": ["true"], "composite": ["{}", "1"]}


def editPolicy(rng, data):
    """Give a dataset type of a policy, one that is known perhaps, something that it should not have."""
    lines = _lines(data)
    types = [i for i, line in enumerate(lines) if line.startswith("      ") and line.endswith(":")]
    if not types:
        return data
    at = rng.choice(types)
    if rng.random() < 0.3:
        lines[at] = "      " + rng.choice(["calexp", "raw", "deepDiff_diaSrc", "packages", "a.b", "camera",
                                           "deepDiff_differenceExp_wcs", "1", "null", "thing_config"]) + ":"
    key = rng.choice(list(POLICY_VALUES))
    new = f"        {key}: {rng.choice(POLICY_VALUES[key])}"
    old = [i for i in range(at + 1, len(lines)) if lines[i].startswith(f"        {key}:")]
    if old:
        lines[old[0]] = new
    else:
        lines.insert(at + 1, new)
    if rng.random() < 0.1:
        section = rng.choice(["images", "exposures", "calibrations"])
        lines = [line.replace("    datasets:", f"    {section}:") for line in lines]
    return _join(lines)


STATEMENTS = [f"open('{CANARY}', 'w')", "import os", f"import {CANARY}", f"from {CANARY} import run",
              "import lsst.afw.table", f"import lsst.{CANARY}", "config.__class__ = int",
              "config.plugins = 1",
              f"config.doReplaceWithNoise = open('{CANARY}', 'w')", f"config.load('{CANARY}')", "exec('1')",
              f"assert open('{CANARY}', 'w')", "config.plugins.names = ['nosuch']", "while True: pass",
              "config.slots.shape = 'a' * 10**10", "config.slots.shape = [" * 500, "lambda: 1",
              "x = [0] * 10**11", "config.slots.__dict__['shape'] = 1", "config.undeblended['x'].y = 1",
              "\x00", "config" + ".a" * 9999,
              f"config.applyCorrections.retarget(target=os.system, ConfigClass={CANARY}.X)",
              "config.copyColumns = {'a': 1}", "config.copyColumns['a'] = (((1)))", "# a comment", "'a text'",
              "config.doReplaceWithNoise = -" + "-" * 5000 + "1",
              "config.noiseReplacer.noiseSeedMultiplier = 9**9"]


def editStatements(rng, data):
    """Put a statement that no stored config has, or a strange one, among the others."""
    lines = _lines(data)
    for _ in range(rng.randint(1, 3)):
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(STATEMENTS))
    return _join(lines)


def editParents(rng, data):
    """Let repositories have other parents, themselves among these, or mappers and roots of their own."""
    lines = _lines(data)
    parents = [i for i, line in enumerate(lines) if line.startswith("_parents")]
    if not parents:
        return data
    nested = "!RepositoryCfg_v1 {_root: ../d, _mapper: null, _mapperArgs: {}, _parents: [../a]}"
    names = ["'../a'", "'../b'", "'../c'", "'../d'", "'.'", "'..'", "'/'", "''", "1", "[]", "null",
             "/proc/self", "'../nosuch'", nested]
    for _ in range(rng.randint(1, 3)):
        at = rng.choice(parents)
        lines[at] = f"_parents: [{', '.join(rng.choice(names) for _ in range(rng.randint(0, 4)))}]"
        if rng.random() < 0.2:
            lines.insert(at, "_root: " + rng.choice(["../d", "/", "..", "outside", "1", "null"]))
    return _join(lines)


def _lines(data):
    return data.decode("utf-8", "surrogateescape").split("\n")


def _join(lines):
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def cutText(rng, data):
    return data[:rng.randrange(len(data) + 1)]


def editLines(rng, data):
    """Leave out, repeat or exchange lines."""
    lines = _lines(data)
    for _ in range(rng.randint(1, 3)):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(3)
        if kind == 0 and len(lines) > 1:
            del lines[i]
        elif kind == 1:
            lines.insert(j, lines[i])
        else:
            lines[i % len(lines)], lines[j % len(lines)] = lines[j % len(lines)], lines[i % len(lines)]
    return _join(lines)


def _replaceInLine(rng, data, new):
    lines = _lines(data)
    i = rng.randrange(len(lines))
    head, separator, value = lines[i].partition(rng.choice([":", "=", " "]))
    lines[i] = rng.choice([head + separator + " " + new, new + separator + value, lines[i] + new, new])
    return _join(lines)


def editToken(rng, data):
    return _replaceInLine(rng, data, rng.choice(TOKENS))


def injectTag(rng, data):
    return _replaceInLine(rng, data, rng.choice(TAGS))


def nest(rng, data):
    """Nest brackets or objects deeply."""
    n = rng.choice([50, 1000, 100000])
    parts = ["["*n, "{a: "*n, "- "*n, "["*n + "]"*n, "? "*n, "Begin CmpMap\nMapA =\n"*n]
    return _replaceInLine(rng, data, rng.choice(parts))


def bomb(rng, data):
    """Add aliases that double what they stand for at every step."""
    n = rng.choice([5, 40])
    lines = ["x0: &x0 [a, a]"] + [f"x{i}: &x{i} [*x{i - 1}, *x{i - 1}]" for i in range(1, n)]
    lines += ["y0: &y0 {a: 1}"] + [f"y{i}: &y{i} {{a: *y{i - 1}, b: *y{i - 1}}}" for i in range(1, n)]
    return data + ("\n" + "\n".join(lines) + "\n").encode()


TEXT = (cutText, editLines, editLines, editToken, editToken, editToken, injectTag, injectTag, flipBits, nest,
        bomb)


# SQLite

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"


def editSql(rng, data):
    """Change tables with SQL, as somebody could who made the registry."""
    statement = rng.choice([
        "DROP TABLE raw", "ALTER TABLE raw RENAME TO other", "ALTER TABLE raw RENAME COLUMN filter TO f",
        "UPDATE raw SET visit = NULL", "UPDATE raw SET visit = 'text'", "UPDATE raw SET filter = x'00ff80'",
        "UPDATE raw SET sensor = 1e300", "UPDATE raw SET raft = CAST(x'fffe' AS TEXT)", "DELETE FROM raw",
        "UPDATE raw SET visit = 9223372036854775807", "UPDATE raw SET raft = zeroblob(1000000)",
        "UPDATE raw SET filter = '''; DROP TABLE raw; --'", "UPDATE raw SET raft = '../../etc'",
        "DROP TABLE raw; CREATE TABLE raw (visit)", "DROP TABLE raw; CREATE TABLE raw (x, y)",
        "DROP TABLE raw; CREATE VIEW raw AS SELECT 1 AS visit, 'r' AS filter, '2,2' AS raft, '1,1' AS sensor",
        "DROP TABLE raw; CREATE VIEW raw AS SELECT * FROM raw",
        "UPDATE raw SET filter = '/../../../outside'", "UPDATE raw SET filter = char(27) || '[2J'",
        f"DROP TABLE raw; CREATE VIEW raw AS {ENDLESS} SELECT i AS visit, 'r' AS filter, '2,2' AS raft, "
        "'1,1' AS sensor FROM n",
        f"DROP TABLE raw; CREATE VIEW raw AS {ENDLESS} SELECT 1 AS visit, 'r' AS filter, '2,2' AS raft, "
        "'1,1' AS sensor FROM n",
        f"DROP TABLE raw; CREATE VIEW raw AS {ENDLESS} SELECT zeroblob(2000000000) AS visit, 'r' AS filter, "
        "'2,2' AS raft, '1,1' AS sensor FROM n",
        "CREATE VIEW raw_visit AS SELECT 801 AS visit, '../../outside' AS filter, '' AS taiObs"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)/"r.sqlite3"
        path.write_bytes(data)
        connection = sqlite3.connect(path)
        try:
            connection.executescript(statement)
            connection.commit()
        except sqlite3.Error:
            pass
        finally:
            connection.close()
        return path.read_bytes()


def overwriteText(rng, data):
    """Put text in the place of the file."""
    return rng.choice([b"", b"SQLite format 3\x00", b"not a database "*100, data[:100] + b"x"*1000])


SQLITE = (editSql, editSql, editSql, cutText, flipBits, flipBits, zeroFill, overwriteText)


def mutationsFor(kind):
    """Return the mutations that apply to files of a kind."""
    if kind == "registry":
        return SQLITE
    if kind == "piff":
        # It begins with what is here.
        return importlib.import_module("fuzzPiff").MUTATIONS
    special = {"repositoryPolicy": editPolicy, "storedConfig": editStatements, "parents": editParents}
    if kind in special:
        return (*(special[kind],)*12, *TEXT)
    return TEXT if kind in ("ast", "policy", "repositoryCfg", "mapper") else FITS


def mutate(rng, kind, data):
    """Damage a file.

    Returns
    -------
    data : `bytes`
        The damaged file.
    names : `list` [`str`]
        What was done to it.
    isLoss : `bool`
        Was something taken away or moved, and nothing else done?
    """
    chosen = [rng.choice(mutationsFor(kind)) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    for mutation in chosen:
        try:
            data = mutation(rng, data)
        except (IndexError, ValueError):
            continue  # what is left is too short for it
    return data, [mutation.__name__ for mutation in chosen], set(chosen) <= set(LOSSES)
