import { monthStart } from "./dates.js";
import { drawdownsOf, growthOf, returnsOf, rollingRisk, sumsBy } from "./curves.js";
import { el } from "./dom.js";
import { histogram } from "./histogram.js";
import { lanesOf, regimeLanes } from "./lanes.js";
import { numberText, percentText, shortName, shortPercent, shortText, trimmed } from "./text.js";
import { countUpTo } from "./thin.js";
import { timeChart } from "./time_chart.js";

/** The colour of the thing in this place; there are eight. */
export function colorOf(place) {
  return `var(--c${place % 8 + 1})`;
}

const percent = (value) => percentText(value);
const money = (value) => numberText(value, 0);

/** Every chart of a run's page, the first ones first, each drawn when it is called; `panel` shows a day. */
export function runCharts(run, view, panel) {
  const figure = (name) => document.getElementById(`chart-${name}`);
  const shared = { open: panel.openDay, close: panel.close };
  const chart = (name, specOf) => () =>
    timeChart(figure(name), { ...specOf(run, figure(name)), ...shared }, view);
  return [
    () => navChart(figure("nav"), run, view, shared),
    () => regimeLanes(figure("lanes"), run, view, shared),
    chart("drawdown", drawdownSpec),
    chart("rolling", rollingSpec),
    chart("volatility", volatilitySpec),
    () => histogram(figure("returns"), returnsOf(run.dayNav)),
    chart("turnover", turnoverSpec),
    chart("pnl", pnlSpec),
    chart("exposure", exposureSpec),
    chart("models", modelsSpec),
  ];
}

/** A line with a point a day. */
function dailyLine(run, name, values, place) {
  return { name, kind: "line", times: run.days("time"), values, color: colorOf(place) };
}

/** A line for each model over one of the days' columns. */
function modelLines(run, column) {
  return run.models.map((model, place) =>
    dailyLine(run, shortName(model), run.days(`${column} ${place}`), place + 1)
  );
}

function drawdownSpec(run) {
  return {
    height: 150,
    zero: true,
    format: percent,
    axis: shortPercent,
    series: [{
      name: "Below the peak",
      kind: "area",
      times: run.marks("time"),
      values: drawdownsOf(run.marks("nav")),
      color: colorOf(1),
    }],
  };
}

/** Half a year on the clock of the run's own statistics, and its name in the caption. */
function halfYear(run, figure) {
  const window = run.perYear === 252 ? 126 : 182;
  const unit = run.perYear === 252 ? "sessions" : "days";
  figure.querySelector("small").textContent += ` over ${window} ${unit}`;
  return rollingRisk(run.dayNav, window, run.perYear);
}

function rollingSpec(run, figure) {
  const { sharpe, sortino } = halfYear(run, figure);
  return {
    height: 200,
    zero: true,
    format: (value) => numberText(value),
    axis: trimmed,
    series: [
      dailyLine(run, "Sharpe", sharpe, 0),
      { ...dailyLine(run, "Sortino", sortino, 4), width: 1.2 },
    ],
  };
}

function volatilitySpec(run, figure) {
  const { volatility } = halfYear(run, figure);
  return {
    height: 200,
    zero: true,
    format: percent,
    axis: shortPercent,
    series: [dailyLine(run, "Volatility", volatility, 0)],
  };
}

function modelsSpec(run) {
  return {
    height: 220,
    format: (value) => numberText(value, 1),
    axis: trimmed,
    log: () => true,
    series: modelLines(run, "nav").map((line) => ({ ...line, values: growthOf(line.values, 100) })),
  };
}

