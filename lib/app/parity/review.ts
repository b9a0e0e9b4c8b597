import { DAY_MS, type Millis } from "../../core/bars.ts";
import type {
  ExpectationBand,
  PaperReview,
  ParityInstance,
  StageAdvice,
} from "../../core/parity_report.ts";
import { seededRandom } from "../../core/random.ts";
import {
  type Ladder,
  type SessionJournal,
  shortfallRows,
  shortfallTotals,
} from "../../engine/parity/mod.ts";
import { simulate } from "../../engine/simulate.ts";
import { NothingWarm } from "../../engine/setup.ts";
import { parseState } from "../../engine/trading/mod.ts";
import type { Model } from "../../models/model.ts";
import { stationaryBlockLength } from "../../stats/block_length.ts";
import { dailyMarks } from "../../stats/monthly.ts";
import { maxDrawdown } from "../../stats/drawdown.ts";
import { sharpe, simpleReturns } from "../../stats/metrics.ts";
import { pathBand } from "../../stats/path_band.ts";

/** Goes over a paper account: what was to be expected of it, what its orders cost, and what that says of its models. */
export function reviewOf(
  ladder: Ladder,
  journal: SessionJournal,
  { models }: { readonly models: readonly Model[] },
): PaperReview {
  const shortfall = shortfallRows(ladder, journal);
  return {
    band: bandOf(ladder, models),
    shortfall,
    totals: shortfallTotals(shortfall),
    drift: driftOf(ladder, journal),
    stages: stagesOf(ladder, shortfall.length),
  };
}

/** Fewer days of backtest before the session tell nothing about what it should have brought. */
const LEAST_HISTORY_DAYS = 60;
const LEVELS = [0.05, 0.5, 0.95] as const;

/** Quantiles of the account, had its days been drawn from the backtest's days before the session. */
function bandOf(
  { plan, data, opening, closing }: Ladder,
  models: readonly Model[],
): ExpectationBand | undefined {
  const start = Math.floor(opening.time / DAY_MS) * DAY_MS;
  const history = { ...plan, end: start, initialNav: Number(opening.nav) };
  if (start - plan.start < LEAST_HISTORY_DAYS * DAY_MS) return undefined;
  const returns = dailyReturns(history, { data, models });
  if (!returns || returns.length < LEAST_HISTORY_DAYS) return undefined;
  const days = Math.max(1, Math.round((closing.time - opening.time) / DAY_MS));
  const blockLength = Math.max(1, stationaryBlockLength(returns) ?? 1);
  const random = seededRandom(plan.seed).fork("expectation");
  const { levels, growths } = pathBand(returns, { days, random, blockLength, levels: LEVELS });
  const nav = Number(opening.nav);
  const money = (growth: Float64Array) => [...growth].map((value) => value * nav);
  const reached = Number(closing.nav) / nav;
  return {
    times: Array.from(
      { length: days + 1 },
      (_, day) => Math.min(closing.time, opening.time + day * DAY_MS),
    ),
    ...{ low: money(levels[0]!), middle: money(levels[1]!), high: money(levels[2]!) },
    rank: growths.filter((growth) => growth < reached).length / growths.length,
    ...{ days, blockLength },
  };
}

function dailyReturns(
  plan: Ladder["plan"],
  { data, models }: { readonly data: Ladder["data"]; readonly models: readonly Model[] },
): Float64Array | undefined {
  try {
    const { markTimes, nav } = simulate({ plan, data: data.assets, regimes: data.regimes }, models);
    return simpleReturns(dailyMarks(markTimes, nav).nav);
  } catch (error) {
    if (error instanceof NothingWarm) return undefined;
    throw error;
  }
}

