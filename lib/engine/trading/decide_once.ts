import { adjustmentSteps, factorsAt } from "../../core/adjustment.ts";
import { gridMs, type Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Adjustment, GapNote, RiskMode } from "../../core/run_record.ts";
import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import type { Model } from "../../models/model.ts";
import { chooseTrades } from "../../portfolio/instructions.ts";
import { emptyLedgers, type Ledgers } from "../../portfolio/ledger.ts";
import { type RegimeLabels, type RegimeTimeline, regimeTimeline } from "../../regime/mod.ts";
import { decider, type Decision } from "../decide.ts";
import { buildMarket, type Market } from "../market.ts";
import { type DecisionMemory, emptyMemory } from "../memory.ts";
import type { Plan } from "../plan.ts";
import type { Pulse } from "../pulse.ts";
import { regimeLabels } from "../regime_settings.ts";
import { seatModels, type Setup } from "../setup.ts";
import { layOut, type RunRequest } from "../simulate.ts";
import { carriedState, historyOf, restoreState, type Then } from "../state.ts";
import { firstState, seatState } from "./seat_state.ts";
import type { TradingState } from "./trading_state.ts";

/** What one decision is made from beside plan, data and regimes, none of which holds anything later than it. */
export interface Occasion {
  readonly time: Millis;
  /** The account as the broker has it: money, and raw units by the plan's assets. */
  readonly account: { readonly cash: number; readonly units: Float64Array };
  /** What the decision before left, its fills settled; without one, this is the first. */
  readonly state?: TradingState | undefined;
}

/** One decision: targets for the account, how they came about, and what the next one takes over. */
export interface TradingDecision {
  readonly time: Millis;
  readonly nav: number;
  readonly mode: RiskMode;
  /** Net targets after risk by asset, shares of NAV; 1 in `trade` where the account is to be taken there. */
  readonly weights: Float64Array;
  readonly trade: Uint8Array;
  /** By model and asset, before and after risk. */
  readonly wanted: Float64Array;
  readonly shares: Float64Array;
  readonly adjustments: readonly Adjustment[];
  /** Last raw prices known; NaN before the first. */
  readonly prices: Float64Array;
  readonly labels: RegimeLabels;
  readonly gaps: readonly GapNote[];
  /** Regimes that did not come from the newest value of their own source, one line each. */
  readonly notes: readonly string[];
  readonly state: TradingState;
}

/** The plan on the clock of one decision: the one before it, so that its state has a place, and itself. */
export function planAt(plan: Plan, { time, state }: Pick<Occasion, "time" | "state">): Plan {
  const step = gridMs(plan.timeframe);
  return { ...plan, start: state ? time - step : time, end: time + step };
}

/**
 * Decides once, as the backtest's loop would at that moment (FR-013 to FR-027). Pure: `request.plan` is `planAt` the
 * occasion, and what the account has is what the broker says, whatever fills the models were counted.
 */
export function decideOnce(
  request: RunRequest,
  occasion: Occasion,
  models: readonly Model[],
  { pulse, ground }: {
    readonly pulse?: Pulse | undefined;
    /** `groundOf` the same request, where several accounts decide on it. */
    readonly ground?: Ground;
  } = {},
): TradingDecision {
  const { plan } = request;
  const options = { mayBeCold: true, pulse };
  const { market, setup } = ground
    ? { ...ground, setup: seatModels(plan, models, { ...ground, ...options }) }
    : layOut(request, models, options);
  const t = occasion.state ? 1 : 0;
  const desk = deskAt(t, request, market, occasion);
  const { nav, prices } = desk;
  pulse?.at(t);
  const decision = decisionOn(desk, { plan, market, setup, pulse });
  refuseLegs(plan, desk.memory, occasion.time);
  const trade = tradesOf(desk, decision, plan);
  const carried = carriedState(t + 1, { ...desk, market }, {
    ...{ then: desk.then, nav: desk.navs, cash: desk.navs.map(() => occasion.account.cash) },
  });
  return {
    ...{ time: occasion.time, nav, mode: decision.mode, trade, prices },
    weights: decision.weights.slice(),
    wanted: decision.wanted.values.slice(),
    shares: decision.shares.values.slice(),
    adjustments: decision.adjustments,
    labels: regimeLabels(setup.regimes)(t),
    gaps: setup.notes,
    notes: (setup.regimes?.notes ?? []).filter(({ from, to }) => from <= t && t < to)
      .map(({ dimension, kind, reason }) => `${dimension} regime is ${kind}: ${reason}`),
    state: {
      ...desk.before,
      memory: carried.memory,
      newest: {
        ...{ time: occasion.time, nav, cash: occasion.account.cash, prices },
        shares: decision.shares.values.slice(),
        settled: new Uint8Array(plan.assets.length),
      },
    },
  };
}

/** What decisions of several accounts on one request have in common: prices, features and regimes, but no model's seat. */
export interface Ground {
  readonly market: Market;
  readonly cache: FeatureCache;
  readonly regimes: RegimeTimeline | undefined;
}

/** The ground of a request, features as far as they are asked for. */
export function groundOf({ plan, data, regimes }: RunRequest): Ground {
  const market = buildMarket(plan, data);
  return {
    ...{ market, cache: featureCache() },
    regimes: regimes && regimeTimeline(market.decisionTimes, regimes),
  };
}

