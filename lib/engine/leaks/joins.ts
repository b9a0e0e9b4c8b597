import { type Bars, HOUR_MS, type Millis, type Timeframe } from "../../core/bars.ts";
import { daily, type Feature, h4 } from "../../features/mod.ts";
import type { RegimeData, RegimeLabels } from "../../regime/mod.ts";
import { adjustedBars } from "../adjusted.ts";
import { buildMarket } from "../market.ts";
import type { AssetData } from "../plan.ts";
import type { RunRequest } from "../simulate.ts";
import { returnsOf, shifted } from "./columns.ts";
import { type Leak, planted } from "./leak.ts";
import { holdByRegime, ownFeature, subject } from "./subject.ts";

/** True values that are laid onto the clock before anybody could know them. */
export const JOINS: readonly Leak[] = [
  bars("daily bar", "used the day's bar on its own day", daily.momentum(1), {
    timeframe: "daily",
    known: ({ openTime }, row) => openTime[row]!,
  }),
  bars("time zone", "took New York times for UTC", daily.momentum(1), {
    timeframe: "daily",
    known: ({ availableAt }, row) => availableAt[row]! - 5 * HOUR_MS,
  }),
  bars("named by its open", "knew a bar when it opened", h4.momentum(1), {
    timeframe: "h4",
    known: ({ openTime }, row) => openTime[row]!,
  }),
  planted("join", "forming bar", "decided on the bar that was still forming", (peek) =>
    subject({
      steps: {
        market(plan, data) {
          const market = buildMarket(plan, data);
          const assets = market.assets.map((asset) => ({
            ...asset,
            join(timeframe: Timeframe, maxMissing: number) {
              const join = asset.join(timeframe, maxMissing);
              const last = asset.adjusted(timeframe).bars.openTime.length - 1;
              const rows = join.rows.map((row) => peek && row >= 0 ? Math.min(row + 1, last) : row);
              return { ...join, rows, offset: undefined };
            },
          }));
          return { ...market, assets };
        },
      },
    })),
  planted(
    "join",
    "another's next bar",
    "joined one asset to another's next bar",
    (peek) =>
      subject({
        signal: ownFeature(({ volume }) => returnsOf(volume)),
        steps: { read: (request) => withLeader(request, peek ? -1 : 0) },
      }),
  ),
  planted(
    "join",
    "back-adjusted prices",
    "judged price levels adjusted by later dividends",
    (peek) =>
      subject({
        // A rule that takes the level seriously: below the half of each ten.
        signal: ownFeature(({ close }) => close.map((price) => 5 - price % 10)),
        steps: { read: (request) => withFactors(request, peek) },
      }),
  ),
  series("PMI", "knew the PMI in the month it is about", "macro", ["pmi"]),
  series("VIX", "knew the VIX before the session had closed", "volatility", ["vix"]),
  series("yields", "knew yields on the day they were observed", "macro", ["tenYear", "twoYear"]),
  planted(
    "join",
    "revised value",
    "used the last revision in place of what was first published",
    (peek) =>
      subject({
        regimes: true,
        decide: holdByRegime("macro"),
        steps: { read: (request) => mapRegimes(request, (regimes) => revised(regimes, peek)) },
      }),
  ),
];

/** Bars of one timeframe that are known too early, or when they were. */
function bars(
  name: string,
  what: string,
  signal: Feature,
  { timeframe, known }: { timeframe: Timeframe; known(bars: Bars, row: number): Millis },
): Leak {
  const read = (request: RunRequest, peek: boolean) =>
    mapData(request, (asset) => {
      const { availableAt, close } = asset.bars[timeframe]!;
      const changed: Bars = {
        ...asset.bars[timeframe]!,
        // What was made of the same closes is remembered: these must be others.
        close: close.slice(),
        availableAt: availableAt.map((time, row) =>
          peek ? known(asset.bars[timeframe]!, row) : time
        ),
      };
      return { ...asset, bars: { ...asset.bars, [timeframe]: changed } };
    });
  return planted(
    "join",
    name,
    what,
    (peek) => subject({ signal, steps: { read: (request) => read(request, peek) } }),
  );
}

/** Published series that count from their reference date, or from their publication. */
function series(
  name: string,
  what: string,
  dimension: keyof RegimeLabels,
  parts: readonly ("pmi" | "vix" | "tenYear" | "twoYear")[],
): Leak {
  const read = (request: RunRequest, peek: boolean) =>
    mapRegimes(request, (regimes) => {
      const known = parts.map((part) => {
        const { availableAt, ...one } = regimes[part]!;
        return [part, { ...one, availableAt: peek ? one.date : availableAt }] as const;
      });
      return { ...regimes, ...Object.fromEntries(known) };
    });
  return planted("join", name, what, (peek) =>
    subject({
      regimes: true,
      decide: holdByRegime(dimension),
      steps: { read: (request) => read(request, peek) },
    }));
}

function mapData(request: RunRequest, change: (asset: AssetData) => AssetData): RunRequest {
  return { ...request, data: request.data.map(change) };
}

function mapRegimes(
  { regimes, ...request }: RunRequest,
  change: (regimes: RegimeData) => RegimeData,
): RunRequest {
  return { ...request, ...(regimes && { regimes: change(regimes) }) };
}

/** The second coin with the first one's closes for a volume, `rows` bars later. */
function withLeader(request: RunRequest, rows: number): RunRequest {
  const leader = request.data[0]!.bars.h4!.close;
  return mapData(
    request,
    (asset) =>
      asset.symbol === "BBB"
        ? {
          ...asset,
          bars: { ...asset.bars, h4: { ...asset.bars.h4!, volume: shifted(leader, rows) } },
        }
        : asset,
  );
}

/** Prices adjusted beforehand: forwards from the first bar, or backwards from the last. */
function withFactors(request: RunRequest, backwards: boolean): RunRequest {
  return mapData(request, (asset) => {
    const adjusted = (timeframe: Timeframe): Bars => {
      const { bars, factors } = adjustedBars(asset, timeframe, Infinity);
      const last = backwards ? factors.at(-1)! : 1;
      const scaled = (column: Float64Array) => column.map((price) => price / last);
      return {
        ...bars,
        open: scaled(bars.open),
        high: scaled(bars.high),
        low: scaled(bars.low),
        close: scaled(bars.close),
      };
    };
    return { ...asset, bars: { h4: adjusted("h4"), daily: adjusted("daily") }, actions: [] };
  });
}

/** Each publication with the value that its month has in the end, or with its own. */
function revised({ pmi, ...regimes }: RegimeData, peek: boolean): RegimeData {
  const { date, value } = pmi!;
  const final = value.map((_, row) => value[date.lastIndexOf(date[row]!)]!);
  return { ...regimes, pmi: { ...pmi!, value: peek ? final : value } };
}
