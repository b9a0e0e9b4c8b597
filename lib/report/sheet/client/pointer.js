import { svg } from "./dom.js";
import { rounded } from "./frame.js";

/** Fewer pixels than this are a click, not a stretch. */
const CLICK = 5;

/** Mouse, touch and keys of a chart: point, choose a stretch, zoom, open a day. */
export function listen(chart) {
  const { plot, view } = chart;
  let start;
  const place = (event) => {
    const box = plot.getBoundingClientRect();
    return (event.clientX - box.left) * chart.frame.width / box.width;
  };
  plot.addEventListener("pointermove", (event) => {
    const x = place(event);
    // Let go of outside the chart.
    if (event.pointerType === "mouse" && event.buttons === 0) start = undefined;
    view.pointAt(chart.frame.time(x));
    if (start?.dragging ?? false) showStretch(chart, start.x, x);
    else if (start && event.pointerType === "mouse" && Math.abs(x - start.x) > CLICK) {
      start.dragging = true;
      plot.setPointerCapture(event.pointerId);
    }
  });
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = { x: place(event), dragging: false };
  });
  plot.addEventListener("pointerup", (event) => {
    if (!start) return;
    const { x, dragging } = start;
    start = undefined;
    chart.choose.replaceChildren();
    const end = place(event);
    if (dragging) {
      const [from, to] = [x, end].sort((a, b) => a - b).map(chart.frame.time);
      if (to > from) view.show(from, to);
    } else if (Math.abs(end - x) <= CLICK) {
      view.pointAt(chart.frame.time(end));
      openDay(chart);
    }
  });
  plot.addEventListener("pointercancel", () => {
    start = undefined;
    chart.choose.replaceChildren();
  });
  plot.addEventListener("pointerleave", (event) => {
    if (!start && event.pointerType === "mouse" && !isPanelOpen()) view.point(-1);
  });
  plot.addEventListener("dblclick", () => {
    chart.spec.close?.();
    view.reset();
  });
  plot.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    view.zoom(event.deltaY > 0 ? 1.25 : 0.8, chart.frame.time(place(event)));
  }, { passive: false });
  plot.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action(chart, event.shiftKey ? 7 : 1);
  });
}

/** The day that the panel tells of stays marked. */
function isPanelOpen() {
  return document.getElementById("panel")?.hidden === false;
}

function showStretch({ frame, choose }, from, to) {
  const [left, right] = [from, to].sort((a, b) => a - b)
    .map((x) => Math.min(frame.right, Math.max(frame.left, x)));
  choose.replaceChildren(svg("rect", {
    class: "chosen",
    x: rounded(left),
    y: frame.top,
    width: rounded(right - left),
    height: frame.bottom - frame.top,
  }));
}

function openDay({ view, spec }) {
  if (view.cursor >= 0) spec.open?.(view.cursor);
}

/** The cursor, or the last day in view where there is none yet. */
function step({ view }, days) {
  const at = view.cursor < 0 ? lastInView(view) : view.cursor + days;
  view.point(Math.max(0, at));
}

function lastInView({ clock, to }) {
  return clock.findLastIndex((time) => time <= to);
}

const MONTH = 30;
const KEYS = {
  ArrowLeft: (chart, days) => step(chart, -days),
  ArrowRight: (chart, days) => step(chart, days),
  PageUp: (chart) => step(chart, -MONTH),
  PageDown: (chart) => step(chart, MONTH),
  Home: ({ view }) => view.pointAt(view.from),
  End: ({ view }) => view.pointAt(view.to),
  "+": ({ view }) => view.zoom(0.7),
  "=": ({ view }) => view.zoom(0.7),
  "-": ({ view }) => view.zoom(1.4),
  0: ({ view }) => view.reset(),
  Escape: ({ view }) => view.isWhole() ? view.point(-1) : view.reset(),
  Enter: openDay,
  " ": openDay,
};
