import { Refusal, report } from "../lib/mod.ts";
import { json, parseFlags, runTask, shownPath } from "./shared.ts";

const USAGE = "deno task report RUN… [--out FILE] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    out: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  if (positionals.length === 0) {
    throw new Refusal(`found no run, expected one or more; usage: ${USAGE}`, { exitCode: 2 });
  }
  const { file, bytes } = await report(positionals, {
    ...(flags.out === undefined ? {} : { out: flags.out }),
  });
  if (flags.json) return json({ file, bytes });
  return `${shownPath(file)}, ${(bytes / 1e6).toFixed(2)} MB`;
});
