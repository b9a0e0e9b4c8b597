import type { Asset } from "../../core/asset.ts";
import type { CorporateAction, Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { BarDownload } from "../../data/upkeep.ts";
import type { Plan } from "../../engine/plan.ts";
import { REGIME_ASSETS } from "../load_regimes.ts";
import { type JoinedActions, joinedActions } from "./known_actions.ts";
import { bookedActions, type DoubtfulSymbol, type MarketContent } from "./market_feed.ts";
import { actionName } from "./stored_growth.ts";
import type { TroubleBook } from "./trouble_book.ts";

/** What actions are asked with, and told apart by. */
export interface ActionBookOptions {
  /** What was on file when the session began. */
  readonly stored: MarketContent;
  readonly clock: Clock;
  readonly source: Pick<BarDownload, "actions">;
  isSameAction(a: number, b: number): boolean;
  readonly troubles: TroubleBook;
}

/** Dividends and splits of equities: those on file, those of the source, and what of them decisions have seen. */
export interface ActionBook {
  /** Those that a venue of our own books: believed on file, or seen by a decision. Grows. */
  readonly booked: readonly CorporateAction[];
  /** Asks for what was told since the newest action on file. What cannot be asked for stays what it was. */
  ask(onFile: MarketContent): Promise<void>;
  /** Everything known by a time, with a line for what is told in two ways or was told late. */
  at(time: Millis, onFile: MarketContent): {
    actionsOf(symbol: string): readonly CorporateAction[];
    readonly troubles: readonly string[];
  };
  /** Writes down what a decision of a time sees: it stays as it is. */
  saw(time: Millis, seen: MarketContent & { readonly doubtful: readonly DoubtfulSymbol[] }): void;
}

/** A book of the equities of a plan, and of the one that regimes are told from. */
export function actionBook(plan: Plan, options: ActionBookOptions): ActionBook {
  const { stored, clock, source, isSameAction, troubles } = options;
  const equities = equitiesOf(plan, stored);
  const asked = new Map<string, readonly CorporateAction[]>();
  const seen = new Map<string, readonly CorporateAction[]>();
  /** When all that was known of a symbol was last seen. */
  const seenAt = new Map<string, Millis>();
  const booked = believedOf(plan, stored);
  return {
    booked,
    async ask(onFile) {
      const now = clock.now();
      await Promise.all(equities.map(async (asset) => {
        const { symbol } = asset;
        const from = fileOf(symbol, onFile).actions.findLast(({ exDate }) =>
          exDate < now
        )?.exDate ??
          endOf(symbol, stored);
        if (from >= now) return;
        await troubles.unless(`${symbol} actions`, undefined, async () => {
          asked.set(symbol, await source.actions({ asset, from, to: now }, {}));
          return undefined;
        });
      }));
    },
    at(time, onFile) {
      const lines: string[] = [];
      const bySymbol = new Map(equities.map(({ symbol }) => {
        const before = seen.get(symbol) ?? [];
        const joined = joinedActions(
          {
            ...{ seen: before, asked: asked.get(symbol) ?? [] },
            onFile: fileOf(symbol, onFile).actions,
          },
          time,
          isSameAction,
        );
        lines.push(...joined.troubles, ...lateLines(joined, before, seenAt.get(symbol)));
        return [symbol, joined.actions] as const;
      }));
      return { actionsOf: (symbol) => bySymbol.get(symbol) ?? [], troubles: lines };
    },
    saw(time, { assets, regimes: { equity }, doubtful }) {
      for (const data of assets) {
        const { symbol, actions } = data;
        const known = new Set(booked.filter((one) => one.symbol === symbol).map(actionName));
        booked.push(...bookedActions(data).filter((action) => !known.has(actionName(action))));
        seen.set(symbol, actions);
        if (doubtful.every((one) => one.symbol !== symbol)) seenAt.set(symbol, time);
      }
      const told = equity?.bars.symbol;
      if (equity && assets.every(({ symbol }) => symbol !== told)) seen.set(told!, equity.splits);
    },
  };
}

/** Dividends that prices were seen without although their ex-dates had begun. */
function lateLines(
  { actions }: JoinedActions,
  before: readonly CorporateAction[],
  seenAt: Millis = -Infinity,
): readonly string[] {
  const names = new Set(before.map(actionName));
  return actions.filter((action) => action.exDate <= seenAt && !names.has(actionName(action)))
    .map((action) =>
      `${action.symbol}: ${
        actionName(action)
      } of ${action.value} was not known before; decisions since its day were made without it`
    );
}

/** Actions on file beside a bar of their day or a later one. */
function believedOf({ timeframe }: Plan, { assets }: MarketContent): CorporateAction[] {
  return assets.flatMap((data) => {
    const until = data.bars[timeframe]!.openTime.at(-1) ?? -Infinity;
    return bookedActions(data).filter(({ exDate }) => exDate <= until);
  });
}

/** Equities that are traded, and the one that regimes are told from. */
function equitiesOf({ assets }: Plan, { regimes }: MarketContent): readonly Asset[] {
  const told = REGIME_ASSETS.filter(({ symbol }) =>
    symbol === regimes.equity?.bars.symbol && assets.every((asset) => asset.symbol !== symbol)
  );
  return [...assets, ...told].filter(({ assetClass }) => assetClass === "equity");
}

/** Actions and bars of a symbol that are on file. */
function fileOf(symbol: string, { assets, regimes: { equity } }: MarketContent) {
  const data = assets.find((one) => one.symbol === symbol);
  const bars = Object.values(data?.bars ?? { daily: equity!.bars });
  return { actions: data?.actions ?? equity!.splits, bars };
}

function endOf(symbol: string, stored: MarketContent): Millis {
  return Math.max(...fileOf(symbol, stored).bars.map(({ openTime }) => openTime.at(-1)!));
}
