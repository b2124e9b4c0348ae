# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The properties of DIAObjects from sums are those that all DIASources at once give."""

import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.association.associators import Memberships
from lsst.dia.repro.association.diaObjectAggregation import ObjectAggregationTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.prompt.objectSums import Members, addMembers, startSums, toProperties
from lsst.dia.repro.sky import toVectors

N_OBJECTS, N_EXPOSURES = 40, 30
ARCSEC = np.pi/180/3600


def makeSources(rng, ra, dec):
    """Return the columns of sources of objects at a place; each object is on some exposures."""
    object, exposure = np.nonzero(rng.random((N_OBJECTS, N_EXPOSURES)) < 0.5)
    order = np.lexsort((object, exposure))
    object, exposure = object[order], exposure[order]
    n = len(object)
    vectors = toVectors(np.full(n, ra), np.full(n, dec))
    vectors += rng.normal(0, 0.2*ARCSEC, (n, 3)) + 20*ARCSEC*rng.normal(size=(N_OBJECTS, 3))[object]
    vectors /= np.linalg.norm(vectors, axis=1)[:, np.newaxis]
    flux = rng.normal(0, 100, N_OBJECTS)[object]*1e3 + rng.normal(0, 50, n)
    flux[rng.random(n) < 0.1] = np.nan
    return {"object": object, "exposure": exposure, "vector": vectors, "flux": flux,
            "fluxErr": rng.uniform(10, 100, n), "band": np.array(list("gri"))[exposure % 3],
            # Two exposures of one time, between which there is no slope.
            "mjd": 59580.0 + exposure - (exposure % 7 == 3)*1.0, "isGood": rng.random(n) < 0.7,
            "axisErrors": rng.uniform(0.05, 0.3, (n, 2))*ARCSEC}


def toCatalog(columns):
    """Return the catalog that the aggregation of all at once wants."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("coord_raErr", "coord_decErr", "midpointMjdTai", "base_PsfFlux_flux",
                 "base_PsfFlux_fluxErr"):
        schema.addField(name, type="D")
    schema.addField("ccdExposureId", type="L")
    schema.addField("isBad", type="Flag")
    catalog = makeCatalog(schema, len(columns["mjd"]), afwTable.SourceCatalog)
    x, y, z = columns["vector"].T
    catalog["id"] = np.arange(1, len(catalog) + 1)
    catalog["coord_ra"], catalog["coord_dec"] = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    catalog["coord_raErr"], catalog["coord_decErr"] = columns["axisErrors"].T
    catalog["midpointMjdTai"], catalog["ccdExposureId"] = columns["mjd"], columns["exposure"]
    catalog["base_PsfFlux_flux"], catalog["base_PsfFlux_fluxErr"] = columns["flux"], columns["fluxErr"]
    catalog["isBad"] = ~columns["isGood"]
    return catalog


def aggregateAll(columns):
    """Return the columns of the objects, by their number, as the aggregation of all at once has them."""
    config = ObjectAggregationTask.ConfigClass()
    config.doFluxes, config.flags = True, []
    catalog = toCatalog(columns)
    memberships = Memberships.fromLinks(np.arange(len(catalog)), columns["object"])
    objects = ObjectAggregationTask(config=config).run(catalog, memberships, "isBad", bands=columns["band"])
    number = columns["object"][np.asarray(objects["id"]) - 1]
    order = np.argsort(number)
    return {name: np.asarray(objects[name])[order] for name in objects.schema.getOrderedNames()}


def aggregateByExposure(columns):
    """Return the same of sums that grow from exposure to exposure."""
    members = Members(columns["vector"], np.full(len(columns["mjd"]), 0.1*ARCSEC),
                      *(columns[name] for name in Members._fields[2:]))
    sums = None
    place = np.full(N_OBJECTS, -1)
    for exposure in range(N_EXPOSURES):
        rows = np.flatnonzero(columns["exposure"] == exposure)
        object = columns["object"][rows]
        isNew = place[object] < 0
        if sums is not None:
            addMembers(sums, place[object[~isNew]], members.select(rows[~isNew]))
        started = startSums(members.select(rows[isNew]))
        place[object[isNew]] = (0 if sums is None else len(sums)) + np.arange(len(started))
        sums = started if sums is None else np.append(sums, started)
    return {name: values[place] for name, values in toProperties(sums).items()}


@pytest.mark.parametrize("ra, dec", [(1.0, -0.5), (0.0, 0.0), (2.0, np.pi/2)])
@pytest.mark.parametrize("hasErrors", [True, False])
def testSumsGiveTheSame(ra, dec, hasErrors):
    columns = makeSources(np.random.default_rng(5), ra, dec)
    if not hasErrors:
        columns["axisErrors"][::5] = np.nan
    # Some have no good centroid at all.
    columns["isGood"] &= columns["object"] % 9 != 0
    expected, found = aggregateAll(columns), aggregateByExposure(columns)
    for name in set(expected) - {"id", "parent", "coord_ra", "coord_dec", "coord_ra_dec_Cov"}:
        # What the catalog has in single precision is no better than that.
        rtol = 1e-12 if expected[name].dtype == np.float64 else 2e-6
        np.testing.assert_allclose(found[name], expected[name], rtol=rtol, err_msg=name)
    correlation = [columns["coord_ra_dec_Cov"]/columns["coord_raErr"]/columns["coord_decErr"]
                   for columns in (found, expected)]
    np.testing.assert_allclose(*correlation, atol=2e-6)
    separation = np.linalg.norm(toVectors(found["coord_ra"], found["coord_dec"])
                                - toVectors(expected["coord_ra"], expected["coord_dec"]), axis=1)
    assert separation.max() < 5e-16


def testLateMemberHasNoSlope():
    vector = toVectors(np.zeros(1), np.zeros(1))

    def make(mjd, flux):
        return Members(vector, np.full(1, ARCSEC), np.full((1, 2), ARCSEC), np.ones(1, dtype=bool),
                       np.array([mjd]), np.array(["r"]), np.array([flux]), np.ones(1))

    sums = startSums(make(2.0, 10.0))
    addMembers(sums, np.array([0]), make(1.0, 50.0))
    properties = toProperties(sums)
    assert np.isnan(properties["r_psfFluxMaxSlope"])
    assert properties["firstDiaSourceMjdTai"] == 1.0 and properties["r_psfFluxMax"] == 50.0
    addMembers(sums, np.array([0]), make(4.0, 20.0))
    assert toProperties(sums)["r_psfFluxMaxSlope"] == 5.0
