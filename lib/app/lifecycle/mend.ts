import { RULE_OPERATOR } from "./operator.ts";
import {
  type LifecycleOptions,
  modelState,
  namedModel,
  readRecorded,
  settingOf,
  withRecord,
} from "./state.ts";
import { writeStage } from "./write_stage.ts";

/**
 * Brings record and configuration of a model together again: the record is made whole first, then the file says what the
 * record says. One line for each thing that was mended; none when all was well.
 */
export async function mend(
  model: string,
  options: LifecycleOptions = {},
): Promise<readonly string[]> {
  const setting = settingOf(options);
  const { loaded, name } = await namedModel(model, setting);
  const mended = await withRecord(setting, (record) => record?.mend() ?? []);
  const recorded = await readRecorded(setting);
  const state = await modelState(name, { loaded, recorded, codeOf: setting.codeOf });
  const { configured, recorded: stage } = state;
  if (configured === stage) return mended;
  const change = { model: name, from: configured, to: stage, operator: RULE_OPERATOR };
  const file = await writeStage(change, setting);
  return [...mended, `${file} said ${configured} of ${name}, it says ${stage} now`];
}
