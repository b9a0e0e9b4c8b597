import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Adjustment, RiskMode } from "../core/run_record.ts";
import { wakes } from "../models/schedule.ts";
import type { OwnState } from "../models/view.ts";
import { combine, type Matrix, matrix, shareReduction } from "../portfolio/combine.ts";
import type { Ledgers } from "../portfolio/ledger.ts";
import { applyRules } from "../risk/apply_rules.ts";
import { modeRule, nextRiskState } from "../risk/drawdown.ts";
import { capTradeRisk, netDifferences } from "../risk/trade_risk.ts";
import { type DecisionMemory, isDue, keep, readAgain, release, setLegs } from "./memory.ts";
import type { Plan } from "./plan.ts";
import type { Pulse } from "./pulse.ts";
import type { LabelsAt, RegimeSetting, SettingAt } from "./regime_settings.ts";
import type { SeatedModel } from "./setup.ts";

/** What is known at one decision: everything here was available by its time. */
export interface Situation {
  /** Place on the decision clock, and its time. */
  readonly index: number;
  readonly time: Millis;
  readonly nav: number;
  /** Last close per asset known now; NaN before the first. */
  close(asset: number): number;
  /** Last close per asset, and NAV, known at an earlier decision of a model; below 0 its last one before this clock. */
  closeAt(asset: number, index: number, model: number): number;
  navAt(index: number, model: number): number;
  /** Row of the last known bar of the trading timeframe, -1 before the first. */
  knownRow(asset: number): number;
  readonly ledgers: Ledgers;
}

/** One decision, from wishes to targets. The arrays are the decider's own and hold until the next decision. */
export interface Decision {
  /** Wishes as shares of NAV, before risk: budget × weight, per model and asset. */
  readonly wanted: Matrix;
  /** What risk left of each wish. */
  readonly shares: Matrix;
  /** Net targets after risk, per asset. */
  readonly weights: Float64Array;
  adjustments: readonly Adjustment[];
  mode: RiskMode;
  /** Budgets and caps in force. */
  setting: RegimeSetting;
  /** True when any target may differ from the decision before. */
  changed: boolean;
}

/** Decides for one plan and its seated models. */
export interface Decider {
  decide(situation: Situation, memory: DecisionMemory): Decision;
}

/** The decision core: models, budgets, netting, limits. Backtest, paper and live all call this. */
export function decider(
  plan: Plan,
  models: readonly SeatedModel[],
  { settingAt, labelsAt, pulse }: {
    settingAt: SettingAt;
    /** The regime labels at each decision. */
    labelsAt: LabelsAt;
    pulse?: Pulse | undefined;
  },
): Decider {
  const size = plan.assets.length;
  const wanted = matrix(models.length, size);
  const shares = matrix(models.length, size);
  const net = new Float64Array(size);
  const weights = new Float64Array(size);
  const decision: Decision = {
    wanted,
    shares,
    weights,
    adjustments: [],
    mode: "NORMAL",
    setting: settingAt(0),
    changed: false,
  };
  const own = models.map((_, place) => ownState(models, place, decision));
  const watchesDrawdown = plan.risk.drawdown.trigger !== null || plan.risk.drawdown.halt !== null;

  let quietUntil = 0;
  let first = true;
  /** Asks every model, and finds the next decision at which any may answer otherwise. */
  const askAll = (situation: Situation, memory: DecisionMemory): boolean => {
    let moved = false;
    quietUntil = Infinity;
    for (let place = 0; place < models.length; place++) {
      const model = models[place]!;
      pulse?.asking(place);
      own[place]!.look(situation);
      const due = isDueAt(model, situation, labelsAt);
      if (ask(model, place, due, { situation, memory, own: own[place]! })) moved = true;
      if (memory.keptCount[place]! > 0) moved = true;
      const next = moved || model.schedule
        ? situation.index + 1
        : model.proposer.quietUntil(situation.index);
      quietUntil = Math.min(quietUntil, next);
    }
    pulse?.asking(-1);
    return moved;
  };

  return {
    decide(situation, memory) {
      const setting = settingAt(situation.index);
      // The first decision settles everything: a run that goes on from another has targets to find again.
      const resettled = first || setting !== decision.setting;
      first = false;
      decision.setting = setting;
      const quiet = situation.index < quietUntil && memory.stoppedOut === 0;
      const moved = !quiet && askAll(situation, memory);
      const before = memory.risk;
      if (watchesDrawdown) {
        memory.risk = nextRiskState(before, plan.risk.drawdown, situation);
      }
      decision.mode = memory.risk.mode;
      const { rules, perTradeRisk } = setting;
      decision.changed = moved || resettled || before.mode !== memory.risk.mode ||
        perTradeRisk !== null;
      if (!decision.changed) return decision;
      gather(setting.budgets, memory, situation, wanted);
      let limited = wanted;
      let adjustments: readonly Adjustment[] = [];
      if (perTradeRisk !== null) {
        limited = capTradeRisk(wanted, memory.stops, perTradeRisk, situation.close);
        adjustments = netDifferences("per_trade_risk", wanted, limited);
      }
      combine(limited, net);
      weights.set(net);
      const mode = modeRule(memory.risk.mode, plan.risk.drawdown.deriskingFactor);
      const applied = applyRules(weights, mode ? [...rules, mode] : rules);
      decision.adjustments = adjustments.length === 0 ? applied : [...adjustments, ...applied];
      shareReduction(limited, net, weights, shares);
      return decision;
    },
  };
}

