import { dayText } from "./dates.js";
import { dataDetails, el, svg, table, widthOf } from "./dom.js";
import { openFrame, rounded, timeLabels } from "./frame.js";
import { listen } from "./pointer.js";
import { timeTicks } from "./ticks.js";

export const DIMENSIONS = ["equity", "volatility", "crypto", "macro"];

/** Which labels are friendly and which are not; the rest is neither. */
const TONES = {
  ...{ BULL: "fair", LOW: "fair", RISK_ON: "fair", EXPANSION: "fair" },
  ...{ BEAR: "foul", HIGH: "foul", RISK_OFF: "foul", RECESSION: "foul" },
};

/** By dimension, the stretches of its labels. */
export function lanesOf(run) {
  if (!run.regimes) return {};
  const end = run.marks("time").at(-1);
  const times = run.regimes("time");
  return Object.fromEntries(DIMENSIONS.map((dimension) => {
    const labels = run.regimes(dimension);
    const lane = [];
    for (let row = 0; row < times.length; row++) {
      const last = lane.at(-1);
      if (last?.label === labels[row]) continue;
      if (last) last.to = times[row];
      lane.push({ from: times[row], to: end, label: labels[row], tone: TONES[labels[row]] ?? "" });
    }
    return [dimension, lane];
  }));
}

const LANE = 17;
const GAP = 7;

/** The four regimes as lanes over time. */
export function regimeLanes(figure, run, view, panel) {
  if (!run.regimes) {
    figure.append(el("p", { class: "quiet" }, "This run was not told of any regime."));
    return { draw() {} };
  }
  const lanes = lanesOf(run);
  const legend = el("div", { class: "legend" });
  const plot = el("div", {
    class: "plot",
    tabindex: "0",
    role: "slider",
    "aria-label": "Regimes, by day",
    "aria-describedby": "keys",
    "aria-valuemin": "0",
    "aria-valuemax": view.clock.length - 1,
  });
  figure.append(legend, plot, dataDetails("Regimes", () => changesTable(lanes)));
  const chart = { plot, view, spec: panel, frame: undefined, choose: svg("g") };
  listen(chart);
  const labelAt = (dimension, time) =>
    lanes[dimension].find(({ from, to }) => from < time && time <= to)?.label ?? "";

  function draw(width = widthOf(figure)) {
    const height = DIMENSIONS.length * (LANE + GAP) + 30;
    const frame = openFrame({ width, height, from: view.from, to: view.to, low: 0, high: 1 });
    chart.frame = { ...frame, left: frame.left };
    chart.cursor = svg("g");
    plot.replaceChildren(svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      DIMENSIONS.map((dimension, place) => {
        const y = frame.top + place * (LANE + GAP);
        return [
          lanes[dimension].map((stretch) => laneMark(frame, stretch, y)),
          svg("text", { x: frame.left - 8, y: y + 13, "text-anchor": "end" }, SHORT[dimension]),
        ];
      }),
      timeLabels(frame, timeTicks(frame.from, frame.to, (frame.right - frame.left) / 92)),
      chart.choose,
      chart.cursor,
    ));
    point();
  }

  function point() {
    const time = view.cursor < 0 ? view.to : view.clock[view.cursor];
    const labels = DIMENSIONS.map((dimension) => [dimension, labelAt(dimension, time)]);
    legend.replaceChildren(
      ...labels.map(([dimension, label]) => el("span", {}, `${dimension}: ${label}`)),
      el("span", { class: "at" }, dayText(time)),
    );
    const x = rounded(chart.frame.x(time));
    chart.cursor.replaceChildren(
      ...(view.cursor < 0 ? [] : [
        svg("line", {
          class: "cursor",
          x1: x,
          x2: x,
          y1: chart.frame.top,
          y2: chart.frame.bottom,
        }),
      ]),
    );
    plot.setAttribute("aria-valuenow", String(Math.max(0, view.cursor)));
    const words = labels.map((pair) => pair.join(" ")).join(", ");
    plot.setAttribute("aria-valuetext", `${dayText(time)}: ${words}`);
  }

  view.onChange((what) => what === "cursor" ? point() : draw());
  draw();
  return { draw };
}

const SHORT = { equity: "Equity", volatility: "VIX", crypto: "Crypto", macro: "Macro" };

function laneMark(frame, { from, to, label, tone }, y) {
  if (to <= frame.from || from >= frame.to) return [];
  const left = Math.max(frame.left, frame.x(from));
  const width = Math.min(frame.right, frame.x(to)) - left;
  const room = label.length * 6.6 + 10 < width;
  return [
    svg("rect", {
      class: `lane ${tone}`,
      x: rounded(left),
      y,
      width: rounded(Math.max(0.4, width)),
      height: LANE,
    }),
    room && svg("text", { class: `inlane ${tone}`, x: rounded(left + 6), y: y + 12.5 }, label),
  ];
}

/** When each label was in force. */
function changesTable(lanes) {
  const rows = DIMENSIONS.flatMap((dimension) =>
    lanes[dimension].map((
      { from, to, label },
    ) => [dayText(from + 1), dayText(to), dimension, label])
  );
  return table(["From", "To", "Regime", "Label"], rows, [1, 2, 3]);
}
