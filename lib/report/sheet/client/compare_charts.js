import { openTable } from "./columns.js";
import { drawdownsOf } from "./curves.js";
import { numberText, percentText, shortPercent, trimmed } from "./text.js";
import { timeChart } from "./time_chart.js";

/** So many runs can be told apart by colour; more are thin grey lines but the first. */
const COLORS = 8;

/** NAV and drawdown of several runs on one clock. */
export function compareCharts(data, view) {
  const table = openTable(data.table);
  const crowd = data.runs.length > COLORS;
  const series = (values) =>
    data.runs.map((name, place) => ({
      name,
      kind: "line",
      times: view.clock,
      values: values[place],
      color: crowd && place > 0 ? "var(--c7)" : `var(--c${place % COLORS + 1})`,
      width: crowd ? (place > 0 ? 0.7 : 2) : 1.5,
      opacity: crowd && place > 0 ? 0.55 : undefined,
    }));
  const navs = data.runs.map((_, place) => table(`nav ${place}`));
  const figure = (name) => document.getElementById(`chart-${name}`);
  return [
    () =>
      timeChart(figure("growth"), {
        height: 320,
        crowd,
        format: (value) => numberText(value, 1),
        axis: trimmed,
        series: series(navs),
      }, view),
    () =>
      timeChart(figure("falls"), {
        height: 200,
        zero: true,
        crowd,
        format: (value) => percentText(value),
        axis: shortPercent,
        series: series(navs.map(drawdownsOf)),
      }, view),
  ];
}

/** The clock of a comparison. */
export function compareClock(data) {
  return openTable(data.table)("time");
}
