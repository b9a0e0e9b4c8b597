import { YEAR_MS } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { LimitLeg, OrderOutcome, StopLeg, TargetWeights } from "../core/orders.ts";
import type { ModeRecord, RunRecord } from "../core/run_record.ts";
import { type SimulatedBroker, simulatedBroker } from "../execution/simulated_broker.ts";
import { fillPrice, fillRow } from "../execution/simulated_market.ts";
import { chooseTrades, type Holdings } from "../portfolio/instructions.ts";
import { emptyLedgers, type Ledgers, mayCross, settle, settleOne } from "../portfolio/ledger.ts";
import { type Decider, decider, type Decision, type Situation } from "./decide.ts";
import { featureRecords } from "./feature_record.ts";
import type { Market } from "./market.ts";
import { type DecisionMemory, emptyMemory, stopOut } from "./memory.ts";
import type { Plan } from "./plan.ts";
import type { Pulse } from "./pulse.ts";
import { fillFactors, lapsedOrders, type Recorder, recorder } from "./record.ts";
import { regimeLabels, regimeRecord } from "./regime_settings.ts";
import type { SeatedModel, Setup } from "./setup.ts";
import { captureState, historyOf, restoreState, type RunState, type Then } from "./state.ts";

/** What goes along with a loop; none of it changes what it does. */
export interface LoopOptions {
  readonly pulse?: Pulse | undefined;
  /** Goes on from here, on a clock that begins at the decision before the state's. */
  readonly from?: RunState | undefined;
  /** Called before each decision but the first, with a way to copy the state there. */
  readonly onDecision?: ((index: number, state: () => RunState) => void) | undefined;
  /** Writes down NAV and orders alone, for whoever wants no more: most of a trial is thrown away. */
  readonly ordersOnly?: boolean | undefined;
}

/**
 * The backtest loop: at each decision time mark, decide, instruct, fill on the bar that follows, settle. What comes back
 * in time comes back as a value: state(t) + decision → fills → state(t + 1).
 */
export function runLoop(
  plan: Plan,
  market: Market,
  setup: Setup,
  { pulse, from, onDecision, ordersOnly = false }: LoopOptions = {},
): RunRecord {
  const run = new Run(plan, market, setup, { pulse, ordersOnly });
  if (from) run.goOnFrom(from);
  const count = market.decisionTimes.length;
  for (let t = from ? 1 : 0; t < count; t++) {
    pulse?.at(t);
    if (onDecision && t > 0) onDecision(t, () => run.state(t));
    run.step(t);
  }
  return run.finish(setup);
}

/** The state of one run, and the one step that moves it. */
class Run {
  readonly #plan: Plan;
  readonly #market: Market;
  readonly #models: readonly SeatedModel[];
  readonly #broker: SimulatedBroker;
  readonly #quantity: Float64Array;
  readonly #ledgers: Ledgers;
  readonly #memory: DecisionMemory;
  readonly #decider: Decider;
  readonly #recorder: Recorder;
  readonly #closes: readonly Float64Array[];
  /** Units × close of each asset at the last mark. */
  readonly #values: Float64Array;
  readonly #nav: Float64Array;
  readonly #cash: Float64Array;
  readonly #modes: ModeRecord[] = [];
  readonly #situation: { -readonly [Key in keyof Situation]: Situation[Key] };
  /** By model: the budget in force at each mark. */
  readonly #budgets: readonly Float64Array[];
  readonly #holdings: { -readonly [Key in keyof Holdings]: Holdings[Key] };
  readonly #targets: TargetWeights;
  readonly #wanted: Float64Array;
  /** Decision at which the account last traded each asset. */
  readonly #settledAt: Int32Array;
  /** What kept wishes go back to. */
  #then: Then;
  #fills = 0;
  #hadLegs = false;
  #decision: Decision | undefined;

