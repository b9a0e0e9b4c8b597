import { audit, certificatePage, examineLeaks, leakTable, Refusal } from "../lib/mod.ts";
import { abortOnInterrupt, json, parseFlags, progressLine, runTask } from "./shared.ts";

const USAGE = "deno task audit [RUN|CONFIG… | --corpus] [--data DIR] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    corpus: { type: "boolean" },
    data: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  if (flags.corpus) {
    if (positionals.length > 0) {
      throw new Refusal(`found "${positionals[0]}" beside --corpus; usage: ${USAGE}`, {
        exitCode: 2,
      });
    }
    const results = await examineLeaks();
    const good = results.every(({ caught, falseAlarm }) => caught && !falseAlarm);
    return finish(flags.json ? json(results) : leakTable(results), good);
  }
  if (flags.data === "") {
    throw new Refusal('--data: found "", expected a folder', { exitCode: 2 });
  }
  const progress = progressLine("Audit");
  const { run, certificate } = await audit(
    positionals.length === 1 ? positionals[0]! : positionals,
    {
      ...(flags.data === undefined ? {} : { dataRoot: flags.data }),
      signal: abortOnInterrupt(),
      onProgress: progress.show,
    },
  ).finally(progress.end);
  const text = flags.json
    ? json({ run_id: run.id, ...certificate })
    : `Run ${run.id}\n\n${certificatePage(certificate)}`;
  return finish(text, certificate.verdict !== "failed");
});

/** What a check prints either way; one that found something ends with code 3. */
function finish(text: string, good: boolean): string {
  if (good) return text;
  console.log(text);
  Deno.exit(3);
}
