import { openSql, Refusal } from "../lib/mod.ts";
import { json, parseFlags, runTask } from "./shared.ts";

const USAGE = 'deno task sql "select …" [--json]';

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({ json: { type: "boolean" } }, USAGE);
  if (positionals.length !== 1) {
    throw new Refusal(`found ${positionals.length} arguments, expected one; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  // This task runs on the lock file that names the engine.
  const results = await openSql({ engine: "here" });
  const answer = await results.query(positionals[0]!);
  results.close();
  for (const warning of answer.warnings) console.error(`warning: ${warning}`);
  return flags.json ? json(answer) : `${answer}`;
});
