import { formatTime } from "../../core/clock.ts";
import type { AuditFinding, Certificate, Checkpoint } from "../../core/proofs.ts";
import type { Model } from "../../models/model.ts";
import type { Rehearsable, RunSurroundings } from "../simulate.ts";
import { chooseCheckpoints, type ChosenCheckpoint } from "./checkpoints.ts";
import {
  againFindings,
  type BareFinding,
  type Compared,
  type Comparison,
  featureFindings,
  nothingCompared,
  recordFindings,
  regimeFindings,
  stateFindings,
} from "./compare.ts";
import { featureCuts } from "./feature_cuts.ts";
import { fillRuleFindings } from "./fill_rule.ts";
import { cutFuture, type Future, garbageFuture } from "./futures.ts";
import { type Rehearsal, rehearse } from "./rehearse.ts";

/** How an audit is made. */
export interface AuditOptions extends RunSurroundings {
  /** How many checkpoints, 8 unless said. */
  readonly checkpoints?: number;
}

const CHECKPOINTS = 8;

/**
 * Proves that a run saw no future: from each checkpoint its decisions are made again with all later data cut off, and with
 * garbage in place of every value not yet available. Features and regimes are computed anew from the changed data. All
 * that had happened by then must be the same, bit for bit; and the fills must be what the plan declares.
 */
export function audit(
  run: Rehearsable,
  models: readonly Model[],
  { checkpoints = CHECKPOINTS, ...surroundings }: AuditOptions = {},
): Certificate {
  const { plan } = run.request;
  const compared = nothingCompared();
  const findings: AuditFinding[] = fillRuleFindings(run).map((finding) => ({
    checkpoint: finding.time,
    variant: "rule",
    ...finding,
  }));
  const cuts = featureCuts(run, compared);
  findings.push(...cuts.findings);
  const garbage = garbageFuture(plan.seed);
  const examined = chooseCheckpoints(run, checkpoints).map((chosen) => {
    const result = examine(run, chosen, { models, surroundings, compared, garbage });
    findings.push(...causesFirst(result.findings));
    return result.checkpoint;
  });
  const clean = plan.fill === "same_close" ? "optimistic" : "passed";
  return {
    verdict: findings.length > 0 ? "failed" : clean,
    seed: plan.seed,
    checkpoints: examined,
    feature_cuts: cuts.count,
    compared,
    findings,
  };
}

/** A feature or label that differs explains whatever else does. */
function causesFirst(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const isCause = ({ what }: AuditFinding) => what === "feature" || what === "regime";
  return [...findings.filter(isCause), ...findings.filter((finding) => !isCause(finding))];
}

interface Means {
  readonly models: readonly Model[];
  readonly surroundings: RunSurroundings;
  readonly compared: Compared;
  readonly garbage: Future;
}

function examine(
  run: Rehearsable,
  chosen: ChosenCheckpoint,
  { models, surroundings, compared, garbage }: Means,
): { checkpoint: Checkpoint; findings: AuditFinding[] } {
  const { plan, data, regimes } = run.request;
  // Nothing that was computed ahead: that is what is being examined.
  const request = { plan, data, ...(regimes && { regimes }) };
  const time = run.laid.market.decisionTimes[chosen.index]!;
  const findings: AuditFinding[] = [];
  const note = (variant: AuditFinding["variant"], found: readonly BareFinding[]) => {
    for (const item of found) findings.push({ checkpoint: formatTime(time), variant, ...item });
    return found.length === 0 ? "identical" as const : "different" as const;
  };
  const { cache: _, ...alone } = surroundings;
  const again = failing(() =>
    rehearse(run, request, chosen, models, { ...surroundings, timeline: run.laid.setup.regimes })
  );
  if ("what" in again) note("again", [again]);
  else note("again", againFindings({ run, expected: again }));
  const under = (variant: "cut" | "garbage", future: Future) => {
    if ("what" in again) return "different" as const;
    const found = failing(() => rehearse(run, future(request, time), chosen, models, alone));
    if ("what" in found) return note(variant, [found]);
    const comparison = { run, expected: again, found, compared };
    return note(variant, differences(comparison, variant));
  };
  return {
    checkpoint: {
      time: formatTime(time),
      why: chosen.why,
      decisions: chosen.index - chosen.from + 1,
      cut: under("cut", cutFuture),
      garbage: under("garbage", garbage),
    },
    findings,
  };
}

function differences(comparison: Comparison, variant: "cut" | "garbage"): BareFinding[] {
  const { expected } = comparison;
  const sameClose = comparison.run.request.plan.fill === "same_close";
  // With the data cut off, the next bar is not there to fill anything; of garbage, its open is true.
  const marketFills = variant === "garbage" || sameClose;
  const everyFill = marketFills && !hasLegs(expected);
  // Decisions are counted once, where their fills are looked at, too.
  const counts = variant === "garbage";
  return [
    ...featureFindings(comparison),
    ...regimeFindings(comparison),
    ...recordFindings(comparison, { marketFills, everyFill, counts }),
    ...stateFindings(comparison),
  ];
}

/** Whether a stop or limit was in force at the checkpoint: it looks into the bar that follows, as it should. */
function hasLegs({ state, laid }: Rehearsal): boolean {
  const isPrice = (price: number) => price === price;
  return state?.hadLegs === true ||
    laid.setup.models.some(({ proposer }) =>
      proposer.stops.some(isPrice) || proposer.limits.some(isPrice)
    );
}

/** Whatever fails only because the future is another is a finding like others. */
function failing(work: () => Rehearsal): Rehearsal | BareFinding {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      what: "failure",
      where: "run",
      time: "",
      expected: "a run",
      found: message.split("\n")[0]!,
    };
  }
}
