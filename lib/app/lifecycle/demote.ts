import { Refusal } from "../../core/errors.ts";
import { isBefore, type Stage, stageAfter } from "../../core/lifecycle.ts";
import { mendCommand } from "./commands.ts";
import { checkedReason, operatorId } from "./operator.ts";
import {
  type LifecycleOptions,
  namedModel,
  nowOf,
  readRecorded,
  settingOf,
  withRecord,
} from "./state.ts";
import { writeStage } from "./write_stage.ts";

/** A step back that somebody asks for. */
export interface DemotionRequest extends LifecycleOptions {
  readonly model: string;
  /** Research when absent. */
  readonly to?: Stage;
  readonly operator: string;
  readonly reason: string;
}

/** What came of it. */
export interface Demotion {
  readonly model: string;
  readonly from: Stage;
  readonly to: Stage;
  readonly file: string;
}

/** Takes a model back, whatever else is wrong with it: no gate and no approval stands before less risk. */
export async function demote(request: DemotionRequest): Promise<Demotion> {
  const setting = settingOf(request);
  const { loaded, name } = await namedModel(request.model, setting);
  const operator = operatorId(request.operator);
  const reason = checkedReason(request.reason);
  const recorded = await readRecorded(setting);
  // Neither the model's code nor its settings need be in order for this.
  const from = stageAfter(recorded.events, name);
  const configured = loaded.config.models[name]!.lifecycle_stage;
  const to = request.to ?? "research";
  if (!isBefore(to, from)) {
    const mend = configured === from
      ? ""
      : `; the configuration says ${configured}: ${mendCommand(name, setting.files)}`;
    const lower = from === "research" ? "" : ", expected a stage before that";
    throw new Refusal(`Cannot demote ${name} to ${to}: it is at ${from}${lower}${mend}`);
  }
  await withRecord(setting, (record) =>
    void record!.append([{
      at: nowOf(setting),
      model: name,
      kind: "demoted",
      from_stage: from,
      to_stage: to,
      operator,
      reason,
      details: {},
    }]), { make: true });
  const file = await writeStage({ model: name, from, to, operator }, setting);
  return { model: name, from, to, file };
}
