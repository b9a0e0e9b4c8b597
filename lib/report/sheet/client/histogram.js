import { binsOf, tailOf } from "./curves.js";
import { dataDetails, el, svg, table, widthOf } from "./dom.js";
import { openFrame, rounded } from "./frame.js";
import { percentText, shortPercent } from "./text.js";
import { valueTicks } from "./ticks.js";

const BINS = 61;

/** How often each daily return came, with VaR and CVaR marked. */
export function histogram(figure, returns) {
  const { from, width: step, counts } = binsOf(returns, BINS);
  const { quantile, mean } = tailOf(returns, 0.05);
  const most = counts.reduce((high, count) => Math.max(high, count), 1);
  const legend = el("div", { class: "legend" });
  const plot = el("div", {
    class: "plot still",
    role: "img",
    "aria-label": `Daily returns from ${percentText(from)} to ${
      percentText(from + step * counts.length)
    }; VaR 95% ${percentText(quantile)}, CVaR ${percentText(mean)}`,
  });
  figure.append(
    legend,
    plot,
    dataDetails("Daily returns", () => countsTable(from, step, counts)),
  );
  const rest = `${returns.length} days`;
  const say = (text) => legend.replaceChildren(el("span", {}, text));
  say(rest);

  function draw(width = widthOf(figure)) {
    const frame = openFrame({
      ...{ width, height: 220, low: 0, high: most * 1.08 },
      ...{ from, to: from + step * counts.length || 1 },
    });
    const baseline = svg("line", {
      class: "zero",
      x1: frame.left,
      x2: frame.right,
      y1: frame.bottom,
      y2: frame.bottom,
    });
    plot.replaceChildren(svg(
      "svg",
      { viewBox: `0 0 ${width} ${frame.height}`, "aria-hidden": "true" },
      valueTicks(0, most, 4).map((count) =>
        svg(
          "text",
          { x: frame.left - 8, y: rounded(frame.y(count)) + 4, "text-anchor": "end" },
          String(count),
        )
      ),
      counts.map((count, place) =>
        bar(frame, count, from + place * step, from + (place + 1) * step, quantile)
      ),
      baseline,
      valueTicks(frame.from, frame.to, Math.floor((frame.right - frame.left) / 70)).map((value) =>
        svg(
          "text",
          { x: rounded(frame.x(value)), y: frame.bottom + 17, "text-anchor": "middle" },
          shortPercent(value),
        )
      ),
      [["VaR", quantile, 0], ["CVaR", mean, 15]].map(([name, value, down]) =>
        ruler(frame, name, value, down)
      ),
    ));
    plot.onpointermove = (event) => {
      const box = plot.getBoundingClientRect();
      const value = frame.time((event.clientX - box.left) * width / box.width);
      const place = Math.min(counts.length - 1, Math.floor((value - from) / step));
      const [low, high] = [from + place * step, from + (place + 1) * step];
      if (place >= 0) say(`${percentText(low)} to ${percentText(high)}: ${counts[place]} days`);
    };
    plot.onpointerleave = () => say(rest);
  }
  draw();
  return { draw, plot };
}

function bar(frame, count, low, high, quantile) {
  const [left, right] = [frame.x(low), frame.x(high)];
  return svg("rect", {
    x: rounded(left + 0.5),
    width: rounded(Math.max(0.5, right - left - 1)),
    y: rounded(frame.y(count)),
    height: rounded(frame.bottom - frame.y(count)),
    fill: high <= quantile ? "var(--c2)" : "var(--c1)",
    "fill-opacity": 0.75,
  });
}

function ruler(frame, name, value, down) {
  if (!Number.isFinite(value)) return [];
  const x = rounded(frame.x(value));
  return [
    svg("line", {
      class: "zero",
      x1: x,
      x2: x,
      y1: frame.top + down,
      y2: frame.bottom,
      "stroke-dasharray": "3 3",
    }),
    svg(
      "text",
      { x: x - 5, y: frame.top + 10 + down, "text-anchor": "end" },
      `${name} ${percentText(value)}`,
    ),
  ];
}

function countsTable(from, step, counts) {
  const rows = counts.map((count, place) => [
    percentText(from + place * step),
    percentText(from + (place + 1) * step),
    String(count),
  ]);
  return table(["From", "To", "Days"], rows);
}
