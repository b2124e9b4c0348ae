// Part of dia_repro. License: GPL-3.0-or-later.
// One object: its light curve, stamps, neighbours and DIASources.
"use strict";

diaReport.run(async (survey) => {
  const made = await diaReport.embed(survey.figure, "lightCurve");
  const page = new ObjectPage(survey, made);
  const showHash = () => page.open(location.hash.slice(1)).catch((error) => {
    diaReport.complain(error.message);
    throw error;
  });
  addEventListener("hashchange", showHash);
  await showHash();
});

class ObjectPage {
  constructor(survey, made) {
    this.survey = survey;
    this.made = made;
    this.firstIds = survey.firstIds.map(BigInt);
    document.getElementById("controls").addEventListener("input", () => this.draw());
    document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("ecsv").addEventListener("click", () => this.download(".ecsv", this.toEcsv()));
    document.getElementById("sncosmo").addEventListener("click", () => this.downloadSncosmo());
    addEventListener("keydown", (event) => {
      if (event.target.matches?.("input") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "ArrowLeft") document.getElementById("previous").click();
      if (event.key === "ArrowRight") document.getElementById("next").click();
    });
  }

  async open(id) {
    if (!/^-?\d+$/.test(id)) return diaReport.complain("There is no DIAObject in the address: open one of the table.");
    const shard = this.firstIds.findLastIndex((first) => first <= BigInt(id));
    const objects = shard < 0 ? {} : await diaReport.load(`curves-${String(shard).padStart(5, "0")}`);
    if (!objects[id]) return diaReport.complain(`There is no light curve of a DIAObject ${id} in this report.`);
    diaReport.complain("");
    this.id = id;
    this.object = objects[id];
    this.rows = this.readRows(this.object.curve);
    document.title = `DIAObject ${id} - ${this.survey.title}`;
    document.getElementById("name").textContent = id;
    this.showOrder();
    const { ra, dec } = this.object.summary;
    document.getElementById("position").innerHTML = diaReport.links(ra, dec);
    document.getElementById("position").prepend(`RA ${ra?.toFixed(6)}, Dec ${dec?.toFixed(6)} deg (ICRS) `);
    this.draw();
    this.showStamps();
    this.showTables();
    document.body.dataset.object = id;
  }

  // Next and previous go through the table as it was filtered and sorted, or through all by significance.
  showOrder() {
    let { previous, next } = this.object;
    const chosen = diaReport.getChosen();
    const place = chosen.indexOf(this.id);
    if (place >= 0) [previous, next] = [chosen[place - 1], chosen[place + 1]];
    for (const [name, id] of Object.entries({ previous, next })) {
      const link = document.getElementById(name);
      if (id) link.href = `#${id}`;
      else link.removeAttribute("href");
    }
    document.getElementById("rank").textContent = (place < 0 ? "" : `${place + 1} of ${chosen.length} in the table, `)
      + `number ${this.object.rank} of ${this.survey.nObjects} by significance`;
  }

  readRows(curve) {
    const [image, flux, fluxErr, flags, reason] = ["image", "flux", "fluxErr", "flags", "reason"].map((name) =>
      Array.from(diaReport.decode(curve[name])));
    const { images, flagSets, flagNames, reasons, threshold } = this.survey;
    return image.map((number, i) => {
      const isMeasured = Number.isFinite(flux[i]) && fluxErr[i] > 0 && Number.isFinite(fluxErr[i]);
      return {
        number, flux: flux[i], fluxErr: fluxErr[i], mjd: images.mjds[number], band: images.bands[number],
        image: this.label(number), snr: flux[i]/fluxErr[i], isMeasured,
        isUsable: isMeasured && !flagSets[flags[i]].isBad,
        isDetected: Math.abs(flux[i]/fluxErr[i]) >= threshold,
        flags: flagSets[flags[i]].flags.map((flag) => flagNames[flag]).join(" "),
        reasonCode: reason[i], reason: reasons[reason[i]] ?? String(reason[i]),
      };
    });
  }

  label(number) {
    const { keys, dataIds } = this.survey.images;
    return number === null ? "" : keys.map((key, i) => `${key}=${dataIds[number][i]}`).join(" ");
  }

  toMag(flux) {
    return flux > 0 ? this.survey.abZeroPoint - 2.5*Math.log10(flux) : NaN;
  }

