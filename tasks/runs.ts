import {
  DAY_MS,
  listRuns,
  openRun,
  parseDate,
  Refusal,
  runListTable,
  runSummary,
} from "../lib/mod.ts";
import { json, parseFlags, runTask, shownPath } from "./shared.ts";

const USAGE = "deno task runs list|show [RUN…] [--experiment E] [--since D] [--until D] " +
  "[--model M@V] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    experiment: { type: "string" },
    since: { type: "string" },
    until: { type: "string" },
    model: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  const [verb, ...ids] = positionals;
  if (verb === "list" && ids.length === 0) return await list(flags);
  if (verb === "show" && ids.length > 0) return await show(ids, flags.json ?? false);
  const found = positionals.length === 0 ? "nothing" : `"${positionals.join(" ")}"`;
  throw new Refusal(`found ${found}, expected list or show RUN; usage: ${USAGE}`, { exitCode: 2 });
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
  if (asJson) return json(runs.length === 1 ? runs[0]!.card : runs.map(({ card }) => card));
  return runs.map(({ card, folder }) =>
    runSummary({
      title: `Run ${card.run_id}`,
      card,
      folder: shownPath(folder),
      origin: "stored",
    })
  ).join("\n\n");
}

function dateOf(flag: string, text: string): number {
  try {
    return parseDate(text);
  } catch (error) {
    throw new Refusal(`${flag}: ${(error as Error).message}`, { exitCode: 2 });
  }
}
