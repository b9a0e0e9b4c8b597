import { DAY_MS, openTrading, parityPage, parseDate, Refusal, saveProposal } from "../lib/mod.ts";
import { json, parseFlags, runTask, shownPath } from "./shared.ts";

const USAGE =
  "deno task parity SESSION [--from D] [--until D] [--data DIR] [--config FILE] [--report [--out FILE]] [--propose NAME] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    from: { type: "string" },
    until: { type: "string" },
    data: { type: "string" },
    config: { type: "string", multiple: true },
    report: { type: "boolean" },
    out: { type: "string" },
    propose: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  const [session, ...others] = positionals;
  if (session === undefined || others.length > 0) {
    throw new Refusal(`found ${positionals.length} sessions, expected one; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const trade = await openTrading();
  const report = await trade.parity(session, {
    from: day("--from", flags.from),
    until: dayAfter(day("--until", flags.until)),
    files: flags.config ?? [],
    ...(flags.data === undefined ? {} : { dataRoot: flags.data }),
  });
  const written = flags.report || flags.out !== undefined
    ? await trade.writeParityReport(report, { out: flags.out })
    : undefined;
  const proposed = flags.propose === undefined
    ? undefined
    : await saveProposal(report.review.proposal, { name: flags.propose });
  const page = () =>
    [
      parityPage(report),
      ...(written ? [shownPath(written.file)] : []),
      ...(proposed ? [`Proposed, and applied by nobody: ${shownPath(proposed)}`] : []),
    ].join("\n\n");
  const files = { ...(written ? { report: written } : {}), ...(proposed ? { proposed } : {}) };
  const text = flags.json ? json({ ...report, ...files }) : page();
  if (trade.isExplained(report)) return text;
  console.log(text);
  Deno.exit(3);
});

function day(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDate(text);
  } catch {
    throw new Refusal(`${flag}: found "${text}", expected a date like 2024-11-01`, { exitCode: 2 });
  }
}

/** The last day is part of the range. */
function dayAfter(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time + DAY_MS;
}
