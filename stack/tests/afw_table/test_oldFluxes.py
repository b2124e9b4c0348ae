# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Source catalogs that v23 does not open: old fluxes without units, and slots without their fields."""

import logging

import pytest
from astropy.io import fits

import lsst.afw.table as afwTable
from lsst.pex.exceptions import NotFoundError

SIGMA = {0: "_err", 1: "Sigma", 2: "Err"}


@pytest.fixture
def catalog():
    """A source with the fields that slots point to, under their names since version 3."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("a_instFlux", "a_instFluxErr", "b_x", "b_y", "other_instFlux"):
        schema.addField(name, type="D")
    schema.addField("a_flag", type="Flag")
    catalog = afwTable.SourceCatalog(schema)
    catalog.definePsfFlux("a")
    catalog.defineCentroid("b")
    catalog.addNew()
    catalog["a_instFlux"], catalog["a_instFluxErr"], catalog["b_x"] = 5.0, 0.5, 2.0
    return catalog


@pytest.fixture
def rewrite(catalog, tmp_path):
    """A function that writes the catalog with names of columns changed, as of a version."""
    def rewriteAs(version, names, **cards):
        catalog.writeFits(str(tmp_path/"new.fits"))
        with fits.open(tmp_path/"new.fits", disable_image_compression=True) as file:
            header = file[1].header
            for key in list(header["TTYPE*"]):
                header[key] = names.get(header[key], header[key])
            header["AFW_TABLE_VERSION"] = version
            header.update(cards)
            file.writeto(tmp_path/"old.fits")
        return str(tmp_path/"old.fits")

    return rewriteAs


@pytest.mark.parametrize("version", [1, 2])
def test_fluxesOfSlots(rewrite, version):
    names = {"a_instFlux": "a_flux", "a_instFluxErr": "a_flux" + SIGMA[version],
             "other_instFlux": "other_flux"}
    catalog = afwTable.SourceCatalog.readFits(rewrite(version, names))
    record = catalog[0]
    assert record.getPsfInstFlux() == catalog["a_instFlux"][0] == record["a_flux"] == 5
    assert record.getPsfInstFluxErr() == record["a_fluxErr"] == 0.5 and not record.getPsfFluxFlag()
    assert "other_instFlux" not in list(catalog.schema.getAliasMap().keys())


def test_fluxesOfSlotsOfVersion0(rewrite, catalog):
    catalog.schema.getAliasMap().erase("slot_PsfFlux")
    names = {"a_instFlux": "flux_a", "a_instFluxErr": "flux_a_err"}
    record = afwTable.SourceCatalog.readFits(rewrite(0, names, **{"HIERARCH PSF_FLUX_SLOT": "flux_a"}))[0]
    assert (record.getPsfInstFlux(), record.getPsfInstFluxErr()) == (5, 0.5)


def test_noFieldIsHidden(rewrite):
    catalog = afwTable.SourceCatalog.readFits(rewrite(1, {"other_instFlux": "a_flux"}))
    assert catalog[0].getPsfInstFlux() == 5 and catalog[0]["a_flux"] != 5


def test_fluxesOfOtherTablesAreNotInCounts(tmp_path, rewrite):
    path = rewrite(1, {"a_instFlux": "a_flux"}, AFW_TYPE="SIMPLE")
    assert "a_instFlux" not in list(afwTable.SimpleCatalog.readFits(path).schema.getAliasMap().keys())


def test_slotsWithoutFields(rewrite, tmp_path, caplog):
    path = rewrite(3, {"a_instFlux": "lost", "b_y": "lostToo"})
    with caplog.at_level(logging.WARNING):
        catalog = afwTable.SourceCatalog.readFits(path)
    assert [record.name for record in caplog.records] == ["lsst.afw.table"] * 2
    for message, slot, field in zip(caplog.messages, ("PsfFlux", "Centroid"), ("a_instFlux", "b_y")):
        assert slot in message and f"'{field}'" in message and "old.fits" in message
    assert not catalog.table.getPsfFluxSlot().isValid() and not catalog.table.getCentroidSlot().isValid()
    assert catalog["lost"][0] == 5 and catalog["b_x"][0] == 2
    assert len(catalog.copy(deep=True)) == 1
    catalog.writeFits(str(tmp_path/"again.fits"))
    assert afwTable.SourceCatalog.readFits(str(tmp_path/"again.fits"))["lost"][0] == 5


def test_onlyFilesAreMended(catalog):
    """To point a slot to nothing remains an error, as in v23."""
    with pytest.raises(NotFoundError, match="nothing_instFlux"):
        catalog.definePsfFlux("nothing")
