import { type ChaosReport, playChaos } from "./dev/chaos.ts";
import { Refusal } from "../lib/mod.ts";
import { abortOnInterrupt, json, parseFlags, progressLine, runTask } from "./shared.ts";

const USAGE = "deno task chaos [-n N] [--seed S] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    count: { type: "string", short: "n", default: "200" },
    seed: { type: "string", default: "0" },
    json: { type: "boolean" },
  }, USAGE);
  if (positionals.length > 0) {
    throw new Refusal(`found "${positionals.join(" ")}"; usage: ${USAGE}`, { exitCode: 2 });
  }
  const progress = progressLine("Chaos");
  const report = await playChaos({
    count: wholeNumber("-n", flags.count, 1),
    seed: wholeNumber("--seed", flags.seed, 0),
    onProgress: progress.show,
    signal: abortOnInterrupt(),
  }).finally(progress.end);
  const text = flags.json ? json(report) : page(report);
  if (report.failures.length === 0) return text;
  console.log(text);
  Deno.exit(3);
});

function wholeNumber(flag: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= 1e9) return value;
  throw new Refusal(`${flag}: found "${text}", expected a whole number from ${least} on`, {
    exitCode: 2,
  });
}

function page({ failures, ...report }: ChaosReport): string {
  const { sessions, orders, fills, deaths, quarantined, seconds } = report;
  return [
    `${sessions} sessions in ${seconds} s: ${orders} orders, ${fills} fills, ${deaths} processes died`,
    `${quarantined} sessions ended with something blocked, as somebody else had changed the account`,
    failures.length === 0
      ? "No order was sent twice, no fill lost or made up, every holding is the broker's or blocked"
      : `${failures.length} sessions FAILED`,
    ...failures.flatMap(({ kind, seed, problems, schedule }) => [
      `seed ${seed} (${kind}): ${problems.join("; ")}`,
      `  again: deno task chaos -n 1 --seed ${seed}; the fewest faults that make it fail:`,
      ...schedule.map((fault) => `    ${JSON.stringify(fault)}`),
    ]),
  ].join("\n");
}
