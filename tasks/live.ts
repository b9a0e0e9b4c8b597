import { loadPlan, openTrading, Refusal } from "../lib/mod.ts";
import { abortOnInterrupt, json, parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task live [CONFIG…] [--config FILE] --confirm ACCOUNT --max-notional N " +
  "[--once] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    config: { type: "string", multiple: true },
    confirm: { type: "string" },
    "max-notional": { type: "string" },
    once: { type: "boolean" },
    json: { type: "boolean" },
  }, USAGE);
  const { confirm, "max-notional": maxNotional } = flags;
  if (confirm === undefined || maxNotional === undefined) {
    throw new Refusal(`expected --confirm and --max-notional; usage: ${USAGE}`, { exitCode: 2 });
  }
  if (!/^\d+(?:\.\d+)?$/.test(maxNotional)) {
    throw new Refusal(`--max-notional: found "${maxNotional}", expected money`, { exitCode: 2 });
  }
  const trade = await openTrading();
  const loaded = await loadPlan([...positionals, ...flags.config ?? []]);
  const pass = await trade.allowLive(loaded, { confirm, maxNotional: Number(maxNotional) });
  const options = {
    ...{ ...pass, mode: "live", environment: (name: string) => Deno.env.get(name) } as const,
    signal: abortOnInterrupt(),
  };
  if (flags.once) {
    const report = await trade.tradeOnce(loaded, options);
    return flags.json ? json(report) : trade.visitPage(report);
  }
  const counts = await trade.runPaper(loaded, options);
  return flags.json
    ? json(counts)
    : `Ended after ${counts.decisions} decisions, ${counts.missed} closes missed`;
});
