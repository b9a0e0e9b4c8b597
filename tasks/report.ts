import { Refusal, report, saveCharts } from "../lib/mod.ts";
import { json, parseFlags, runTask, shownPath } from "./shared.ts";

const USAGE = "deno task report RUN… | EXPERIMENT [--out FILE] [--json] | RUN --charts FOLDER";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    out: { type: "string" },
    charts: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  if (positionals.length === 0) {
    throw new Refusal(`found no run, expected one or more; usage: ${USAGE}`, { exitCode: 2 });
  }
  if (flags.charts !== undefined) return await pictures(positionals, flags.charts, flags.json);
  const { file, bytes, note } = await report(positionals, {
    ...(flags.out === undefined ? {} : { out: flags.out }),
  });
  if (note !== undefined) console.error(note);
  if (flags.json) return json({ file, bytes });
  return `${shownPath(file)}, ${(bytes / 1e6).toFixed(2)} MB`;
});

/** The charts of one run as files; what it cannot have is told beside. */
async function pictures(runs: readonly string[], folder: string, asJson = false): Promise<string> {
  if (runs.length > 1 || folder === "") {
    const found = runs.length > 1 ? `${runs.length} runs` : 'the folder ""';
    throw new Refusal(`--charts: found ${found}, expected one run and a folder; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const { files, left } = await saveCharts(runs[0]!, folder);
  if (asJson) return json({ files, left });
  return [
    ...files.map(shownPath),
    ...left.map(({ name, why }) => `${name} was left out: ${why}`),
  ].join("\n");
}
