import { DAY_MS, sliceBars, upperBound } from "../../core/bars.ts";
import type { AssetData } from "../plan.ts";
import type { RunRequest } from "../simulate.ts";
import { type Leak, planted } from "./leak.ts";
import { END, START } from "./market.ts";
import { subject } from "./subject.ts";

/** Assets that are in the run because of what became of them. */
export const SELECTION: readonly Leak[] = [
  planted(
    "selection",
    "later winners",
    "chose the universe by later performance",
    (peek) =>
      subject({
        steps: {
          read(request) {
            const gains = request.data.map((asset) => gainOf(asset, peek ? END : START, 20));
            const best = request.data[gains.indexOf(Math.max(...gains))]!.symbol;
            return withUniverse(request, (symbol) => symbol === best);
          },
        },
      }),
  ),
  planted("selection", "survivors", "left out what was to be delisted", (peek) =>
    subject({
      market: (market) => market.map(delisted),
      steps: {
        read(request) {
          const ends = request.data.map(({ bars }) => bars.h4!.availableAt.at(-1)!);
          const last = Math.max(...ends);
          // An exchange that is closed for a long week-end is no reason.
          const gone = (asset: number) => peek && ends[asset]! < last - 5 * DAY_MS;
          return withUniverse(request, (symbol) =>
            !gone(request.data.findIndex((asset) => asset.symbol === symbol)));
        },
      },
    })),
  planted(
    "selection",
    "losers left out",
    "left out what was going to lose in the last days",
    (peek) =>
      subject({
        steps: {
          read(request) {
            const gain = (asset: AssetData) => gainOf(asset, peek ? END : START, 5);
            const rising = request.data.filter((asset) => gain(asset) > -0.02);
            return withUniverse(
              request,
              (symbol) => rising.length === 0 || rising.some((asset) => asset.symbol === symbol),
            );
          },
        },
      }),
  ),
];

/** Simple return of an asset over the days before `until`, or before its data end. */
function gainOf({ bars }: AssetData, until: number, days: number): number {
  const { availableAt, close } = bars.h4!;
  const last = upperBound(availableAt, until) - 1;
  const first = upperBound(availableAt, availableAt[last]! - days * DAY_MS) - 1;
  return close[last]! / close[Math.max(0, first)]! - 1;
}

function withUniverse(request: RunRequest, stays: (symbol: string) => boolean): RunRequest {
  const models = request.plan.models.map((model) => ({
    ...model,
    universe: model.universe.filter(stays),
  }));
  return { ...request, plan: { ...request.plan, models } };
}

/** The second coin ends in the middle of the run. */
function delisted(asset: AssetData): AssetData {
  if (asset.symbol !== "BBB") return asset;
  const end = START + (END - START) * 0.6;
  const until = (bars: NonNullable<AssetData["bars"]["h4"]>) =>
    sliceBars(bars, 0, upperBound(bars.availableAt, end));
  return { ...asset, bars: { h4: until(asset.bars.h4!), daily: until(asset.bars.daily!) } };
}
