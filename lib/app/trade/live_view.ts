import {
  type Bars,
  type CorporateAction,
  lowerBound,
  type Millis,
  sliceBars,
  type Timeframe,
} from "../../core/bars.ts";
import type { Believed, SplitDoubt } from "../../data/upkeep.ts";
import type { AssetData } from "../../engine/plan.ts";
import { barsAt } from "../../engine/trading/mod.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import { adjustable } from "./known_actions.ts";
import { bookedActions, type DoubtfulSymbol, type MarketContent } from "./market_feed.ts";

/** What a live session may see of all that is known. */
export interface LiveView extends MarketContent {
  readonly doubtful: readonly DoubtfulSymbol[];
  readonly troubles: readonly string[];
}

/** How prices and splits are held against each other. */
export interface ViewTools {
  /** Everything known of a symbol's actions by a time. */
  actionsOf(symbol: string): readonly CorporateAction[];
  /** What was on file when the session began. */
  readonly opening: MarketContent;
  doubtOf(
    bars: Bars,
    actions: readonly CorporateAction[],
    believed: Believed,
  ): SplitDoubt | undefined;
}

/**
 * Everything but what is in doubt at a time: where prices and splits of a symbol do not agree, its bars and actions end
 * before the day from which on they do not, and nothing is to be traded of it.
 */
export function liveView(
  { assets, regimes }: MarketContent,
  time: Millis,
  tools: ViewTools,
): LiveView {
  const troubles: string[] = [];
  const doubts = new Map<string, SplitDoubt>();
  const seen = assets.map((data) => {
    const { doubt, view, lines } = assetView(data, time, tools);
    if (doubt) doubts.set(data.symbol, doubt);
    troubles.push(...lines);
    return view;
  });
  const doubtful = [...doubts].map(([symbol, { reason }]) => ({ symbol, reason }));
  const { equity } = regimes;
  const isTraded = assets.some(({ symbol }) => symbol === equity?.bars.symbol);
  const history = equity && historyView(equity, time, {
    ...tools,
    ...(isTraded ? { known: doubts.get(equity.bars.symbol) } : {}),
  });
  troubles.push(
    ...doubtful.map(({ symbol, reason }) => `${symbol}: ${reason}; nothing is traded of it`),
    ...history?.lines ?? [],
  );
  const own: RegimeData = { ...regimes, ...(history && { equity: history.view }) };
  return { assets: seen, regimes: own, doubtful, troubles };
}

function assetView(
  data: AssetData,
  time: Millis,
  { actionsOf, opening, doubtOf }: ViewTools,
) {
  const onFile = opening.assets.find(({ symbol }) => symbol === data.symbol)!;
  const { actions, troubles } = adjustable(data, actionsOf(data.symbol));
  const evidence = finest(data);
  const believed = believedOf(finest(onFile), onFile.actions, onFile.splitsApplied);
  const doubt = doubtOf(barsAt(evidence, time), actions, believed);
  const view = doubt ? viewBefore({ ...data, actions }, doubt.from) : { ...data, actions };
  return { doubt, view, lines: troubles };
}

/** What was on file beside a bar of its day or a later one. */
function believedOf(
  bars: Bars,
  actions: readonly CorporateAction[],
  splitsApplied: boolean,
): Believed {
  const until = bars.openTime.at(-1) ?? -Infinity;
  const splits = actions.filter(({ kind, exDate }) => kind === "split" && exDate <= until);
  return { splits, until, splitsApplied };
}

function finest({ bars }: AssetData): Bars {
  return (bars.h4 ?? bars.daily)!;
}

function viewBefore(data: AssetData, from: Millis): AssetData {
  const entries = Object.entries(data.bars).sort() as [Timeframe, Bars][];
  return {
    ...data,
    bars: Object.fromEntries(
      entries.map(([timeframe, bars]) => [timeframe, barsUntil(bars, from)]),
    ),
    actions: data.actions.filter(({ exDate }) => exDate < from),
  };
}

function barsUntil(bars: Bars, from: Millis): Bars {
  return sliceBars(bars, 0, lowerBound(bars.openTime, from));
}

/** Regimes are told from the same prices, also where nobody trades them. */
function historyView(
  history: DailyHistory,
  time: Millis,
  { actionsOf, opening, doubtOf, ...traded }: ViewTools & {
    /** The verdict of whoever trades it. */
    readonly known?: SplitDoubt | undefined;
  },
) {
  const { bars, splitsApplied } = history;
  const onFile = opening.regimes.equity ?? history;
  const all = actionsOf(bars.symbol);
  const believed = believedOf(onFile.bars, onFile.splits, splitsApplied);
  const own = "known" in traded ? undefined : doubtOf(barsAt(bars, time), all, believed);
  const doubt = traded.known ?? own;
  const splits = bookedActions({ actions: all, splitsApplied })
    .filter(({ kind, exDate }) => kind === "split" && exDate < (doubt?.from ?? Infinity));
  const lines = own ? [`${bars.symbol}: ${own.reason}; no regime is told from it`] : [];
  return {
    view: { ...history, bars: doubt ? barsUntil(bars, doubt.from) : bars, splits },
    lines,
  };
}
