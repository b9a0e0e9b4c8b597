import { Refusal } from "../../core/errors.ts";
import {
  type GateCheck,
  isBefore,
  type LifecycleDraft,
  type LifecycleEvidence,
  nextStage,
  type Stage,
} from "../../core/lifecycle.ts";
import type { PromotionFacts } from "../../report/lifecycle_page.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { expiryOf, isSamePerson } from "./approvals.ts";
import { changesText } from "./binding.ts";
import { demoteCommand, mendCommand, promoteCommand } from "./commands.ts";
import { lackingOf } from "./gates.ts";
import { liveSettings } from "./live_settings.ts";
import { type Gate, gateTo } from "./next_gate.ts";
import { checkedReason, operatorId } from "./operator.ts";
import {
  type LifecycleOptions,
  type LifecycleSetting,
  type ModelState,
  modelState,
  namedModel,
  nowOf,
  readRecorded,
  settingOf,
  withRecord,
} from "./state.ts";
import { refuseUnwritable, writeStage } from "./write_stage.ts";

/** A step that somebody asks for. */
export interface PromotionRequest extends LifecycleOptions {
  /** `NAME` or `NAME@VERSION`. */
  readonly model: string;
  /** The next stage when absent. */
  readonly to?: Stage;
  readonly operator: string;
  readonly reason: string;
  /** The run that is the evidence for candidate. */
  readonly run?: string;
  /** For live: the broker's own number of the account that may be traded. */
  readonly account?: string;
}

/** What came of it, with the gate that it passed and what it rests on. */
export interface Promotion extends PromotionFacts {
  readonly checks: readonly GateCheck[];
  readonly evidence: LifecycleEvidence;
}

/**
 * Takes down an approval, and moves the model one stage when it was the last one needed: record first, then file. Refuses
 * in one line, which says what would do.
 */
export async function promote(request: PromotionRequest): Promise<Promotion> {
  const setting = settingOf(request);
  const { loaded, name } = await namedModel(request.model, setting);
  const steps = loaded.config.lifecycle.approvals;
  const operator = operatorId(request.operator, steps.operators);
  const reason = checkedReason(request.reason);
  const recorded = await readRecorded(setting);
  const state = await modelState(name, { loaded, recorded, codeOf: setting.codeOf });
  const to = stepTo(state, request, setting);
  refuseWithoutEvidence(to, name, request, setting);
  const { run, account } = request;
  refuseAccountBeside(to, account);
  const gate = await gateTo(to, { state, loaded, recorded, setting, run, account });
  refuseGate(gate, state, request, setting);
  const place = to === "live" ? livePlace(loaded, account) : {};
  refuseTwice(gate, operator, name);
  await refuseUnwritable(name, to, setting);

  const at = nowOf(setting);
  const people = [...gate.approvals.standing.map((event) => event.operator), operator];
  const first = gate.approvals.standing[0]?.at ?? at;
  const expires_at = expiryOf(first, steps.expiry_hours);
  const moves = people.length >= gate.needed;
  const drafts = draftsOf({ gate, state, operator, reason, at, expires_at, people, moves, place });
  const after = recorded.events.at(-1)?.seq ?? 0;
  await withRecord(setting, (record) => void record!.append(drafts, { after }), { make: true });
  refuseExpired(gate, { people, name, to, hours: steps.expiry_hours });
  const { checks, needed } = gate;
  const facts = { model: name, from: state.recorded, to, approved_by: people, needed, expires_at };
  const evidence = gate.evidence!;
  if (!moves) return { ...facts, outcome: "approved", checks, evidence };
  const file = await writeStage({ model: name, from: state.recorded, to, operator }, setting);
  return { ...facts, outcome: "promoted", checks, evidence, file };
}

/** The stage that is asked for, refused unless it is the next one. */
function stepTo(state: ModelState, { to }: PromotionRequest, setting: LifecycleSetting): Stage {
  const { name, recorded, inconsistencies } = state;
  const [odd] = inconsistencies;
  if (odd !== undefined) {
    throw new Refusal(
      `Cannot promote ${name}: ${odd}; mend it with ${mendCommand(name, setting.files)}`,
    );
  }
  const next = nextStage(recorded);
  if (next === undefined) {
    throw new Refusal(`Cannot promote ${name}: it is at ${recorded}, the last stage`);
  }
  const asked = to ?? next;
  if (asked === next) return asked;
  if (!isBefore(recorded, asked)) {
    const way = asked === recorded
      ? "it is there already"
      : `it is at ${recorded}, ${demoteCommand(name, setting.files)} --to ${asked} takes it back`;
    throw new Refusal(`Cannot promote ${name} to ${asked}: ${way}`);
  }
  throw new Refusal(
    `Cannot promote ${name} to ${asked}: it is at ${recorded}, expected the next stage first: ` +
      promoteCommand(name, next, { files: setting.files }),
  );
}

