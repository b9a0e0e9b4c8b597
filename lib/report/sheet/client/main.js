import { compareCharts, compareClock } from "./compare_charts.js";
import { dayPanel } from "./day_panel.js";
import { el, jsonIn, measureFigures } from "./dom.js";
import { runCharts } from "./run_charts.js";
import { openRun } from "./run_data.js";
import { sortable } from "./sort_table.js";
import { toolbar } from "./toolbar.js";
import { tradesTable } from "./trades_table.js";
import { openView } from "./view.js";

const HELP =
  "Arrow keys move the day, with Shift a week, Page keys a month; Enter opens the day; " +
  "plus and minus zoom, Escape shows all. With a mouse, drag to zoom and click to open.";

/** Width of the paper a page is printed on, in pixels, so that words keep their size. */
const PAPER = 720;

function start() {
  document.body.append(el("p", { id: "keys", class: "unseen" }, HELP));
  measureFigures();
  const data = jsonIn("assay-data");
  const waiting = data.runs ? comparison(data) : tearSheet(data);
  const charts = [];
  const drawNext = () => charts.push(waiting.shift()());
  // The first chart is there at once. The others follow one by one, so that the page answers in between.
  drawNext();
  document.documentElement.dataset.first = "drawn";
  const follow = () => {
    if (waiting.length > 0) drawNext();
    if (waiting.length > 0) setTimeout(follow, 10);
    else document.documentElement.dataset.ready = "all";
  };
  setTimeout(follow, 10);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    measureFigures();
    charts.forEach((chart) => chart.draw());
  });
  addEventListener("beforeprint", () => {
    while (waiting.length > 0) drawNext();
    charts.forEach((chart) => chart.draw(chart.plot?.closest(".pair") ? PAPER / 2 - 20 : PAPER));
  });
  addEventListener("afterprint", () => charts.forEach((chart) => chart.draw()));
}

function tearSheet(data) {
  const run = openRun(data, jsonIn("assay-card"), jsonIn("assay-proofs"));
  const view = openView(run.days("time"));
  toolbar(view);
  const panel = dayPanel(document.getElementById("panel"), run, view);
  const charts = runCharts(run, view, panel);
  return [...charts, () => {
    tradesTable(document.getElementById("trades-host"), run, panel.openFill);
    return { draw() {} };
  }];
}

function comparison(data) {
  const view = openView(compareClock(data));
  toolbar(view);
  document.querySelectorAll("table.sortable").forEach(sortable);
  return compareCharts(data, view);
}

start();
