import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import {
  type DecisionSight,
  occasionOf,
  planAt,
  stateText,
  type TradingDecision,
  type TradingState,
} from "../../engine/trading/mod.ts";
import type { Watch } from "../../engine/sandbox.ts";
import type { AccountDecision } from "../../execution/account/mod.ts";
import type { KnownData } from "./market_feed.ts";
import { isRehearsal } from "./rehearsal.ts";
import { type SessionParts, stateNow, tell, tellTroubles } from "./run_session.ts";
import type { DecisionReport } from "./session.ts";

/** A decision for the account, and what is told of it. */
export interface MadeDecision {
  readonly decision: AccountDecision;
  readonly report: DecisionReport;
}

/** Lets the models decide for a close on what was known then; nothing is written down yet but lines of the logs. */
export async function makeDecision(
  parts: SessionParts,
  { close, data, signal }: {
    readonly close: Millis;
    readonly data: KnownData;
    readonly signal?: AbortSignal;
  },
): Promise<MadeDecision> {
  const { account, traded: { loaded, configHash }, sandbox, clock, codeHash, feed } = parts;
  const { plan, config: { system } } = loaded;
  const settledTo = account.status().head.seq;
  const { cash, positions } = account.status();
  const occasion = occasionOf(plan, {
    ...{ time: close, cash: Number(cash), positions, settled: stateNow(parts), data: data.assets },
  });
  const watch: Watch = {
    clock,
    timeoutMs: system.model_timeout_ms,
    memoryMb: system.model_memory_mb,
    ...(signal ? { signal } : {}),
  };
  const request = {
    plan: planAt(plan, occasion),
    data: data.assets,
    regimes: data.regimes,
  };
  const made = await sandbox.decide(request, occasion, watch);
  const before = occasion.state?.memory.risk.mode ?? "NORMAL";
  const warnings = warningsOf(made, data);
  tellDecision(parts, made, { before, warnings });
  const named = (values: ArrayLike<number>, isWanted: (asset: number) => boolean) =>
    plan.assets.flatMap(({ symbol }, asset) =>
      isWanted(asset) ? [[symbol, values[asset]!] as const] : []
    );
  const next: TradingState = {
    ...made.state,
    newest: {
      ...{ ...made.state.newest, feed: feed.name },
      ...(isRehearsal(loaded.config, parts.mode) ? { isRehearsal: true } : {}),
    },
  };
  return {
    decision: {
      barCloseTime: close,
      ...{ configHash, codeHash, inputsHash: data.inputsHash },
      weights: Object.fromEntries(named(made.weights, (asset) => made.trade[asset] === 1)),
      nav: String(made.nav),
      prices: Object.fromEntries(
        named(made.prices, (asset) => made.prices[asset]! > 0)
          .map(([symbol, price]) => [symbol, String(price)]),
      ),
      memory: { settledTo, text: stateText(next) },
      inputs: parts.sights.textOf(sightOf(parts, data)),
    },
    report: {
      ...{ barCloseTime: close, status: "made", reason: "", mode: made.mode, warnings },
      nav: made.nav,
      shares: Object.fromEntries(plan.models.map(({ name, version }, model) => [
        `${name}@${version}`,
        Object.fromEntries(plan.assets.map(({ symbol }, asset) => [
          symbol,
          made.shares[model * plan.assets.length + asset]!,
        ])),
      ])),
      weights: Object.fromEntries(named(made.weights, () => true)),
    },
  };
}

/** What was there to be seen, with the plan it was seen under. */
function sightOf(
  { traded: { loaded: { config, plan } }, feed, mode, slippageBps }: SessionParts,
  { assets, regimes }: KnownData,
): DecisionSight {
  const symbols = plan.assets.map(({ symbol }) => [symbol, slippageBps(symbol)] as const);
  return {
    ...{ plan, assets, regimes, feed: feed.name, slippageBps: Object.fromEntries(symbols) },
    ...(isRehearsal(config, mode) ? { isRehearsal: true } : {}),
  };
}

function warningsOf(
  { gaps, notes }: TradingDecision,
  { late, troubles = [] }: KnownData,
): readonly string[] {
  return [
    ...late.map((symbol) => `${symbol}: the bar of this close is not there`),
    ...troubles,
    ...new Set(
      gaps.map(({ model, symbol, timeframe, policy, missing }) =>
        `${symbol} ${timeframe} lacks ${missing} bars for ${model} (missing: ${policy})`
      ),
    ),
    ...notes,
  ];
}

/** Every decision of every model, and what became of it, in the logs. */
function tellDecision(
  parts: SessionParts,
  made: TradingDecision,
  { before, warnings }: { readonly before: string; readonly warnings: readonly string[] },
): void {
  const { traded: { loaded: { plan } }, feed } = parts;
  const count = plan.assets.length;
  const bySymbol = (values: ArrayLike<number>) =>
    Object.fromEntries(plan.assets.map(({ symbol }, asset) => [symbol, values[asset]]));
  tell(parts, {
    component: "decisions",
    level: "info",
    message: "decision made",
    context: {
      ...{ close: formatTime(made.time), feed: feed.name, nav: made.nav, mode: made.mode },
      ...{ regime: made.labels, weights: bySymbol(made.weights), traded: bySymbol(made.trade) },
      models: Object.fromEntries(plan.models.map(({ name, version }, model) => [
        `${name}@${version}`,
        {
          wanted: bySymbol(made.wanted.subarray(model * count, (model + 1) * count)),
          share: bySymbol(made.shares.subarray(model * count, (model + 1) * count)),
        },
      ])),
      adjustments: made.adjustments.map(({ rule, asset, before, after }) => ({
        ...{ rule, symbol: plan.assets[asset]!.symbol, before, after },
      })),
    },
  });
  if (made.mode !== before) {
    const context = { from: before, to: made.mode, nav: made.nav };
    tell(parts, { component: "risk", level: "warning", message: "risk mode changed", context });
  }
  tellTroubles(parts, made.time, warnings);
}