  constructor(
    plan: Plan,
    market: Market,
    { models, settingAt, regimes }: Setup,
    { pulse, ordersOnly }: { pulse: Pulse | undefined; ordersOnly: boolean },
  ) {
    const size = plan.assets.length;
    this.#plan = plan;
    this.#market = market;
    this.#models = models;
    this.#broker = simulatedBroker(market, plan.initialNav);
    this.#quantity = this.#broker.account.quantity;
    this.#ledgers = emptyLedgers(models.length, size);
    this.#memory = emptyMemory(models.length, size, plan.initialNav);
    this.#decider = decider(plan, models, { settingAt, labelsAt: regimeLabels(regimes), pulse });
    const all = recorder(models, size, this.#memory);
    this.#recorder = ordersOnly ? { ...all, decision() {} } : all;
    this.#closes = market.assets.map(({ closeAt }) => closeAt);
    this.#values = new Float64Array(size);
    this.#budgets = models.map(() => new Float64Array(market.markTimes.length));
    this.#nav = new Float64Array(market.markTimes.length);
    this.#cash = new Float64Array(market.markTimes.length);
    this.#wanted = new Float64Array(models.length);
    this.#settledAt = new Int32Array(size).fill(-1);
    this.#then = historyOf(this.#nav, this.#closes);
    this.#situation = {
      index: 0,
      time: 0,
      nav: 0,
      close: (asset) => this.#closes[asset]![this.#situation.index]!,
      closeAt: (asset, index, model) => this.#then.close(model, asset, index),
      navAt: (index, model) => this.#then.nav(model, index),
      knownRow: (asset) => market.assets[asset]!.knownRow[this.#situation.index]!,
      ledgers: this.#ledgers,
    };
    const weights = new Float64Array(size);
    this.#holdings = {
      targets: weights,
      drifted: new Float64Array(size),
      threshold: plan.rebalanceThreshold,
      limits: settingAt(0).limits,
    };
    this.#targets = {
      index: 0,
      decisionTime: 0,
      nav: 0,
      weights,
      trade: new Uint8Array(size),
      limits: [],
      stops: [],
    };
  }

  /** Takes over the state of a run that ended where this one's clock begins. */
  goOnFrom(state: RunState): void {
    this.#nav[0] = state.previousNav;
    this.#cash[0] = state.previousCash;
    this.#hadLegs = state.hadLegs;
    this.#fills = state.fills;
    this.#recorder.goOnFrom(state.written);
    this.#then = historyOf(this.#nav, this.#closes, restoreState(state, this.#parts()));
  }

  /** The state before decision `t`, the one that comes next. */
  state(t: number): RunState {
    return captureState(t, this.#parts(), {
      then: this.#then,
      nav: this.#nav,
      cash: this.#cash,
      written: this.#recorder.written(),
      hadLegs: this.#hadLegs,
      fills: this.#fills,
    });
  }

  #parts() {
    const { account } = this.#broker;
    return { market: this.#market, account, ledgers: this.#ledgers, memory: this.#memory };
  }

  step(t: number): void {
    const nav = this.#mark(t);
    const situation = this.#situation;
    situation.index = t;
    situation.time = this.#market.decisionTimes[t]!;
    situation.nav = nav;
    const before = this.#memory.risk;
    const decision = this.#decider.decide(situation, this.#memory);
    if (this.#memory.risk.mode !== before.mode) this.#noteMode(t, before.peakNav);
    if (decision.changed) {
      this.#holdings.targets.set(decision.weights);
      this.#recorder.decision(t, decision);
    }
    this.#decision = decision;
    this.#holdings.limits = decision.setting.limits;
    for (let model = 0; model < this.#budgets.length; model++) {
      this.#budgets[model]![t] = decision.setting.budgets[model]!;
    }
    this.#trade(t, decision);
  }

  /** NAV at the closes known at mark `t`; interest for the time since the last mark is paid first. */
  #mark(t: number): number {
    const { account } = this.#broker;
    if (this.#plan.cashRate !== 0 && t > 0) {
      const years = (this.#market.markTimes[t]! - this.#market.markTimes[t - 1]!) / YEAR_MS;
      this.#broker.accrue(account.cash * this.#plan.cashRate * years);
    }
    const quantity = this.#quantity;
    const values = this.#values;
    let nav = account.cash;
    for (let asset = 0; asset < quantity.length; asset++) {
      const units = quantity[asset]!;
      const value = units === 0 ? 0 : units * this.#closes[asset]![t]!;
      values[asset] = value;
      nav += value;
    }
    if (!(nav > 0)) {
      throw new Refusal(
        `The account is ruined at ${
          formatTime(this.#market.markTimes[t]!)
        }: NAV ${nav}, expected above 0`,
      );
    }
    this.#nav[t] = nav;
    this.#cash[t] = account.cash;
    return nav;
  }

  /** Draws instructions, fills them on the bars that open before the next decision, and settles the ledgers. */
  #trade(t: number, decision: Decision): void {
    const targets = this.#targets;
    const { drifted } = this.#holdings;
    const nav = this.#nav[t]!;
    const values = this.#values;
    for (let asset = 0; asset < values.length; asset++) drifted[asset] = values[asset]! / nav;
    targets.index = t;
    targets.decisionTime = this.#situation.time;
    targets.nav = nav;
    if (this.#memory.legs > 0 || this.#hadLegs) this.#collectLegs(decision);
    const any = chooseTrades(this.#holdings, targets.trade);
    // What is left alone is sized at the fill, too, when models trade it with each other.
    const crosses = this.#models.length > 1 && this.#plan.sizing === "fill_price";
    if (any || crosses) this.#settleAll(t, this.#broker.runMarket(targets));
    if (targets.limits.length > 0) {
      this.#settleAll(t, this.#broker.runLimits(targets, this.#heldOf));
    }
    if (this.#models.length > 1) this.#crossLeftAlone(t);
    if (targets.stops.length > 0) {
      this.#settleAll(t, this.#broker.runStops(targets, this.#heldOf));
    }
  }

  /** Units a model holds now, for orders that wait until those before them have been settled. */
  readonly #heldOf = (model: number, asset: number): number => {
    const { values, assets } = this.#ledgers.quantity;
    return values[model * assets + asset]!;
  };

  /** Limit and stop prices that models gave, as legs. */
  #collectLegs(decision: Decision): void {
    this.#hadLegs = this.#memory.legs > 0;
    const { stops, limits } = this.#memory;
    const { models, assets } = this.#ledgers.quantity;
    let stopLegs: StopLeg[] | undefined;
    let limitLegs: LimitLeg[] | undefined;
    for (let at = 0; at < models * assets; at++) {
      const stop = stops.values[at]!;
      const limit = limits.values[at]!;
      if (stop !== stop && limit !== limit) continue;
      const model = Math.floor(at / assets);
      const asset = at % assets;
      if (stop === stop) (stopLegs ??= []).push({ model, asset, stop });
      if (limit === limit && this.#mayWait(decision, asset, at)) {
        const held = this.#ledgers.quantity.values[at]!;
        const weight = decision.shares.values[at]!;
        (limitLegs ??= []).push({ model, asset, weight, held, limit });
      }
    }
    this.#targets.stops = stopLegs ?? NO_LEGS;
    this.#targets.limits = limitLegs ?? NO_LEGS;
    this.#withoutLimitLegs(decision);
  }

  /**
   * A limit delays what its model wants, never what risk demands: adding may always wait, a reduction only while nothing
   * but the model asks for it.
   */
  #mayWait(decision: Decision, asset: number, at: number): boolean {
    const share = decision.shares.values[at]!;
    const { index, nav } = this.#situation;
    const units = this.#ledgers.quantity.values[at]!;
    const held = units === 0 ? 0 : units * this.#closes[asset]![index]! / nav;
    if (share * held >= 0 && Math.abs(share) >= Math.abs(held)) return true;
    return decision.mode === "NORMAL" && share === decision.wanted.values[at] &&
      Math.abs(this.#holdings.drifted[asset]!) <= this.#holdings.limits.asset;
  }

  /** What waits for a price is no part of the market order: there the model's target is what it holds. */
  #withoutLimitLegs(decision: Decision): void {
    const { targets } = this.#holdings;
    const { index, nav } = this.#situation;
    targets.set(decision.weights);
    for (const { asset, weight, held } of this.#targets.limits) {
      targets[asset]! += held * this.#closes[asset]![index]! / nav - weight;
    }
  }

  #settleAll(t: number, outcomes: readonly OrderOutcome[]): void {
    if (outcomes.length === 0) return;
    this.#recorder.outcomes(outcomes);
    for (const outcome of outcomes) {
      if (outcome.status !== "filled") continue;
      const { asset, quantity, referencePrice, fee, slippage, row, model } = outcome;
      const settlement = {
        index: t,
        asset,
        change: quantity,
        price: referencePrice,
        fee,
        slippage,
        row,
        time: outcome.time,
        fill: this.#fills++,
      };
      if (model >= 0) settleOne(this.#ledgers, settlement, model);
      else {
        const wanted = this.#wantedUnits(asset, outcome);
        settle(this.#ledgers, { ...settlement, wanted });
        this.#settledAt[asset] = t;
      }
      if (outcome.kind === "stop") stopOut(this.#memory, model, asset);
    }
  }

  /** Units each model wants of an asset, at the NAV and price that size its order. */
  #wantedUnits(asset: number, sizing: { sizingNav: number; sizingPrice: number }): Float64Array {
    const { assets, values } = this.#decision!.shares;
    for (let model = 0; model < this.#wanted.length; model++) {
      const at = model * assets + asset;
      const waits = this.#targets.limits.some((leg) => leg.asset === asset && leg.model === model);
      this.#wanted[model] = waits
        ? this.#ledgers.quantity.values[at]!
        : values[at]! * sizing.sizingNav / sizing.sizingPrice;
    }
    return this.#wanted;
  }

  /** Models trade with each other even where the account's own change is not sent. */
  #crossLeftAlone(t: number): void {
    const { trade, nav } = this.#targets;
    const { shares } = this.#decision!;
    for (let asset = 0; asset < trade.length; asset++) {
      if (this.#settledAt[asset] === t || !mayCross(this.#ledgers, shares, asset)) continue;
      const traded = this.#market.assets[asset]!;
      const row = fillRow(this.#market, traded, t);
      if (row < 0) continue;
      const price = fillPrice(this.#market, traded, row);
      const sizing = this.#plan.sizing === "fill_price"
        ? { sizingNav: this.#broker.navAtFill[asset]!, sizingPrice: price }
        : { sizingNav: nav, sizingPrice: this.#closes[asset]![t]! };
      const wanted = this.#wantedUnits(asset, sizing);
      settle(this.#ledgers, {
        index: t,
        asset,
        change: 0,
        price,
        fee: 0,
        slippage: 0,
        wanted,
        row,
        time: traded.bars.openTime[row]!,
        fill: -1,
      });
    }
  }

  #noteMode(t: number, peakNav: number): void {
    const nav = this.#nav[t]!;
    const { mode } = this.#memory.risk;
    this.#modes.push({ index: t, mode, nav, drawdown: Math.max(0, (peakNav - nav) / peakNav) });
  }

  finish(setup: Setup): RunRecord {
    const last = this.#market.decisionTimes.length;
    this.#mark(last);
    for (const budgets of this.#budgets) budgets[last] = budgets[last - 1]!;
    const outcomes = this.#recorder.recorded;
    return {
      timeframe: this.#plan.timeframe,
      assets: this.#plan.assets,
      models: this.#plan.models.map((planned) => {
        const { name, version, budgetFraction } = planned;
        return { name, version, budgetFraction };
      }),
      markTimes: this.#market.markTimes,
      nav: this.#nav,
      cash: this.#cash,
      budgets: this.#budgets,
      closes: this.#closes,
      fillFactors: fillFactors(this.#market, outcomes),
      outcomes,
      bookings: this.#ledgers.bookings,
      wishes: this.#recorder.wishes,
      features: featureRecords(this.#plan, this.#models, this.#recorder.spoken),
      adjustments: this.#recorder.adjustments,
      modes: this.#modes,
      gaps: setup.notes,
      coverage: setup.coverage,
      ...(setup.regimes ? { regimes: regimeRecord(setup.regimes) } : {}),
      lapsed: lapsedOrders(this.#market, this.#targets, last - 1),
    };
  }
}

const NO_LEGS: readonly never[] = [];
