import { withStage } from "../../config/mod.ts";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { Stage } from "../../core/lifecycle.ts";
import { type LifecycleSetting, nowOf, stagePlace, withRecord } from "./state.ts";

/** A stage on its way into a file. */
export interface StageChange {
  readonly model: string;
  readonly from: Stage;
  readonly to: Stage;
  readonly operator: string;
}

/**
 * Writes a stage that is on record into the configuration, then that this was done. Comes after the record, so that a
 * crash between the two leaves a model that nobody runs and that `mend` completes. The name of the file.
 */
export async function writeStage(change: StageChange, setting: LifecycleSetting): Promise<string> {
  const { model, from, to, operator } = change;
  const place = await stagePlace(model, setting);
  const text = withStage(place, model, to);
  if (text !== place.text) await writeFileAtomically(place.path, new TextEncoder().encode(text));
  await withRecord(setting, (record) => {
    record!.append([{
      at: nowOf(setting),
      model,
      kind: "written",
      from_stage: from,
      to_stage: to,
      operator,
      reason: `lifecycle_stage: ${to}`,
      details: { file: place.name },
    }]);
  }, { make: true });
  return place.name;
}

/** Refuses while nothing is changed yet when the file leaves no safe place for another stage. */
export async function refuseUnwritable(
  model: string,
  to: Stage,
  setting: LifecycleSetting,
): Promise<void> {
  withStage(await stagePlace(model, setting), model, to);
}