/** NAV above its benchmarks, tinted by one of the regimes, on a plain or logarithmic scale. */
function navChart(figure, run, view, panel) {
  let log = false;
  let dimension = run.regimes ? "equity" : "";
  const lanes = lanesOf(run);
  const spec = {
    height: 300,
    ...panel,
    format: money,
    axis: shortText,
    log: () => log,
    series: [
      {
        name: "Portfolio",
        kind: "line",
        times: run.marks("time"),
        values: run.marks("nav"),
        color: colorOf(0),
        width: 2,
      },
      ...run.benchmarks.map(({ title }, place) => ({
        name: title,
        kind: "line",
        times: run.days("time"),
        values: run.days(`benchmark ${place}`),
        color: colorOf(place + 1),
        width: 1.1,
        opacity: 0.9,
      })),
    ],
    ...(run.regimes
      ? {
        bands: () => lanes[dimension] ?? [],
        bandLabel: (time) =>
          lanes[dimension]?.find(({ from, to }) => from < time && time <= to)?.label ?? "",
      }
      : {}),
  };
  const scale = el("button", {
    type: "button",
    "aria-pressed": "false",
    onclick: () => {
      log = !log;
      scale.setAttribute("aria-pressed", String(log));
      chart.draw();
    },
  }, "Log scale");
  const tint = el(
    "select",
    {
      "aria-label": "Regime behind the curve",
      onchange: () => {
        dimension = tint.value;
        chart.draw();
      },
    },
    Object.keys(lanes).map((name) => el("option", { value: name }, `Tint: ${name}`)),
    el("option", { value: "" }, "No tint"),
  );
  figure.querySelector("figcaption").append(
    el("span", { class: "choices" }, run.regimes ? tint : undefined, scale),
  );
  const chart = timeChart(figure, spec, view);
  return chart;
}

/** Months as [start, end], and by fill the place of its month. */
function monthsOf(run) {
  const days = run.days("time");
  const spans = [];
  for (let from = monthStart(days[0]); from < days.at(-1); from = monthStart(from, 1)) {
    spans.push([Math.max(from, days[0]), Math.min(monthStart(from, 1), days.at(-1))]);
  }
  return spans;
}

function turnoverSpec(run) {
  const spans = monthsOf(run);
  const ends = spans.map(([, to]) => to);
  const prices = run.fills("price");
  const notionals = run.orderOfFill.map((row, fill) =>
    Math.abs(run.orders("quantity")[row]) * prices[fill]
  );
  const months = run.orderOfFill.map((row) =>
    Math.min(spans.length - 1, countUpTo(ends, run.orders("time")[row]))
  );
  const sums = sumsBy(months, notionals, spans.length);
  const days = run.days("time");
  const values = sums.map((sum, place) => {
    const nav = run.dayNav.filter((_, day) =>
      days[day] > spans[place][0] && days[day] <= ends[place]
    );
    return sum / 2 / (nav.reduce((total, value) => total + value, 0) / nav.length);
  });
  return {
    height: 220,
    zero: true,
    format: percent,
    axis: shortPercent,
    series: [{ name: "Turnover", kind: "bars", spans, values, color: colorOf(0) }],
  };
}

/** Cumulative P&L of each model and of idle cash, and the change of NAV that they make. */
function pnlSpec(run) {
  const models = modelLines(run, "pnl");
  const change = run.dayNav.map((nav) => nav - run.dayNav[0]);
  const rest = change.map((sum, day) =>
    models.reduce((left, { values }) => left - values[day], sum)
  );
  const idle = rest.some((value) => Math.abs(value) > 1e-6 * run.dayNav[0])
    ? [{
      name: "Interest on cash",
      kind: "stack",
      times: run.days("time"),
      values: rest,
      color: colorOf(6),
    }]
    : [];
  return {
    height: 260,
    zero: true,
    format: money,
    axis: shortText,
    series: [
      {
        name: "Change of NAV",
        kind: "line",
        times: run.days("time"),
        values: change,
        color: "var(--ink)",
        width: 1.2,
      },
      ...models.map((series) => ({ ...series, kind: "stack" })),
      ...idle,
    ],
  };
}

function exposureSpec(run) {
  const times = run.days("time");
  const { holdings } = run;
  const weights = run.symbols.map(() => new Float64Array(times.length));
  const symbols = holdings("symbol");
  const [days, units, prices] = [holdings("day"), holdings("quantity"), holdings("price")];
  for (let row = 0; row < symbols.length; row++) {
    if (units[row] === 0) continue;
    const column = weights[run.symbols.indexOf(symbols[row])];
    column[days[row]] = units[row] * prices[row] / run.dayNav[days[row]];
  }
  return {
    height: 220,
    zero: true,
    format: percent,
    axis: shortPercent,
    series: run.symbols.map((symbol, place) => ({
      name: symbol,
      kind: "stack",
      times,
      values: weights[place],
      color: colorOf(place),
    })),
  };
}
