import {
  attributionOf,
  attributionPage,
  compareRuns,
  comparisonPage,
  DAY_MS,
  listRuns,
  NothingHeld,
  openRun,
  parseDate,
  Refusal,
  regimePage,
  regimesOf,
  runListTable,
  runSummary,
} from "../lib/mod.ts";
import { json, parseFlags, runTask, shownPath } from "./shared.ts";

const USAGE = "deno task runs list|show|compare|attribution|regimes [RUN…] [--symbol S] [--at D] " +
  "[--experiment E] [--since D] [--until D] [--model M@V] [--json]";

/** What each verb after `list` takes. */
const EXPECTED: Readonly<Record<string, string>> = {
  list: "list without runs",
  show: "show RUN…",
  compare: "compare RUN RUN…",
  attribution: "attribution RUN --symbol S --at D",
  regimes: "regimes RUN",
};

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    symbol: { type: "string" },
    at: { type: "string" },
    experiment: { type: "string" },
    since: { type: "string" },
    until: { type: "string" },
    model: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  const [verb = "", ...ids] = positionals;
  const asJson = flags.json ?? false;
  if (verb === "list" && ids.length === 0) return await list(flags);
  if (verb === "show" && ids.length > 0) return await show(ids, asJson);
  if (verb === "compare" && ids.length > 1) return await compare(ids, asJson);
  if (verb === "regimes" && ids.length === 1) return await regimes(ids[0]!, asJson);
  const { symbol, at } = flags;
  if (verb === "attribution" && ids.length === 1 && symbol !== undefined && at !== undefined) {
    return await attribution(ids[0]!, { symbol, at }, asJson);
  }
  const found = positionals.length === 0 ? "nothing" : `"${positionals.join(" ")}"`;
  const expected = EXPECTED[verb] ?? Object.keys(EXPECTED).join(", ");
  throw new Refusal(`found ${found}, expected ${expected}; usage: ${USAGE}`, { exitCode: 2 });
});

interface ListFlags {
  readonly experiment?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly model?: string | undefined;
  readonly json?: boolean | undefined;
}

async function list({ experiment, since, until, model, json: asJson }: ListFlags) {
  const runs = await listRuns({
    ...(experiment === undefined ? {} : { experiment }),
    ...(since === undefined ? {} : { since: dateOf("--since", since) }),
    // The day itself is included, as with the dates of a run.
    ...(until === undefined ? {} : { until: dateOf("--until", until) + DAY_MS }),
    ...(model === undefined ? {} : { model }),
  });
  if (asJson) return json(runs);
  return runs.length === 0 ? "No runs on record" : runListTable(runs);
}

async function show(ids: readonly string[], asJson: boolean): Promise<string> {
  const runs = await Promise.all(ids.map((id) => openRun(id)));
  if (asJson) {
    const documents = runs.map(({ card, proofs, deflated }) => ({
      ...card,
      proofs,
      deflated: deflated ?? null,
    }));
    return json(documents.length === 1 ? documents[0] : documents);
  }
  return runs.map(({ card, folder, proofs, damagedProofs, quality, deflated }) =>
    runSummary({
      title: `Run ${card.run_id}`,
      card,
      folder: shownPath(folder),
      origin: "stored",
      proofs,
      damagedProofs,
      quality,
      deflated,
    })
  ).join("\n\n");
}

async function compare(ids: readonly string[], asJson: boolean): Promise<string> {
  const { comparison, cards, ...shown } = await compareRuns(ids);
  return asJson ? json(comparison) : comparisonPage(comparison, cards, shown);
}

async function attribution(
  id: string,
  asked: { symbol: string; at: string },
  asJson: boolean,
): Promise<string> {
  const run = await openRun(id);
  const found = await attributionOf(run, asked).catch((error) => {
    if (error instanceof NothingHeld) return error.message;
    throw error;
  });
  if (typeof found === "string") return asJson ? json({ run_id: run.id, nothing: found }) : found;
  return asJson ? json({ run_id: run.id, ...found }) : attributionPage(run.id, found);
}

async function regimes(id: string, asJson: boolean): Promise<string> {
  const run = await openRun(id);
  const states = regimesOf(run);
  if (!asJson) return regimePage(run.id, states);
  return json({ run_id: run.id, regimes: states, notes: run.card.regimes?.notes ?? [] });
}

function dateOf(flag: string, text: string): number {
  try {
    return parseDate(text);
  } catch (error) {
    throw new Refusal(`${flag}: ${(error as Error).message}`, { exitCode: 2 });
  }
}
