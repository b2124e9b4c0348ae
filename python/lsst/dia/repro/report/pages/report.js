// Part of dia_repro. License: GPL-3.0-or-later.
// What the pages share: data from scripts, colours on a dark ground, small light curves, links.
"use strict";

const diaReport = {
  isDark: matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches,
  promises: {},
  waiting: {},
  survey: null,

  // Scripts, since a page on a disk may load no other data.
  load(name) {
    this.promises[name] ??= new Promise((resolve, reject) => {
      this.waiting[name] = resolve;
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onerror = () => reject(new Error(`data/${name}.js cannot be loaded: is the folder complete?`));
      document.head.append(script);
    });
    return this.promises[name];
  },

  take(name, value) {
    this.waiting[name](value);
  },

  // The inverse of encodeNumbers and encodeTexts of pageData.py.
  decode(encoded) {
    if (encoded.list) return encoded.list;
    if (encoded.texts) return Array.from(this.decode(encoded.codes), (code) => encoded.texts[code]);
    const types = {
      int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, int32: Int32Array,
      uint32: Uint32Array, float32: Float32Array, float64: Float64Array,
    };
    const bytes = Uint8Array.from(atob(encoded.bytes), (character) => character.charCodeAt(0));
    return new types[encoded.dtype](bytes.buffer);
  },

  // Run a page, and show what goes wrong instead of an empty page.
  async run(page) {
    try {
      this.survey = await this.load("survey");
      await page(this.survey);
      document.body.dataset.state = "ready";
      performance.mark("ready");
    } catch (error) {
      this.complain(error.message);
      throw error;
    }
  },

  complain(message) {
    const place = document.getElementById("problem");
    place.textContent = message;
    place.hidden = !message;
  },

  // Show what Bokeh made; returns its document.
  async embed(item, target) {
    await Bokeh.embed.embed_item(item, target);
    const made = Bokeh.documents.at(-1);
    if (this.isDark) this.darken(made);
    return made;
  },

  darken(made) {
    for (const model of made.all_models) {
      const [what, band] = model.tags ?? [];
      if (what !== "band") continue;
      for (const name of ["line_color", "fill_color", "hatch_color"])
        if (name in model.properties) model[name] = { value: this.color(band) };
    }
  },

  color(band) {
    return this.survey.colors[band]?.[this.isDark ? 1 : 0] ?? "#7f7f7f";
  },

  // Draw what makeSparklines of sparklines.py wrote.
  sparkline(text, band) {
    if (!text) return "";
    const [width, height, margin] = [130, 28, 3];
    const levels = Array.from(text, (character) => character === "~" ? null : character.charCodeAt(0) - 48);
    const y = (level) => (height - margin - level*(height - 2*margin)/60).toFixed(1);
    const [zero, ...means] = levels;
    if (zero === null) return "";
    const marks = means.map((level, i) => level === null ? "" :
      `<circle cx="${(margin + i*(width - 2*margin)/(means.length - 1)).toFixed(1)}" cy="${y(level)}" r="2"/>`);
    return `<svg width="${width}" height="${height}" fill="${this.color(band)}" role="img"
      aria-label="light curve"><path d="M0 ${y(zero)}H${width}" stroke="#7f7f7f" stroke-width="0.7"/>
      ${marks.join("")}</svg>`;
  },

  // Links by coordinates alone; nothing is asked of an archive before a click.
  links(ra, dec) {
    const [a, d] = [Number(ra).toFixed(6), Number(dec).toFixed(6)];
    if (!Number.isFinite(Number(ra)) || !Number.isFinite(Number(dec))) return "";
    const places = {
      SIMBAD: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${a}d${d >= 0 ? "%2B" : ""}${d}d&Radius=10&Radius.unit=arcsec`,
      NED: `https://ned.ipac.caltech.edu/conesearch?search_type=Near%20Position%20Search&ra=${a}d&dec=${d}d&radius=0.2&in_csys=Equatorial&in_equinox=J2000`,
      Legacy: `https://www.legacysurvey.org/viewer?ra=${a}&dec=${d}&zoom=16&mark=${a},${d}`,
      TNS: `https://www.wis-tns.org/search?ra=${a}&decl=${d}&radius=10&coords_unit=arcsec`,
    };
    const anchors = Object.entries(places).map(([name, url]) =>
      `<a href="${url.replaceAll("&", "&amp;")}" target="_blank" rel="noopener noreferrer">${name}</a>`);
    return `<button type="button" data-copy="${a} ${d}" title="copy RA and Dec, degrees">copy</button> ${anchors.join(" ")}`;
  },

  // The objects of the table as it was filtered and sorted, of this report alone: all pages on a disk have one storage.
  chosenKey: `chosen ${new URL(".", location.href).pathname}`,

  keepChosen(ids) {
    try {
      sessionStorage.removeItem(this.chosenKey);
      if (ids.length) sessionStorage.setItem(this.chosenKey, ids.join(" "));
    } catch {
      // Some browsers keep nothing for pages on a disk, and none keeps millions of ids.
    }
  },

  getChosen() {
    try {
      return sessionStorage.getItem(this.chosenKey)?.split(" ") ?? [];
    } catch {
      return [];
    }
  },

  async copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Pages from a server without encryption have no clipboard.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  },
};

document.addEventListener("click", async (event) => {
  // Bokeh's tables are in a tree of their own, so that the target is the table.
  const button = event.composedPath().find((element) => element.dataset?.copy);
  if (!button) return;
  await diaReport.copy(button.dataset.copy);
  button.textContent = "copied";
});
