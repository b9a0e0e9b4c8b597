import { check, Refusal } from "../lib/mod.ts";
import { json, parseFlags, runTask } from "./shared.ts";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    config: { type: "string", multiple: true },
    set: { type: "string", multiple: true },
    json: { type: "boolean" },
  }, "deno task check [CONFIG…] [--set path=value]… [--json]");
  const report = await check([...positionals, ...(flags.config ?? [])], { sets: flags.set ?? [] });
  const lines = report.steps.map(({ name, ok, detail }) =>
    `${ok ? "ok     " : "missing"}  ${name.padEnd(13)}  ${detail}`
  );
  const text = flags.json ? json(report) : [...lines, "", report.ready ? "ready" : ""].join("\n");
  if (report.ready) return text;
  const wrong = report.steps.find(({ ok }) => !ok)!;
  console.log(text.trimEnd());
  throw new Refusal(`Not ready: ${wrong.name}: ${wrong.detail}`);
});
