import { stageAfter } from "../../core/lifecycle.ts";
import type { AutomaticDemotion } from "./demotions.ts";
import { RULE_OPERATOR } from "./operator.ts";
import { type LifecycleOptions, nowOf, settingOf, withRecord } from "./state.ts";
import { writeStage } from "./write_stage.ts";

/** A demotion by a rule, on record. */
export interface RecordedDemotion extends AutomaticDemotion {
  /** Number of its event; undefined where the model was at research already. */
  readonly event?: number;
  /** Whether the configuration says so, too; if not, `deno task models show NAME --mend` writes it. */
  readonly written: boolean;
}

/**
 * Puts demotions by rules on record: database and log first, which alone keeps the models from trading. A session that may
 * not write configurations leaves the file to `mend`.
 */
export async function demoteAutomatically(
  found: readonly AutomaticDemotion[],
  options: LifecycleOptions = {},
): Promise<readonly RecordedDemotion[]> {
  const setting = settingOf(options);
  const recorded: RecordedDemotion[] = [];
  for (const demotion of found) {
    const { model, rule, reason } = demotion;
    const moved = await withRecord(setting, (record) => {
      const from = stageAfter(record!.events(), model);
      if (from === "research") return undefined;
      const [event] = record!.append([{
        at: nowOf(setting),
        model,
        kind: "demoted",
        from_stage: from,
        to_stage: "research",
        operator: RULE_OPERATOR,
        reason,
        details: { rule },
      }]);
      return { from, event: event!.seq };
    }, { make: true });
    if (moved === undefined) {
      recorded.push({ ...demotion, written: true });
      continue;
    }
    const { from, event } = moved;
    const change = { model, from, to: "research" as const, operator: RULE_OPERATOR };
    const written = await writeStage(change, setting).then(() => true, () => false);
    recorded.push({ ...demotion, event, written });
  }
  return recorded;
}
