import { abortOnInterrupt, commaList, json, parseFlags, progressLine, runTask } from "./shared.ts";
import { type LoadedPlan, openTrading, Refusal } from "../lib/mod.ts";

const USAGE = "deno task paper [CONFIG…] [--config FILE] [--once] [--at ISO] " +
  "[--from D --until D] [--status] [--dump] [--accept-drift | --resume-halt --operator ID " +
  "--reason TEXT] [--models A,B] [--set path=value]… [--json]";

const FLAGS = {
  config: { type: "string", multiple: true },
  set: { type: "string", multiple: true },
  models: { type: "string" },
  once: { type: "boolean" },
  at: { type: "string" },
  from: { type: "string" },
  until: { type: "string" },
  status: { type: "boolean" },
  dump: { type: "boolean" },
  "accept-drift": { type: "boolean" },
  "resume-halt": { type: "boolean" },
  operator: { type: "string" },
  reason: { type: "string" },
  json: { type: "boolean" },
} as const;

await runTask(async () => {
  const { values: flags, positionals } = parseFlags(FLAGS, USAGE);
  const trade = await openTrading();
  const loaded = await trade.loadPaperPlan([...positionals, ...flags.config ?? []], {
    sets: flags.set ?? [],
    models: commaList("--models", flags.models) ?? [],
  });
  const at = flags.at === undefined ? undefined : trade.momentOf("--at", flags.at);
  const places = { environment: (name: string) => Deno.env.get(name), at };
  const shown = (value: unknown, page: () => string) => flags.json ? json(value) : page();
  refuseTogether(flags);
  if (flags.dump) {
    return json((await trade.lookAt(loaded, places))?.dump ?? trade.EMPTY_DUMP);
  }
  if (flags.status) {
    const { peek, ...more } = await trade.showStatus(loaded, places);
    return shown({ ...peek.status, ...more }, () => trade.statusPage(peek, more));
  }
  if (flags["accept-drift"]) {
    const differences = await trade.acceptDrift(loaded, auditOf(flags), places);
    return shown({ accepted: differences }, () => acceptedPage(differences));
  }
  if (flags["resume-halt"]) {
    const status = await trade.resumeHalt(loaded, auditOf(flags), places);
    return shown(status, () => `The halt is over; the peak is NAV, ${status.nav}`);
  }
  const signal = abortOnInterrupt();
  if (flags.from !== undefined || flags.until !== undefined) {
    return await replay(loaded, flags, signal);
  }
  if (flags.once || at !== undefined) {
    const report = await trade.tradeOnce(loaded, { ...places, signal });
    return shown(report, () => trade.visitPage(report));
  }
  const counts = await trade.runPaper(loaded, { ...places, signal });
  return shown(
    counts,
    () => `Ended after ${counts.decisions} decisions, ${counts.missed} closes missed`,
  );
});

async function replay(
  loaded: LoadedPlan,
  { from, until, json: asJson }: { from?: string; until?: string; json?: boolean },
  signal: AbortSignal,
): Promise<string> {
  if (from === undefined || until === undefined) {
    throw new Refusal(`--from and --until go together; usage: ${USAGE}`, { exitCode: 2 });
  }
  const trade = await openTrading();
  const progress = progressLine("Replay");
  const report = await trade.replayPaper(loaded, trade.replayRange(from, until), {
    signal,
    onProgress: progress.show,
  }).finally(progress.end);
  return asJson ? json(report) : trade.replayPage(report);
}

function auditOf({ operator, reason }: { operator?: string; reason?: string }) {
  if (operator && reason) return { operator, reason };
  throw new Refusal(`found no --operator and --reason, expected both; usage: ${USAGE}`, {
    exitCode: 2,
  });
}

function refuseTogether(flags: Readonly<Record<string, unknown>>): void {
  const verbs = ["once", "status", "dump", "accept-drift", "resume-halt", "from"];
  const given = verbs.filter((verb) => flags[verb] !== undefined);
  if (given.length < 2) return;
  throw new Refusal(
    `found ${
      given.map((verb) => `--${verb}`).join(" and ")
    }, expected one of them; usage: ${USAGE}`,
    { exitCode: 2 },
  );
}

function acceptedPage(
  differences: readonly { symbol: string; expected: string; found: string }[],
): string {
  if (differences.length === 0) return "Ledger and venue agree: nothing had to be accepted";
  return differences.map(({ symbol, expected, found }) =>
    `${symbol === "*" ? "cash" : symbol}: ${found} is taken over, ${expected} was expected`
  ).join("\n");
}
