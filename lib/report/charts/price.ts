import { type Bars, DAY_MS, lowerBound, type Millis, upperBound } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { RunTable } from "../../results/mod.ts";
import { formatMinute, formatNumber } from "../format.ts";
import { domainOf, drawOverTime } from "./axes.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { type Canvas, type Mark, openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import type { LegendItem } from "./legend.ts";
import { GAIN, INK, LOSS, MUTED, PANEL } from "./palette.ts";
import { assetsOf, captionOf, known, modelColor, modelsOf } from "./source.ts";
import { compact, counted } from "./text.ts";
import { pick, thin } from "./thin.ts";

/** Which part of an asset's history is shown. */
export interface PriceOptions extends ChartSize {
  /** UTC dates, both included; the whole run by default. */
  readonly start?: string;
  readonly end?: string;
  /**
   * Closes as the run saw them, adjusted, and when each was known. A run keeps closes only while it holds or wants the
   * asset: without these the line has gaps elsewhere.
   */
  readonly bars?: Pick<Bars, "availableAt" | "close">;
}

/** The close of one asset with the run's fills in their models' colours, and the stops and limits that models set. */
export async function price(
  run: ChartSource,
  symbol: string,
  options: PriceOptions = {},
): Promise<Chart> {
  const { width, height } = sizeOf(options, 340);
  const { card } = run;
  known(symbol, { what: "asset", among: assetsOf(card), card });
  const range = await rangeOf(run, options);
  const closes = within(
    range,
    options.bars ? ownBars(options.bars) : await heldCloses(run, symbol),
  );
  const fills = await fillsOf(run, symbol, range);
  const hints = await hintsOf(run, symbol, range);
  const canvas = await openCanvas();
  const domain = domainOf([
    closes.values,
    fills.map((fill) => fill.price),
    hints.map((hint) => hint.price),
  ]);
  const drawing = drawOverTime(canvas, {
    ...{ width, height, ...range, domain, format: compact },
    marks: [
      ...closeMarks(canvas, closes, width),
      ...hintMarks(canvas, hints, range),
      ...fillMarks(canvas, fills),
    ],
  });
  const buys = fills.filter(({ side }) => side === "buy").length;
  const counts = `${counted(buys, "buy")} and ${counted(fills.length - buys, "sell")}`;
  return framed({
    title: fills.length === 0 ? `${symbol} was not traded` : `${symbol}: ${counts}`,
    caption: captionOf(
      card,
      "adjusted prices",
      ...(options.bars ? [] : ["line only while held or wanted"]),
    ),
    alt: `Line of the adjusted close of ${symbol} with ${counts}` +
      `${hints.length > 0 ? `, stops and limits: ${hints.length}` : ""}.`,
    ...{ width, legend: legendOf(run, fills, hints) },
    rows: [[{ heading: `${symbol}, adjusted price in account currency`, drawing }]],
  });
}

interface Range {
  readonly start: Millis;
  readonly end: Millis;
}

async function rangeOf({ tables }: ChartSource, { start, end }: PriceOptions): Promise<Range> {
  const { time } = await tables.nav();
  const from = start === undefined ? time[0] ?? 0 : dateOf(start, "start");
  const to = end === undefined ? time.at(-1) ?? 0 : dateOf(end, "end") + DAY_MS;
  if (from > to) {
    throw new Refusal(`chart: found start ${start} after end ${end}, expected it before`);
  }
  return { start: from, end: to };
}

function dateOf(text: string, name: string): Millis {
  try {
    return parseDate(text);
  } catch (cause) {
    throw new Refusal(`chart: found ${name} "${text}", expected a date, 2022-06-01`, { cause });
  }
}

