import { DAY_MS } from "../../core/bars.ts";
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
import { simpleReturns } from "../../stats/metrics.ts";
import { pathBand } from "../../stats/path_band.ts";
import type { Config } from "../../config/mod.ts";
import { ledgerMark } from "../trade/model_ledger.ts";
import { pricedFills, recalibrate } from "./recalibrate.ts";
import { type AdviceQuestion, stageAdvice } from "./stage_advice.ts";

/** Goes over a paper account: what was to be expected of it, what its orders cost, and what that says of its models. */
export function reviewOf(
  ladder: Ladder,
  journal: SessionJournal,
  { models, execution, ...question }:
    & { readonly models: readonly Model[]; readonly execution: Config["execution"] }
    & AdviceQuestion,
): PaperReview {
  const shortfall = shortfallRows(ladder, journal);
  const { proposals, yaml } = recalibrate(pricedFills(ladder, journal), { execution });
  return {
    band: bandOf(ladder, models),
    shortfall,
    totals: shortfallTotals(shortfall),
    costs: proposals,
    proposal: yaml,
    drift: driftOf(ladder, journal),
    stages: stagesOf(ladder, question),
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

/** What the account's decisions say about each model that it traded. */
function stagesOf({ closes, plan }: Ladder, question: AdviceQuestion): readonly StageAdvice[] {
  const marks = closes.flatMap(({ decision }) =>
    decision && decision.stateAfter !== ""
      ? [ledgerMark(parseState(decision.stateAfter), decision.decidedAt)]
      : []
  );
  return plan.models.map((model) => stageAdvice(model, marks, question));
}
