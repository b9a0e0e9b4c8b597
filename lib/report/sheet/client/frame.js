import { svg } from "./dom.js";
import { logTicks, timeTicks, valueTicks } from "./ticks.js";

const GUTTER = { left: 52, right: 10, top: 8, bottom: 22 };

/** The place of a chart's values on paper. */
export function openFrame({ width, height, from, to, low, high, log = false }) {
  const inner = {
    left: GUTTER.left,
    right: width - GUTTER.right,
    top: GUTTER.top,
    bottom: height - GUTTER.bottom,
  };
  const scaled = log ? Math.log : (value) => value;
  const [bottom, top] = [scaled(low), scaled(high)];
  const perValue = (inner.bottom - inner.top) / (top - bottom || 1);
  const perTime = (inner.right - inner.left) / (to - from || 1);
  return {
    ...inner,
    width,
    height,
    x: (time) => inner.left + (time - from) * perTime,
    y: (value) => inner.bottom - (scaled(value) - bottom) * perValue,
    time: (x) => from + (Math.min(inner.right, Math.max(inner.left, x)) - inner.left) / perTime,
    columns: Math.max(50, Math.round(inner.right - inner.left)),
    from,
    to,
    low,
    high,
    log,
  };
}

/** Grid lines with the words for them. */
export function axes(frame, format) {
  const { left, right, bottom, top } = frame;
  const ticksOf = frame.log ? logTicks : valueTicks;
  const values = ticksOf(frame.low, frame.high, Math.max(2, Math.floor((bottom - top) / 42)));
  const times = timeTicks(frame.from, frame.to, Math.max(2, Math.floor((right - left) / 92)));
  return svg(
    "g",
    { "aria-hidden": "true" },
    values.map((value) => [
      svg("line", {
        class: value === 0 ? "zero" : "grid",
        x1: left,
        x2: right,
        y1: rounded(frame.y(value)),
        y2: rounded(frame.y(value)),
      }),
      svg(
        "text",
        { x: left - 8, y: rounded(frame.y(value)) + 4, "text-anchor": "end" },
        format(value),
      ),
    ]),
    timeLabels(frame, times),
  );
}

/** Dates below a chart. */
export function timeLabels(frame, times) {
  return times.map(({ time, label }) => {
    const x = frame.x(time);
    const anchor = x < frame.left + 24 ? "start" : x > frame.right - 24 ? "end" : "middle";
    return svg("text", { x: rounded(x), y: frame.bottom + 17, "text-anchor": anchor }, label);
  });
}

/** Half pixels are enough for the eye. */
export function rounded(value) {
  return Math.round(value * 10) / 10;
}