interface Closes {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

function ownBars({ availableAt, close }: NonNullable<PriceOptions["bars"]>): Closes {
  return { times: availableAt, values: close };
}

/** The closes of the table of weights at every mark, NaN where it has none. */
async function heldCloses({ tables }: ChartSource, symbol: string): Promise<Closes> {
  const [{ time: times }, weights] = await Promise.all([tables.nav(), tables.weights()]);
  const values = new Float64Array(times.length).fill(NaN);
  for (const [row, name] of weights.symbol.entries()) {
    if (name === symbol) values[lowerBound(times, weights.time[row]!)] = weights.price[row]!;
  }
  return { times, values };
}

function within({ start, end }: Range, { times, values }: Closes): Closes {
  const from = lowerBound(times, start);
  const to = upperBound(times, end);
  return { times: times.subarray(from, to), values: values.subarray(from, to) };
}

interface ShownFill {
  readonly time: Millis;
  readonly price: number;
  readonly side: string;
  readonly color: string;
  readonly model: string;
  readonly title: string;
}

async function fillsOf(
  { card, tables }: ChartSource,
  symbol: string,
  { start, end }: Range,
): Promise<readonly ShownFill[]> {
  const trades = await tables.trades();
  return [...trades.time.keys()]
    .filter((row) => trades.symbol[row] === symbol)
    .filter((row) => trades.time[row]! >= start && trades.time[row]! < end)
    .map((row) => {
      const model = largestShare(trades, row);
      return {
        time: trades.time[row]!,
        price: trades.price[row]!,
        side: trades.side[row]!,
        model,
        color: model === "" ? INK : modelColor(card, model),
        title: `${formatMinute(trades.time[row]!)} ${trades.kind[row]} ${trades.side[row]} ` +
          `${formatNumber(trades.quantity[row]!, 4)} at ${formatNumber(trades.price[row]!)}` +
          `${model === "" ? "" : `, ${model}`}`,
      };
    });
}

/** The model that most of a fill was for, the first of equals. */
function largestShare({ models }: RunTable<"trades">, row: number): string {
  const shares = JSON.parse(models[row] || "{}") as Readonly<Record<string, number>>;
  const names = Object.keys(shares); // order: as the run lists its models
  return names.reduce((best, name) => shares[name]! > (shares[best] ?? 0) ? name : best, "");
}

interface Hint {
  readonly kind: "stop" | "limit";
  readonly time: Millis;
  readonly price: number;
}

async function hintsOf(
  { tables }: ChartSource,
  asset: string,
  { start, end }: Range,
): Promise<readonly Hint[]> {
  const { time, symbol, stop, limit } = await tables.attribution();
  return [...time.keys()]
    .filter((row) => symbol[row] === asset && time[row]! >= start && time[row]! < end)
    .flatMap((row) => [
      { kind: "stop" as const, time: time[row]!, price: stop[row]! },
      { kind: "limit" as const, time: time[row]!, price: limit[row]! },
    ])
    .filter((hint) => Number.isFinite(hint.price));
}

function closeMarks({ Plot }: Canvas, { times, values }: Closes, width: number): readonly Mark[] {
  const rows = thin({ x: times, columns: [values], buckets: width });
  return [
    Plot.line({ length: rows.length }, {
      ...{ x: pick(times, rows), y: pick(values, rows), stroke: MUTED, strokeWidth: 1.25 },
    }),
  ];
}

function hintMarks({ Plot }: Canvas, hints: readonly Hint[], { start, end }: Range) {
  const reach = (end - start) / 200;
  return (["stop", "limit"] as const).map((kind) =>
    Plot.ruleY(hints.filter((hint) => hint.kind === kind), {
      y: "price",
      x1: (hint: Hint) => Math.max(start, hint.time - reach),
      x2: (hint: Hint) => Math.min(end, hint.time + reach),
      ...{ stroke: HINT_COLORS[kind], strokeWidth: 1.5 },
    })
  );
}

const HINT_COLORS = { stop: LOSS, limit: GAIN } as const;

/** Up below the price for a buy, down above it for a sale. */
function fillMarks({ Plot }: Canvas, fills: readonly ShownFill[]) {
  const colors = [...new Set(fills.map(({ color }) => color))];
  return (["buy", "sell"] as const).flatMap((side) =>
    colors.map((color) =>
      Plot.dot(fills.filter((fill) => fill.side === side && fill.color === color), {
        ...{ x: "time", y: "price", symbol: "triangle", r: 4, title: "title" },
        ...{ fill: color, stroke: PANEL, strokeWidth: 0.75 },
        ...(side === "buy" ? { dy: 7 } : { rotate: 180, dy: -7 }),
      })
    )
  );
}

function legendOf(
  { card }: ChartSource,
  fills: readonly ShownFill[],
  hints: readonly Hint[],
): readonly LegendItem[] {
  const traded = modelsOf(card).filter((name) => fills.some(({ model }) => model === name));
  return [
    ...(fills.length === 0 ? [] : [
      { text: "buy", color: MUTED, sign: "up" as const },
      { text: "sell", color: MUTED, sign: "down" as const },
    ]),
    ...traded.map((name) => ({
      text: name,
      color: modelColor(card, name),
      sign: "dot" as const,
    })),
    ...(["stop", "limit"] as const).filter((kind) => hints.some((hint) => hint.kind === kind))
      .map((kind) => ({ text: kind, color: HINT_COLORS[kind], sign: "tick" as const })),
  ];
}