function driftOf(
  { opening, closing }: Ladder,
  { events }: SessionJournal,
): readonly ParityInstance[] {
  return events.filter(({ time }) => opening.time <= time && time <= closing.time)
    .flatMap(({ time, event }): readonly ParityInstance[] => {
      if (event.kind === "blocked") {
        return [{
          time,
          text: `${nameOf(event.symbol)} blocked (${event.block}): ${event.reason}`,
        }];
      }
      if (event.kind === "unblocked") {
        return [{ time, text: `${nameOf(event.symbol)} freed: ${event.reason}` }];
      }
      if (event.kind !== "adopted") return [];
      return [{ time, text: `accepted by ${event.operator}: ${event.reason}` }];
    });
}

function nameOf(symbol: string): string {
  return symbol === "*" ? "the account" : symbol;
}

/** Thresholds of the specification, section 4: paper to live, and automatic demotion. */
const LIVE = { days: 30, trades: 10, sharpe: 0.8, drawdown: 0.3 } as const;
const DEMOTED_AT_DRAWDOWN = 0.15;

/** What the record of the account, and each model's own part of it, says about the next stage. Evidence, not a decision. */
function stagesOf(
  { closes, plan, opening, closing }: Ladder,
  trades: number,
): readonly StageAdvice[] {
  const decided = closes.flatMap(({ time, decision }) => decision ? [{ time, decision }] : []);
  const nav = Float64Array.from(decided, ({ decision }) => Number(decision.nav));
  const times = Float64Array.from(decided, ({ time }) => time);
  const daily = simpleReturns(dailyMarks(times, nav).nav);
  const days = (closing.time - opening.time) / DAY_MS;
  const ratio = sharpe(daily, { periodsPerYear: 365 });
  const drawdown = maxDrawdown(nav) ?? 0;
  const last = decided.at(-1)?.decision;
  const isRehearsal = last !== undefined && parseState(last.stateAfter).newest.isRehearsal === true;
  const lacking = [
    ...(isRehearsal ? ["a rehearsal: nothing here counts as evidence"] : []),
    ...(days < LIVE.days ? [`${Math.floor(days)} of ${LIVE.days} days`] : []),
    ...(trades < LIVE.trades ? [`${trades} of ${LIVE.trades} trades`] : []),
    ...(ratio === null || ratio < LIVE.sharpe
      ? [`Sharpe ${ratio?.toFixed(2) ?? "–"}, expected ${LIVE.sharpe} or more`]
      : []),
    ...(drawdown > LIVE.drawdown
      ? [`drawdown ${percent(drawdown)}, expected ${percent(LIVE.drawdown)} or less`]
      : []),
  ];
  return plan.models.map(({ name, version, budgetFraction }, place): StageAdvice => {
    const own = ownDrawdown(decided, { place, budgetFraction, assets: plan.assets.length });
    const model = `${name}@${version}`;
    if (own > DEMOTED_AT_DRAWDOWN) {
      return {
        model,
        advice: "demote",
        reasons: [`own drawdown ${percent(own)}, expected ${percent(DEMOTED_AT_DRAWDOWN)} or less`],
      };
    }
    if (lacking.length > 0) return { model, advice: "keep", reasons: lacking };
    return {
      model,
      advice: "ready for live",
      reasons: ["every paper threshold is met; two people have to approve"],
    };
  });
}

/** Deepest fall of a model's own sub-ledger, as a share of the money it had for use. */
function ownDrawdown(
  decided: readonly {
    readonly time: Millis;
    readonly decision: { readonly stateAfter: string; readonly nav: string };
  }[],
  { place, budgetFraction, assets }: {
    readonly place: number;
    readonly budgetFraction: number;
    readonly assets: number;
  },
): number {
  let peak = 0;
  let deepest = 0;
  for (const { decision } of decided) {
    const { ledgers, newest } = parseState(decision.stateAfter);
    let worth = ledgers.cash[place] ?? 0;
    for (let asset = 0; asset < assets; asset++) {
      const units = ledgers.quantity[place * assets + asset] ?? 0;
      if (units !== 0) worth += units * newest.prices[asset]!;
    }
    peak = Math.max(peak, worth);
    const money = budgetFraction * Number(decision.nav);
    if (money > 0) deepest = Math.max(deepest, (peak - worth) / money);
  }
  return deepest;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