interface OwnView extends OwnState {
  look(situation: Situation): void;
}

/** A model's view of its own sub-ledger; shares are of the budget in force. */
function ownState(models: readonly SeatedModel[], model: number, decision: Decision): OwnView {
  const { places } = models[model]!;
  let now: Situation;
  const at = (place: number) => model * now.ledgers.quantity.assets + places[place]!;
  const budget = () => decision.setting.budgets[model]!;
  return {
    look(situation) {
      now = situation;
    },
    weight(place) {
      const quantity = now.ledgers.quantity.values[at(place)]!;
      if (quantity === 0 || budget() === 0) return 0;
      return quantity * now.close(places[place]!) / (budget() * now.nav);
    },
    barsHeld(place) {
      const entry = now.ledgers.entryRow[at(place)]!;
      return entry < 0 ? 0 : Math.max(0, now.knownRow(places[place]!) - entry + 1);
    },
    budget: () => Object.freeze({ fraction: budget(), money: budget() * now.nav }),
  };
}

/** Whether a model decides now: always, on its days, or as long as the labels it named are in force. */
function isDueAt(
  { schedule }: SeatedModel,
  { index, time }: Situation,
  labelsAt: LabelsAt,
): boolean {
  return schedule === undefined || isDue(schedule.days, time) || wakes(schedule, labelsAt(index));
}

/** Asks a model that is due, keeps the wishes of one that is not. True when any wish changed. */
function ask(
  seated: SeatedModel,
  model: number,
  due: boolean,
  { situation, memory, own }: { situation: Situation; memory: DecisionMemory; own: OwnState },
): boolean {
  const { proposer, schedule, places } = seated;
  const { index } = situation;
  if (!due) {
    let kept = memory.reread[model] === 1;
    for (let place = 0; place < places.length; place++) {
      kept = keepWish(seated, model, places[place]!, situation, memory) || kept;
    }
    return kept;
  }
  const answered = proposer.propose(index, own);
  const returns = schedule !== undefined && memory.lastDue[model] !== index - 1;
  const whole = returns || memory.reread[model] === 1;
  const changed = answered || whole;
  if (changed) {
    takeAnswer(seated, model, situation, memory, whole ? undefined : proposer.changedPlaces);
  }
  if (schedule) memory.lastDue[model] = index;
  return changed;
}

/**
 * Makes the model's newest answer its live wishes, at the places that changed or at all; what it could not see for want of
 * data stays as it was.
 */
function takeAnswer(
  seated: SeatedModel,
  model: number,
  situation: Situation,
  memory: DecisionMemory,
  changed?: ArrayLike<number>,
): void {
  const { proposer, places } = seated;
  readAgain(memory, model);
  const count = changed ? changed.length : places.length;
  for (let i = 0; i < count; i++) {
    const place = changed ? changed[i]! : i;
    const asset = places[place]!;
    const at = model * memory.raw.assets + asset;
    const weight = proposer.weights[place]!;
    if (weight !== weight) {
      keepWish(seated, model, asset, situation, memory);
      continue;
    }
    release(memory, model, asset);
    memory.live[at] = 1;
    memory.raw.values[at] = weight;
    const stop = proposer.stops[place]!;
    if (stop === stop) refuseWrongSide(seated, situation, { place, weight, stop });
    const limit = proposer.limits[place]!;
    if (memory.legs > 0 || stop === stop || limit === limit) setLegs(memory, at, { stop, limit });
  }
}

/** A stop protects: below the price of a long, above that of a short. Anything else would sell what it buys. */
function refuseWrongSide(
  { planned, places }: SeatedModel,
  situation: Situation,
  { place, weight, stop }: { place: number; weight: number; stop: number },
): void {
  const price = situation.close(places[place]!);
  const protects = weight > 0 ? stop < price : weight < 0 ? stop > price : true;
  if (protects) return;
  throw new Refusal(
    `${planned.name} at ${formatTime(situation.time)} returned ${stop} as stop of ` +
      `${planned.universe[place]}, expected a price ${weight > 0 ? "below" : "above"} ${price}`,
  );
}

/** Turns a live wish into the quantity it meant when the model was last due; false where there is none. */
function keepWish(
  { schedule }: SeatedModel,
  model: number,
  asset: number,
  situation: Situation,
  memory: DecisionMemory,
): boolean {
  if (memory.live[model * memory.raw.assets + asset] === 0) return false;
  const then = schedule ? memory.lastDue[model]! : situation.index - 1;
  keep(memory, { model, asset }, {
    nav: situation.navAt(then, model),
    close: situation.closeAt(asset, then, model),
  });
  return true;
}

/** Every wish as a share of NAV now: live weights and kept quantities alike by the budget in force. */
function gather(
  budgets: Float64Array,
  memory: DecisionMemory,
  situation: Situation,
  wanted: Matrix,
): void {
  const { models, assets } = memory.raw;
  for (let model = 0; model < models; model++) {
    const budget = budgets[model]!;
    for (let asset = 0; asset < assets; asset++) {
      const at = model * assets + asset;
      const kept = memory.kept.values[at]!;
      wanted.values[at] = memory.live[at] === 1
        ? budget * memory.raw.values[at]!
        : kept === 0
        ? 0
        : budget * kept * situation.close(asset) / situation.nav;
    }
  }
}
