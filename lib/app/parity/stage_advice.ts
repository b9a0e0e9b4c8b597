import type { LifecycleSettings } from "../../config/mod.ts";
import type { StageAdvice } from "../../core/parity_report.ts";
import type { PlannedModel } from "../../engine/plan.ts";
import { demotions } from "../lifecycle/demotions.ts";
import { lackingOf, liveChecks } from "../lifecycle/gates.ts";
import { deepestDrawdown, ledgerCurve, type LedgerMark } from "../trade/model_ledger.ts";
import { figuresOf } from "../trade/paper_records.ts";

/** What advice is given about, and by which thresholds. */
export interface AdviceQuestion {
  readonly account: string;
  readonly mode: string;
  readonly lifecycle: Pick<LifecycleSettings, "live" | "approvals" | "demotion">;
}

/** What an account's decisions say about a model's stage, by the rules that would take it there. Evidence, not a decision. */
export function stageAdvice(
  { name, version, budgetFraction }: Pick<PlannedModel, "name" | "version" | "budgetFraction">,
  marks: readonly LedgerMark[],
  { account, mode, lifecycle }: AdviceQuestion,
): StageAdvice {
  const model = `${name}@${version}`;
  const counted = marks.filter(({ isRehearsal }) => !isRehearsal);
  const isRehearsal = marks.length > 0 && counted.length === 0;
  const curve = ledgerCurve(isRehearsal ? marks : counted, model, budgetFraction);
  // What else demotes does so in the session, at once; an account's record has only the drawdown.
  const facts = { killSwitch: false, brokerFailures: 0 };
  const own = { model, drawdown: deepestDrawdown(curve) };
  const lost = demotions({ ...facts, models: [own] }, lifecycle.demotion)
    .map(({ reason }) => reason);
  const figures = figuresOf(curve, model);
  const lacking = lackingOf(liveChecks(figures && { account, ...figures }, lifecycle))
    .map(({ name, found, expected }) => `${name}: found ${found}, expected ${expected}`);
  if (isRehearsal) {
    const first = "a rehearsal: nothing here counts as evidence";
    return { model, advice: "keep", reasons: [first, ...lost, ...lacking] };
  }
  if (lost.length > 0) return { model, advice: "demote", reasons: lost };
  if (mode === "live") return { model, advice: "keep", reasons: ["it trades live already"] };
  if (lacking.length > 0) return { model, advice: "keep", reasons: lacking };
  const people = `${lifecycle.approvals.live} people have to approve`;
  return { model, advice: "ready for live", reasons: [`every paper threshold is met; ${people}`] };
}