  draw() {
    const isMag = document.querySelector("[name=unit]:checked").value === "mag";
    const period = this.readPeriod();
    const shown = this.rows.filter((row) => row.isMeasured && row.mjd !== null);
    const points = [];
    for (const row of shown) points.push(...this.toPoints(row, isMag, period));
    for (const source of this.made.all_models)
      if (/^(points|limits|flagged):/.test(source.name ?? "")) this.fill(source, points);
    this.labelAxes(isMag, period);
    this.setRange("x", points.map((point) => point.x), false);
    this.setRange("y", points.flatMap((point) => [point.low, point.high]), isMag);
    this.describeMissing(isMag);
    // Bokeh may leave what it drew before the axis got another width.
    const { id } = this.made.get_model_by_name("lightCurve");
    setTimeout(() => Bokeh.index.find_one_by_id(id)?.request_repaint?.(), 100);
  }

  readPeriod() {
    const input = document.getElementById("period");
    const period = Number(input.value);
    const isWrong = input.value.trim() !== "" && !(period > 0 && Number.isFinite(period));
    input.classList.toggle("wrong", isWrong);
    return isWrong ? 0 : period;
  }

  // The points that show a measurement: a flux or a limit, or both, and again a period later.
  toPoints(row, isMag, period) {
    const { flux, fluxErr } = row;
    const shared = { ...row, mag: this.describeMag(row) };
    const limit = this.survey.threshold*fluxErr;
    const found = [];
    const kind = row.isUsable ? "points" : "flagged";
    if (!isMag) {
      found.push({ ...shared, kind, y: flux, low: flux - fluxErr, high: flux + fluxErr });
    } else if (flux > 0 && row.isDetected) {
      const [y, error] = [this.toMag(flux), 2.5/Math.LN10*fluxErr/flux];
      found.push({ ...shared, kind, y, low: y - error, high: y + error });
    }
    if (row.isUsable && !row.isDetected) {
      const y = isMag ? this.toMag(limit) : limit;
      found.push({ ...shared, kind: "limits", y, low: y, high: y });
    }
    if (!period) return found.map((point) => ({ ...point, x: row.mjd }));
    const phase = (row.mjd - this.epoch())/period;
    return [0, 1].flatMap((cycle) => found.map((point) => ({ ...point, x: phase - Math.floor(phase) + cycle })));
  }

  // Phase 0 is at the most significant flux.
  epoch() {
    const usable = this.rows.filter((row) => row.isUsable && row.mjd !== null);
    return usable.reduce((best, row) => Math.abs(row.snr) > Math.abs(best.snr) ? row : best, usable[0]
      ?? { mjd: 0 }).mjd;
  }

  describeMag(row) {
    if (row.flux > 0 && row.isDetected)
      return `${this.toMag(row.flux).toFixed(3)} ± ${(2.5/Math.LN10*row.fluxErr/row.flux).toFixed(3)}`;
    return row.isDetected ? "none, negative" : `> ${this.toMag(this.survey.threshold*row.fluxErr).toFixed(3)}`;
  }

  fill(source, points) {
    const [kind, ...band] = source.name.split(":");
    const chosen = points.filter((point) => point.kind === kind && point.band === band.join(":"));
    source.data = Object.fromEntries(Object.keys(source.data).map((name) =>
      [name, chosen.map((point) => name === "fill" ? Number(point.isDetected) : point[name])]));
  }

  labelAxes(isMag, period) {
    const figure = this.made.get_model_by_name("lightCurve");
    figure.below[0].axis_label = period ? `phase of ${period} d, 0 at MJD ${this.epoch().toFixed(4)} (TAI)` : "MJD (TAI)";
    figure.left[0].axis_label = isMag ? "difference flux (AB mag)" : "difference flux (nJy)";
    this.made.get_model_by_name("zero").visible = !isMag;
  }

  setRange(name, values, isReversed) {
    const range = this.made.get_model_by_name(name);
    const finite = values.filter(Number.isFinite);
    const [low, high] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
    const margin = finite.length ? 0.04*(high - low) || 0.5 : 0;
    const ends = finite.length ? [low - margin, high + margin] : [0, 1];
    const [start, end] = isReversed ? ends.reverse() : ends;
    range.setv({ start, end, reset_start: start, reset_end: end });
  }

