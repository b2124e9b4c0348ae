// Part of dia_repro. License: GPL-3.0-or-later.
// The table of all objects, and its filters.
"use strict";

diaReport.run(async (survey) => {
  const { grid, columns } = await diaReport.load("objects");
  const data = Object.fromEntries(Object.entries(columns).map(([name, encoded]) =>
    [name, diaReport.decode(encoded)]));
  const form = document.querySelector("#filters form");
  const made = await diaReport.embed(grid, "grid");
  const [source, filter] = ["objects", "chosen"].map((name) => made.get_model_by_name(name));
  source.data = data;
  // What has no number is last in both directions, of which Bokeh's comparisons do not know.
  const table = Bokeh.index.find_one_by_id(made.get_model_by_name("grid").id);
  table.grid.onBeforeSort.subscribe((event, { sortCols }) => {
    for (const { sortCol, sortAsc } of sortCols)
      if (sortCol.sorter?.type === "NanCompare") sortCol.sorter.ascending_first = !sortAsc;
  });

  let isFiltered = false;

  // Next and previous go through the rows as they are shown; as they come, by significance, through all.
  function keep() {
    const isChanged = isFiltered || table.grid.getSortColumns().length > 0;
    diaReport.keepChosen(isChanged ? Array.from(table.data.index, (row) => data.diaObjectId[row]) : []);
  }

  function choose() {
    const tests = [...form.querySelectorAll("input")].map((input) => makeTest(input, data)).filter(Boolean);
    const indices = [];
    for (let row = 0; row < survey.nObjects; row++) if (tests.every((test) => test(row))) indices.push(row);
    filter.indices = indices;
    document.getElementById("count").textContent = `${indices.length} of ${survey.nObjects} DIAObjects.`;
    isFiltered = tests.length > 0;
    keep();
  }

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(choose, 200);
  });
  // A click on a head sorts without a word to us, so that the order is taken when an object is opened.
  for (const kind of ["pointerdown", "click"])
    document.getElementById("grid").addEventListener(kind, (event) => {
      if (event.composedPath().some((element) => element.tagName === "A")) keep();
    }, { capture: true });
  form.addEventListener("reset", () => setTimeout(choose));
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
});

// Return what tells whether a row passes, or nothing for an empty field.
function makeTest(input, data) {
  const text = input.value.trim();
  input.classList.remove("wrong");
  if (!text) return null;
  if (input.id === "cone") return makeConeTest(input, text, data);
  const values = data[input.dataset.column];
  if (input.dataset.bound === "text") return (row) => values[row].includes(text);
  const limit = Number(text);
  if (Number.isNaN(limit)) return refuse(input);
  return input.dataset.bound === "min" ? (row) => values[row] >= limit : (row) => values[row] <= limit;
}

function makeConeTest(input, text, data) {
  const [ra, dec, radius, ...rest] = text.split(/[\s,]+/).map(Number);
  if (![ra, dec, radius].every(Number.isFinite) || rest.length) return refuse(input);
  const radian = Math.PI/180;
  const haversine = (angle) => Math.sin(angle*radian/2)**2;
  const limit = haversine(radius/3600);
  return (row) => haversine(data.dec[row] - dec)
    + Math.cos(dec*radian)*Math.cos(data.dec[row]*radian)*haversine(data.ra[row] - ra) <= limit;
}

function refuse(input) {
  input.classList.add("wrong");
  return null;
}
