import { Refusal } from "../lib/mod.ts";
import { compareGolden } from "./golden/compare.ts";
import { parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task golden [--repin]";

await runTask(async () => {
  const { values: { repin = false }, positionals } = parseFlags(
    { repin: { type: "boolean" } },
    USAGE,
  );
  if (positionals.length > 0) {
    throw new Refusal(`found "${positionals[0]}"; usage: ${USAGE}`, { exitCode: 2 });
  }
  const { text, moved } = await compareGolden({ repin });
  if (!moved) return text;
  if (repin) return `${text}\n\nPinned as it is now`;
  console.log(text);
  throw new Refusal("Golden runs moved; if that is meant: deno task golden --repin", {
    exitCode: 3,
  });
});
