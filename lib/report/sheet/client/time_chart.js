import { dayText, monthStart } from "./dates.js";
import { dataDetails, el, svg, table, widthOf } from "./dom.js";
import { axes, openFrame, rounded } from "./frame.js";
import { bandMarks, barMarks, extent, lineMark, stackMarks } from "./marks.js";
import { countUpTo } from "./thin.js";
import { listen } from "./pointer.js";

let charts = 0;

/**
 * A chart over time in a figure of the page. Each series has `name`, `times`, `values`, `color` and a `kind`: line, area,
 * stack, or bars over `spans`. All charts of a view move together; `open` is called with the day that was chosen.
 */
export function timeChart(figure, spec, view) {
  const clip = `clip-${++charts}`;
  const hidden = new Set();
  const legend = el("div", { class: "legend" });
  const plot = el("div", {
    class: "plot",
    tabindex: "0",
    role: "slider",
    "aria-label": `${figure.dataset.title}, by day`,
    "aria-describedby": "keys",
    "aria-valuemin": "0",
    "aria-valuemax": view.clock.length - 1,
  });
  const data = dataDetails(figure.dataset.title, () => monthlyTable(spec, view));
  figure.append(legend, plot, data);
  const chart = { plot, view, spec, frame: undefined, cursor: undefined, draw, choose: undefined };
  listen(chart);
  let items = [];

  function shown() {
    return spec.series.filter(({ name }) => !hidden.has(name));
  }

  function draw(width = widthOf(figure)) {
    const { low, high } = bounds(spec, shown(), view);
    const frame = openFrame({
      width,
      height: spec.height ?? 220,
      from: view.from,
      to: view.to,
      low,
      high,
      log: spec.log?.() && low > 0,
    });
    chart.frame = frame;
    chart.cursor = svg("g");
    chart.choose = svg("g");
    plot.replaceChildren(svg(
      "svg",
      { viewBox: `0 0 ${frame.width} ${frame.height}`, "aria-hidden": "true" },
      svg("clipPath", { id: clip }, svg("rect", areaOf(frame))),
      bandMarks(frame, spec.bands?.() ?? []),
      axes(frame, spec.axis ?? spec.format),
      svg("g", { "clip-path": `url(#${clip})` }, seriesMarks(frame, shown())),
      chart.choose,
      chart.cursor,
    ));
    items = legendItems();
    point();
  }

  function legendItems() {
    const made = named(spec).map((series) => {
      const value = el("span");
      const mark = el("i", { class: series.kind === "line" ? "" : "block" });
      mark.style.background = series.color;
      const switchable = named(spec).length > 1;
      const item = el(
        switchable ? "button" : "span",
        switchable
          ? {
            type: "button",
            "aria-pressed": String(!hidden.has(series.name)),
            onclick: () => toggle(series.name),
          }
          : {},
        mark,
        `${series.name} `,
        value,
      );
      return { series, value, item };
    });
    const at = el("span", { class: "at" });
    const extra = spec.bands || spec.crowd ? [el("span", { class: "band" })] : [];
    legend.replaceChildren(...made.map(({ item }) => item), ...extra, at);
    return { made, at, band: extra[0] };
  }

  function toggle(name) {
    if (!hidden.delete(name) && hidden.size < spec.series.length - 1) hidden.add(name);
    draw();
    const place = spec.series.findIndex((series) => series.name === name);
    items.made[place].item.focus();
  }

  function point() {
    const { frame } = chart;
    if (!frame) return;
    const day = view.cursor;
    const time = day < 0 ? view.to : view.clock[day];
    const values = spec.series.map((series) => [series, valueAt(series, time)]);
    for (const [place, { value }] of items.made.entries()) {
      value.textContent = spec.format(values[place][1]);
    }
    items.at.textContent = dayText(time);
    if (items.band) {
      items.band.textContent = spec.crowd ? extremesText(values, spec) : spec.bandLabel(time);
    }
    const x = rounded(frame.x(time));
    const dots = values.slice(0, named(spec).length).filter(([{ kind, name }, value]) =>
      (kind === "line" || kind === "area") && !hidden.has(name) && Number.isFinite(value)
    );
    chart.cursor.replaceChildren(
      ...(day < 0 ? [] : [
        svg("line", { class: "cursor", x1: x, x2: x, y1: frame.top, y2: frame.bottom }),
        ...dots.map(([{ color }, value]) =>
          svg("circle", { class: "dot", cx: x, cy: rounded(frame.y(value)), r: 3.5, fill: color })
        ),
      ]),
    );
    plot.setAttribute("aria-valuenow", String(day < 0 ? view.clock.length - 1 : day));
    const words = values.slice(0, named(spec).length).filter(([{ name }]) => !hidden.has(name))
      .map(([{ name }, value]) => `${name} ${spec.format(value)}`);
    plot.setAttribute("aria-valuetext", `${dayText(time)}: ${words.join(", ")}`);
  }

  view.onChange((what) => what === "cursor" ? point() : draw());
  draw();
  return chart;
}

/** Of a crowd only the first is called by its name. */
function named({ series, crowd }) {
  return crowd ? series.slice(0, 1) : series;
}

/** Who is highest and who is lowest. */
function extremesText(values, { format }) {
  const known = values.filter(([, value]) => Number.isFinite(value))
    .sort(([, a], [, b]) => b - a);
  if (known.length === 0) return "";
  const words = ([{ name }, value]) => `${name} ${format(value)}`;
  return `highest ${words(known[0])}, lowest ${words(known.at(-1))}`;
}

function seriesMarks(frame, series) {
  const stacked = series.filter(({ kind }) => kind === "stack");
  return [
    stacked.length > 0 ? stackMarks(frame, stacked) : [],
    series.filter(({ kind }) => kind === "bars").map((bars) => barMarks(frame, bars)),
    // The first is the one it is about, and lies on top.
    series.filter(({ kind }) => kind === "line" || kind === "area").reverse()
      .map((line) => lineMark(frame, line)),
  ];
}

function areaOf({ left, right, top, bottom }) {
  return { x: left, y: top - 4, width: right - left, height: bottom - top + 8 };
}

function bounds(spec, series, view) {
  let { low, high } = extent(series, view);
  if (!(low <= high)) [low, high] = [0, 1];
  if (spec.zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  return {
    low: low === 0 && spec.zero ? 0 : spec.log?.() && low > 0 ? low / 1.03 : low - room,
    high: high === 0 && spec.zero ? 0 : high + room,
  };
}

/** The value in force at a time; bars stand for a whole stretch. */
export function valueAt({ times, values, spans }, time) {
  if (spans) {
    const place = spans.findIndex(([from, to]) => from < time && time <= to);
    return place < 0 ? NaN : values[place];
  }
  const row = countUpTo(times, time) - 1;
  return row < 0 ? NaN : values[row];
}

/** The numbers of a chart as each month ended. */
function monthlyTable({ series, format }, view) {
  const rows = monthEnds(view.clock).map((time) => [
    dayText(time),
    ...series.map((one) => format(valueAt(one, time))),
  ]);
  return table(["As each month ended", ...series.map(({ name }) => name)], rows);
}

/** The last mark of each month of a clock. */
export function monthEnds(clock) {
  const ends = [];
  for (let place = 1; place < clock.length; place++) {
    const next = clock[place + 1];
    if (next === undefined || monthStart(next - 1) !== monthStart(clock[place] - 1)) {
      ends.push(clock[place]);
    }
  }
  return ends;
}