/** Where a model that is promoted to live may trade, and under which settings; empty for other stages. */
type LivePlace = Pick<LifecycleDraft["details"], "account_number" | "settings">;

function refuseAccountBeside(to: Stage, account: string | undefined): void {
  if (to === "live" || account === undefined) return;
  throw new Refusal(`--account: found "${account}", expected none: it belongs to a step to live`);
}

function livePlace(loaded: LoadedPlan, account: string | undefined): LivePlace {
  if (account === undefined || !/^[\w.-]{1,64}$/.test(account)) {
    throw new Refusal(
      `--account: found ${
        account === undefined ? "none" : `"${account}"`
      }, expected the broker's own ` +
        "number of the account that may be traded",
    );
  }
  return { account_number: account, settings: liveSettings(loaded) };
}

function refuseWithoutEvidence(
  to: Stage,
  name: string,
  { run }: PromotionRequest,
  { files }: LifecycleSetting,
): void {
  if (to === "candidate" && run === undefined) {
    throw new Refusal(
      `Cannot promote ${name} to candidate: found no evidence, expected --run RUN, a finished run of ` +
        `it alone (deno task backtest ${[...files, ""].join(" ")}--models ${name}; ` +
        `deno task models show ${name} names the best on record)`,
    );
  }
  if (to !== "candidate" && run !== undefined) {
    throw new Refusal(
      `--run: found "${run}", expected nothing: ${to} rests on the run that made ${name} a candidate`,
    );
  }
}

function refuseGate(
  { to, checks, evidence }: Gate,
  state: ModelState,
  { run }: PromotionRequest,
  { files }: LifecycleSetting,
): void {
  const { name, changes, bound } = state;
  if (changes.length > 0) {
    throw new Refusal(
      `Cannot promote ${name} to ${to}: ${changesText(changes)} (event ${
        bound!.seq
      }); expected the ` +
        `model as promoted, or ${demoteCommand(name, files)} and new evidence`,
    );
  }
  const lacking = lackingOf(checks);
  const [first] = lacking;
  if (first === undefined && evidence !== undefined) return;
  const unsealed = lacking.find(({ found }) => found === "unsealed");
  const { name: what, found, expected } = unsealed ?? first!;
  const rest = lacking.length > 1 ? `, and ${lacking.length - 1} more` : "";
  const flag = run === undefined ? "" : ` --run ${run}`;
  throw new Refusal(
    `Cannot promote ${name} to ${to}: ${what}: found ${found}, expected ${expected}${rest} ` +
      `(deno task models show ${name}${files.map((file) => ` --config ${file}`).join("")}${flag})`,
  );
}

function refuseTwice({ approvals, needed, to }: Gate, operator: string, name: string): void {
  const before = approvals.standing.find((event) => isSamePerson(event.operator, operator));
  if (before === undefined) return;
  throw new Refusal(
    `Cannot promote ${name} to ${to}: ${operator} approved it already at ${before.at}, expected ` +
      `${needed} different people`,
  );
}

/** An approval that came too late stands as the first of a new round, which is not what was asked for. */
function refuseExpired(
  { approvals, needed }: Gate,
  { people, name, to, hours }: {
    readonly people: readonly string[];
    readonly name: string;
    readonly to: Stage;
    readonly hours: number;
  },
): void {
  const late = approvals.expired.at(-1);
  if (late === undefined || people.length >= needed || people.length > 1) return;
  throw new Refusal(
    `Cannot promote ${name} to ${to}: the approval of ${late.operator} at ${late.at} expired after ` +
      `${hours} h; yours is on record as the first of ${needed}, expected another person's within ` +
      `${hours} h`,
  );
}

function draftsOf(
  { gate, state, operator, reason, at, expires_at, people, moves, place }: {
    readonly gate: Gate;
    readonly state: ModelState;
    readonly operator: string;
    readonly reason: string;
    readonly at: string;
    readonly expires_at: string;
    readonly people: readonly string[];
    readonly moves: boolean;
    readonly place: LivePlace;
  },
): readonly LifecycleDraft[] {
  const { checks, evidence } = gate;
  const facts = {
    ...{ at, model: state.name, from_stage: state.recorded, to_stage: gate.to, operator, reason },
  };
  const details = { binding: state.binding, evidence: evidence!, checks, ...place };
  const approved = { ...facts, kind: "approved" as const, details: { ...details, expires_at } };
  if (!moves) return [approved];
  const promoted = { ...facts, kind: "promoted" as const };
  return [approved, { ...promoted, details: { ...details, approved_by: people } }];
}
