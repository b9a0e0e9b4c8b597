import { joinSweeps, Refusal } from "../lib/mod.ts";
import { environmentAddress } from "./redis.ts";
import { abortOnInterrupt, parseFlags, runTask, statusLine } from "./shared.ts";

const USAGE = "deno task worker [--workers N] [--data FOLDER] [--name NAME]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    workers: { type: "string" },
    data: { type: "string" },
    name: { type: "string" },
  }, USAGE);
  if (positionals.length > 0) {
    throw new Refusal(`found "${positionals.join(" ")}", expected flags only; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const { data, name } = flags;
  if (name !== undefined && !/^[\w.-]{1,60}$/.test(name)) {
    throw new Refusal(
      `--name: found "${name}", expected up to 60 letters, digits, ".", "_" and "-"`,
      { exitCode: 2 },
    );
  }
  const status = statusLine();
  const trials = await joinSweeps({
    address: environmentAddress(),
    workers: workersOf(flags.workers),
    ...(data === undefined ? {} : { dataRoot: data }),
    ...(name === undefined ? {} : { name }),
    signal: abortOnInterrupt(),
    onNote: (text) => {
      status.end();
      console.error(text);
    },
    onProgress: ({ name, trials, rate, experiments }) =>
      status.show(
        `${name}: ${experiments.join(", ") || "waiting"}, ${trials} trials, ${
          rate.toFixed(0)
        } a second`,
      ),
  }).finally(status.end);
  return `${trials} trials`;
});

function workersOf(text: string | undefined): number {
  if (text === undefined) return navigator.hardwareConcurrency;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new Refusal(`--workers: found "${text}", expected a whole number from 1 to 99`, {
    exitCode: 2,
  });
}
