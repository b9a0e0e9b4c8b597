import {
  demote,
  historyPage,
  isStage,
  lifecycleHistory,
  mend,
  modelPage,
  modelShow,
  modelsList,
  modelsTable,
  openTrading,
  promote,
  promotionPage,
  Refusal,
  type Stage,
  STAGES,
} from "../lib/mod.ts";
import { json, parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task models list|show|promote|demote|history [NAME] [--to STAGE] " +
  "[--operator ID] [--reason TEXT] [--run RUN] [--account NUMBER] [--at D] [--mend] [--config FILE] [--json]";

/** What each verb takes. */
const EXPECTED: Readonly<Record<string, string>> = {
  list: "list without a model",
  show: "show NAME",
  promote: "promote NAME --operator ID --reason TEXT",
  demote: "demote NAME --operator ID --reason TEXT",
  history: "history or history NAME",
};

/** Which flags a verb takes beside `--config` and `--json`. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  list: [],
  show: ["run", "mend"],
  promote: ["to", "operator", "reason", "run", "account"],
  demote: ["to", "operator", "reason"],
  history: ["at"],
};

interface Flags {
  readonly to?: string;
  readonly operator?: string;
  readonly reason?: string;
  readonly run?: string;
  readonly account?: string;
  readonly at?: string;
  readonly mend?: boolean;
  readonly config?: readonly string[];
  readonly json?: boolean;
}

await runTask(async () => {
  const { values, positionals } = parseFlags({
    to: { type: "string" },
    operator: { type: "string" },
    reason: { type: "string" },
    run: { type: "string" },
    account: { type: "string" },
    at: { type: "string" },
    mend: { type: "boolean" },
    config: { type: "string", multiple: true },
    json: { type: "boolean" },
  }, USAGE);
  const flags: Flags = values;
  const [verb = "", name, ...others] = positionals;
  refuseStrange(verb, values);
  if (others.length === 0) {
    if (verb === "list" && name === undefined) return await list(flags);
    if (verb === "history") return await history(name, flags);
    if (name !== undefined) {
      if (verb === "show") return await show(name, flags);
      if (verb === "promote") return await promoted(name, flags);
      if (verb === "demote") return await demoted(name, flags);
    }
  }
  const found = positionals.length === 0 ? "nothing" : `"${positionals.join(" ")}"`;
  throw usage(`found ${found}, expected ${EXPECTED[verb] ?? Object.keys(EXPECTED).join(", ")}`);
});

function usage(message: string): Refusal {
  return new Refusal(`${message}; usage: ${USAGE}`, { exitCode: 2 });
}

function refuseStrange(verb: string, values: Readonly<Record<string, unknown>>): void {
  const known = FLAGS[verb];
  if (known === undefined) return;
  const strange = Object.keys(values).sort()
    .find((flag) => !["config", "json", ...known].includes(flag));
  if (strange !== undefined) throw usage(`--${strange}: found it beside "${verb}", expected none`);
}

async function list({ config = [], json: asJson }: Flags): Promise<string> {
  const models = await modelsList({ files: config });
  return asJson ? json(models) : modelsTable(models);
}

async function show(name: string, flags: Flags): Promise<string> {
  const { config: files = [], run, json: asJson } = flags;
  const mended = flags.mend ? await mend(name, { files }) : undefined;
  const paper = await paperRecords();
  const shown = await modelShow(name, { files, paper, ...(run === undefined ? {} : { run }) });
  if (asJson) return json(mended ? { ...shown, mended } : shown);
  if (mended === undefined) return modelPage(shown);
  const lines = mended.length === 0 ? ["nothing to mend"] : mended.map((line) => `mended: ${line}`);
  return [...lines, "", modelPage(shown)].join("\n");
}

async function promoted(name: string, flags: Flags): Promise<string> {
  const { config: files = [], run, account, json: asJson } = flags;
  const promotion = await promote({
    model: name,
    files,
    paper: await paperRecords(),
    ...stepOf(flags),
    ...(run === undefined ? {} : { run }),
    ...(account === undefined ? {} : { account }),
  });
  return asJson ? json(promotion) : promotionPage(promotion);
}

async function demoted(name: string, flags: Flags): Promise<string> {
  const demotion = await demote({ model: name, files: flags.config ?? [], ...stepOf(flags) });
  if (flags.json) return json(demotion);
  const { model, from, to, file } = demotion;
  return `${model}: ${from} to ${to}, demoted; written to ${file}`;
}

/** What models did on the paper accounts of this project. */
async function paperRecords() {
  return (await openTrading()).paperRecords();
}

/** Who asks for which stage, and why. */
function stepOf({ to, operator, reason }: Flags) {
  if (operator === undefined) throw usage("--operator: found none, expected who you are");
  if (reason === undefined) throw usage("--reason: found none, expected why, in one line");
  return { operator, reason, ...(to === undefined ? {} : { to: stage(to) }) };
}

function stage(text: string): Stage {
  if (isStage(text)) return text;
  throw usage(`--to: found "${text}", expected one of ${STAGES.join(", ")}`);
}

async function history(model: string | undefined, flags: Flags): Promise<string | undefined> {
  const { config: files = [], at } = flags;
  const found = await lifecycleHistory({
    files,
    ...(model === undefined ? {} : { model }),
    ...(at === undefined ? {} : { at }),
  });
  const text = flags.json ? json(found) : historyPage(found);
  if (found.faults.length === 0) return text;
  console.log(text);
  Deno.exit(3);
}
