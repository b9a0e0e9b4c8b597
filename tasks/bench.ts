import { type Group, GROUPS } from "./bench/lines.ts";
import {
  backtestProcess,
  backtestStages,
  filesRead,
  lineInProcess,
  sweeps,
} from "./bench/processes.ts";
import { overRedis } from "./bench/redis.ts";
import { benchDocument, benchTable, linesOf, type Measured } from "./bench/table.ts";
import { Refusal } from "../lib/mod.ts";
import { json, parseFlags, progressLine, runTask } from "./shared.ts";

const USAGE = `deno task bench [${Object.keys(GROUPS).join("|")}]… [--quick] [--json]`;

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    quick: { type: "boolean" },
    json: { type: "boolean" },
  }, USAGE);
  const groups = groupsOf(positionals);
  const quick = flags.quick ?? false;
  const measured = await measureAll(groups, { quick });
  if (!flags.json) return benchTable(groups, measured);
  const { os, arch } = Deno.build;
  const machine = { os, arch, cores: navigator.hardwareConcurrency, deno: Deno.version.deno };
  return json({ machine, quick, lines: benchDocument(groups, measured) });
});

function groupsOf(words: readonly string[]): readonly Group[] {
  const stranger = words.find((word) => !(word in GROUPS));
  if (stranger !== undefined) {
    throw new Refusal(`No group "${stranger}"; usage: ${USAGE}`, { exitCode: 2 });
  }
  const known = Object.keys(GROUPS) as Group[];
  return words.length === 0 ? known : known.filter((group) => words.includes(group));
}

/** Measures what is asked for, one thing at a time. */
async function measureAll(
  groups: readonly Group[],
  { quick }: { quick: boolean },
): Promise<Measured> {
  const runs = quick ? 3 : 9;
  const progress = progressLine("Bench");
  const measured: Record<string, readonly number[]> = {};
  try {
    for (const [place, group] of groups.entries()) {
      progress.show(place, groups.length);
      if (group === "process") Object.assign(measured, await backtestProcess(runs));
      else if (group === "stages") Object.assign(measured, await backtestStages(runs));
      else if (group === "sweep") Object.assign(measured, await sweeps(runs));
      else if (group === "redis") Object.assign(measured, await overRedis(Math.min(runs, 5)));
      else if (group === "files") measured.files = await filesRead(runs);
      else {
        for (const { id } of linesOf([group])) measured[id] = await lineInProcess(id, { quick });
      }
    }
  } finally {
    progress.end();
  }
  return measured;
}
