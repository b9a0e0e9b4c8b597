import { svg } from "./dom.js";
import { rounded } from "./frame.js";
import { rowsIn, thinnedRows } from "./thin.js";

/** The drawing of one series: a line, with its area down to zero where wanted. Gaps stay gaps. */
export function lineMark(frame, series) {
  const { times, values, color } = series;
  const rows = thinnedRows(times, values, frame);
  const pieces = unbroken(rows, values);
  const point = (row) => `${rounded(frame.x(times[row]))} ${rounded(frame.y(values[row]))}`;
  const line = pieces.map((piece) => `M${piece.map(point).join("L")}`).join("");
  const floor = rounded(frame.y(Math.max(frame.low, Math.min(0, frame.high))));
  const area = pieces.map((piece) =>
    `M${rounded(frame.x(times[piece[0]]))} ${floor}L${piece.map(point).join("L")}L${
      rounded(frame.x(times[piece.at(-1)]))
    } ${floor}Z`
  ).join("");
  return [
    series.kind === "area" &&
    svg("path", { class: "area", d: area, fill: color, "fill-opacity": 0.18 }),
    svg("path", {
      class: "line",
      d: line,
      stroke: color,
      "stroke-width": series.width ?? 1.5,
      "stroke-dasharray": series.dash,
      "stroke-opacity": series.opacity,
    }),
  ];
}

function unbroken(rows, values) {
  const pieces = [];
  let open = false;
  for (const row of rows) {
    if (!Number.isFinite(values[row])) open = false;
    else if (open) pieces.at(-1).push(row);
    else {
      pieces.push([row]);
      open = true;
    }
  }
  return pieces;
}

/** Layers on top of each other, those below zero hanging from it. */
export function stackMarks(frame, layers) {
  const { times } = layers[0];
  const { first, last } = rowsIn(times, frame.from, frame.to);
  const count = Math.max(0, last - first + 1);
  const above = new Float64Array(count);
  const below = new Float64Array(count);
  return layers.map(({ values, color }) => {
    const points = Array.from({ length: count }, (_, place) => {
      const value = Number.isFinite(values[first + place]) ? values[first + place] : 0;
      const side = value < 0 ? below : above;
      const from = side[place];
      side[place] += value;
      const x = rounded(frame.x(times[first + place]));
      return [x, rounded(frame.y(from)), rounded(frame.y(side[place]))];
    });
    const outer = points.map(([x, , y]) => `${x} ${y}`);
    const inner = points.map(([x, y]) => `${x} ${y}`).reverse();
    return svg("path", {
      class: "area",
      d: count > 0 ? `M${outer.join("L")}L${inner.join("L")}Z` : "",
      fill: color,
      "fill-opacity": 0.82,
    });
  });
}

/** Bars over stretches of time. */
export function barMarks(frame, { spans, values, color }) {
  const zero = frame.y(0);
  return spans.flatMap(([from, to], place) => {
    if (to <= frame.from || from >= frame.to || !Number.isFinite(values[place])) return [];
    const left = Math.max(frame.left, frame.x(from) + 0.5);
    const right = Math.min(frame.right, frame.x(to) - 0.5);
    const y = frame.y(values[place]);
    return [svg("rect", {
      x: rounded(left),
      y: rounded(Math.min(y, zero)),
      width: rounded(Math.max(0.5, right - left)),
      height: rounded(Math.abs(zero - y)),
      fill: color,
      "fill-opacity": 0.75,
    })];
  });
}

/** Tinted stretches behind a chart. */
export function bandMarks(frame, bands) {
  return bands.flatMap(({ from, to, tone }) => {
    if (tone === "" || to <= frame.from || from >= frame.to) return [];
    const left = Math.max(frame.left, frame.x(from));
    return [svg("rect", {
      class: tone,
      x: rounded(left),
      y: frame.top,
      width: rounded(Math.min(frame.right, frame.x(to)) - left),
      height: frame.bottom - frame.top,
    })];
  });
}

/** Lowest and highest value of the series in view; stacks count by their sums. */
export function extent(series, { from, to }) {
  let low = Infinity;
  let high = -Infinity;
  const take = (value) => {
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const stacked = series.filter(({ kind }) => kind === "stack");
  for (const { times, values, kind, spans } of series) {
    if (kind === "stack") continue;
    if (spans) {
      spans.forEach(([start, end], place) => end > from && start < to && take(values[place]));
      continue;
    }
    const { first, last } = rowsIn(times, from, to);
    for (let row = first; row <= last; row++) take(values[row]);
  }
  if (stacked.length > 0) {
    const { first, last } = rowsIn(stacked[0].times, from, to);
    for (let row = first; row <= last; row++) {
      const values = stacked.map((layer) => layer.values[row]);
      take(values.reduce((sum, value) => value > 0 ? sum + value : sum, 0));
      take(values.reduce((sum, value) => value < 0 ? sum + value : sum, 0));
    }
  }
  return { low, high };
}
