// Part of dia_repro. License: GPL-3.0-or-later.
// The first page: its figures.
"use strict";

diaReport.run(async () => {
  for (const [target, item] of Object.entries(await diaReport.load("run"))) await diaReport.embed(item, target);
});