/** Everything that one decision is made on, in total-return units. */
interface DecisionDesk {
  readonly t: number;
  readonly before: TradingState;
  readonly account: { cash: number; readonly quantity: Float64Array };
  readonly ledgers: Ledgers;
  readonly memory: DecisionMemory;
  readonly then: Then;
  /** Adjustment in force now, also where no bar of the newest ex-date is known yet, and last prices as they are then. */
  readonly factors: Float64Array;
  readonly prices: Float64Array;
  readonly closes: Float64Array;
  readonly nav: number;
  /** NAV by place on the clock. */
  readonly navs: Float64Array;
}

function deskAt(
  t: number,
  request: RunRequest,
  market: Market,
  occasion: Occasion,
): DecisionDesk {
  const { plan } = request;
  const { time, account: { cash, units } } = occasion;
  const { factors, prices } = rawPrices(t, request, market);
  const account = { cash, quantity: units.map((held, asset) => held / factors[asset]!) };
  const closesAt = (index: number) =>
    Float64Array.from(market.assets, ({ closeAt }) => closeAt[index]!);
  const closes = closesAt(t);
  const nav = navOf(account, closes);
  if (!(nav > 0)) {
    throw new Refusal(`The account is ruined at ${formatTime(time)}: NAV ${nav}, expected above 0`);
  }
  const before = occasion.state
    ? seatState(occasion.state, plan)
    : firstState(plan, { nav, cash, units });
  const count = plan.assets.length;
  const ledgers = emptyLedgers(plan.models.length, count);
  const memory = emptyMemory(plan.models.length, count, nav);
  const navs = new Float64Array(t + 1);
  navs[t] = nav;
  const columns = market.assets.map(({ closeAt }) => closeAt);
  let then = historyOf(navs, columns);
  if (t > 0) {
    const previousTime = market.markTimes[0]!;
    // Where decisions were missed, what is held now is marked at the closes of that time.
    navs[0] = before.newest.time === previousTime
      ? before.newest.nav
      : navOf(account, closesAt(0)) || nav;
    const inFactors = (cells: Float64Array) => cells.map((held, at) => held / factors[at % count]!);
    const earlier = restoreState({
      ...{ time, previousTime, previousNav: navs[0]!, previousCash: before.newest.cash, account },
      ledgers: { ...before.ledgers, quantity: inFactors(before.ledgers.quantity) },
      memory: before.memory,
    }, { market, account, ledgers, memory });
    then = historyOf(navs, columns, earlier);
  }
  return { t, before, account, ledgers, memory, then, factors, prices, closes, nav, navs };
}

function rawPrices(t: number, { plan, data }: RunRequest, market: Market) {
  const time = market.markTimes[t]!;
  const factors = new Float64Array(plan.assets.length).fill(1);
  const prices = new Float64Array(plan.assets.length).fill(NaN);
  market.assets.forEach(({ asset: { symbol }, factors: known, knownRow }, place) => {
    const own = data.find((one) => one.symbol === symbol)!;
    const { daily } = own.bars;
    if (daily && own.actions.length > 0) {
      const { openTime, close } = daily;
      const steps = adjustmentSteps(openTime, close, own.actions, own.splitsApplied);
      factors[place] = factorsAt(Float64Array.of(time), steps)[0]!;
    }
    const row = knownRow[t]!;
    if (row < 0) return;
    // One before the ex-date is worth less since: the units were split, the dividend is paid.
    prices[place] = own.bars[plan.timeframe]!.close[row]! * (known[row]! / factors[place]!);
  });
  return { factors, prices };
}

function navOf(
  { cash, quantity }: { readonly cash: number; readonly quantity: Float64Array },
  closes: Float64Array,
): number {
  return quantity.reduce(
    (sum, units, asset) => units === 0 ? sum : sum + units * closes[asset]!,
    cash,
  );
}

function decisionOn(
  { t, nav, closes, then, ledgers, memory }: DecisionDesk,
  { plan, market, setup, pulse }: {
    readonly plan: Plan;
    readonly market: Market;
    readonly setup: Setup;
    readonly pulse: Pulse | undefined;
  },
): Decision {
  const { settingAt, regimes } = setup;
  const options = { settingAt, labelsAt: regimeLabels(regimes), pulse };
  return decider(plan, setup.models, options).decide({
    ...{ index: t, time: market.decisionTimes[t]!, nav, ledgers },
    close: (asset) => closes[asset]!,
    closeAt: (asset, index, model) => then.close(model, asset, index),
    navAt: (index, model) => then.nav(model, index),
    knownRow: (asset) => market.assets[asset]!.knownRow[t]!,
  }, memory);
}

function tradesOf(
  { account, closes, nav }: DecisionDesk,
  { weights, setting }: Decision,
  { rebalanceThreshold: threshold }: Plan,
): Uint8Array {
  const trade = new Uint8Array(weights.length);
  const drifted = account.quantity.map((units, asset) =>
    units === 0 ? 0 : units * closes[asset]! / nav
  );
  chooseTrades({ targets: weights, drifted, threshold, limits: setting.limits }, trade);
  return trade;
}

/** Orders of an account are market orders: a price that nobody would watch must not be taken for one that is. */
function refuseLegs({ models, assets }: Plan, memory: DecisionMemory, time: Millis): void {
  if (memory.legs === 0) return;
  const at = memory.stops.values.findIndex((stop, i) =>
    stop === stop || memory.limits.values[i] === memory.limits.values[i]
  );
  const name = models[Math.floor(at / assets.length)]!.name;
  throw new Refusal(
    `${name} at ${formatTime(time)} returned a stop or limit price for ${
      assets[at % assets.length]!.symbol
    }, expected weights alone: paper and live trading send market orders`,
  );
}