  // What there is no point for.
  describeMissing(isMag) {
    const without = this.rows.filter((row) => !row.isMeasured);
    const parts = [];
    if (without.length) {
      const counts = new Map();
      for (const row of without) counts.set(row.reason, (counts.get(row.reason) ?? 0) + 1);
      const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).join(", ");
      parts.push(`${without.length} of ${this.rows.length} images have no flux: ${reasons}.`);
    }
    const timeless = this.rows.filter((row) => row.isMeasured && row.mjd === null).length;
    if (timeless) parts.push(`${timeless} fluxes have no time.`);
    const negative = this.rows.filter((row) => row.isMeasured && row.isDetected && row.flux < 0).length;
    if (isMag && negative) parts.push(`${negative} detections are negative and have no magnitude.`);
    document.getElementById("missing").textContent = parts.join(" ");
  }

  showStamps() {
    const place = document.getElementById("stamps");
    const { stamps } = this.object;
    document.getElementById("stampCount").textContent = stamps ? `${stamps.images.length} of ${this.rows.length} images. ` : "";
    place.textContent = stamps ? "" : "Stamps were made of the most significant objects alone (--stamps).";
    stamps?.images.forEach((number, i) => {
      const figure = document.createElement("figure");
      const picture = document.createElement("div");
      picture.style.background = `url("${stamps.file}") ${-123*i}px 0 / ${123*stamps.images.length}px 123px`;
      const { bands, mjds } = this.survey.images;
      picture.title = this.label(number);
      figure.append(picture, `${bands[number]}, ${mjds[number]?.toFixed(2)}`);
      place.append(figure);
    });
  }

  showTables() {
    const { summary, neighbours, members } = this.object;
    fillTable("summary", null, this.survey.objectColumns.map(({ name, title, format }) =>
      [title, format ? toText(summary[name]) : summary[name]]));
    fillTable("neighbours", ["DIAObject", "separation (arcsec)"], neighbours.map(([id, separation]) => {
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = id;
      return [link, separation.toFixed(3)];
    }));
    const titles = this.survey.memberColumns.map(([name, unit]) => unit ? `${name} (${unit})` : name);
    fillTable("members", titles, members.map((row) => row.map((value, i) =>
      titles[i] === "image" ? this.label(value) : typeof value === "string" ? value : toText(value))));
  }

  toEcsv() {
    const { summary } = this.object;
    const quote = (text) => `"${text.replaceAll('"', '""')}"`;
    const plain = (value) => typeof value === "string" ? quote(value) : String(value ?? "nan");
    const single = (value) => Number.isFinite(value) ? Number(value.toPrecision(9)) : "nan";
    const lines = this.rows.map((row) => [
      this.id, ...this.survey.images.dataIds[row.number].map(plain), quote(row.band), plain(row.mjd),
      plain(summary.ra), plain(summary.dec), single(row.flux), single(row.fluxErr),
      row.isUsable ? "True" : "False", quote(row.flags), row.reasonCode].join(" "));
    return this.survey.ecsvHeader + lines.map((line) => line + "\n").join("");
  }

  downloadSncosmo() {
    const used = this.rows.filter((row) => row.isUsable && row.mjd !== null && row.band);
    const odd = used.find((row) => !/^[\w.:+-]+$/.test(row.band));
    if (odd) return diaReport.complain(`The band ${odd.band} is not a name in the text that sncosmo reads.`);
    const { ra, dec } = this.object.summary;
    const lines = used.map((row) => [row.mjd, this.survey.sncosmoBandPrefix + row.band, Number(row.flux.toPrecision(9)),
      Number(row.fluxErr.toPrecision(9)), this.survey.abZeroPoint, "ab"].join(" "));
    this.download(".sncosmo.txt", [`@id ${this.id}`, `@ra ${ra}`, `@dec ${dec}`,
      "time band flux fluxerr zp zpsys", ...lines, ""].join("\n"));
  }

  download(ending, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = `diaObject-${this.id}${ending}`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

function toText(value) {
  if (value === null || value === undefined) return "-";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(8)));
}

// Cells are text or elements, never markup.
function fillTable(id, titles, rows) {
  const table = document.getElementById(id);
  table.replaceChildren();
  const add = (cells, kind) => {
    const row = table.insertRow();
    cells.forEach((cell, i) => {
      const element = document.createElement(kind ?? (titles || i ? "td" : "th"));
      element.append(cell);
      row.append(element);
    });
  };
  if (titles && rows.length) add(titles, "th");
  if (titles && !rows.length) add(["none"], "td");
  rows.forEach((row) => add(row));
}
