import {
  anchorLedger,
  ledgerPage,
  Refusal,
  verificationPage,
  verifyLedger,
  verifyNamed,
  verifyReport,
} from "../lib/mod.ts";
import { abortOnInterrupt, json, parseFlags, progressLine, runTask } from "./shared.ts";

const USAGE = "deno task verify RUN|EXPERIMENT|FILE.html|--ledger [--data DIR] " +
  "[--anchor --operator ID --reason TEXT] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    data: { type: "string" },
    ledger: { type: "boolean" },
    anchor: { type: "boolean" },
    operator: { type: "string" },
    reason: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  if (flags.ledger) return await ledger(positionals, flags);
  const anchoring = (["anchor", "operator", "reason"] as const)
    .find((name) => flags[name] !== undefined);
  if (anchoring !== undefined) {
    throw new Refusal(`--${anchoring}: found it without --ledger; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const [run, ...others] = positionals;
  if (run === undefined || others.length > 0) {
    throw new Refusal(
      `found ${positionals.length} runs or experiments, expected one; usage: ${USAGE}`,
      {
        exitCode: 2,
      },
    );
  }
  if (flags.data === "") {
    throw new Refusal('--data: found "", expected a folder', { exitCode: 2 });
  }
  const progress = progressLine("Verify");
  const check = /\.html?$/i.test(run) ? verifyReport : verifyNamed;
  const verification = await check(run, {
    ...(flags.data === undefined ? {} : { dataRoot: flags.data }),
    signal: abortOnInterrupt(),
    onProgress: progress.show,
  }).finally(progress.end);
  const text = flags.json ? json(verification) : verificationPage(verification);
  if (verification.verdict === "equal") return text;
  console.log(text);
  Deno.exit(3);
});

interface LedgerFlags {
  readonly data?: string;
  readonly anchor?: boolean;
  readonly operator?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

async function ledger(runs: readonly string[], flags: LedgerFlags): Promise<string> {
  const [run] = flags.data === undefined ? runs : ["--data"];
  if (run !== undefined) {
    throw new Refusal(`--ledger: found "${run}" beside it, expected nothing; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const anchor = anchorOf(flags);
  const verification = anchor ? await anchorLedger(anchor) : await verifyLedger();
  const text = flags.json ? json(verification) : ledgerPage(verification);
  if (verification.verdict === "intact") return text;
  console.log(text);
  Deno.exit(3);
}

/** Who writes a lost head down again, and why: nobody does it without a word. */
function anchorOf({ anchor = false, operator = "", reason = "" }: LedgerFlags) {
  if (anchor && operator.trim() !== "" && reason.trim() !== "") {
    return { operator: operator.trim(), reason: reason.trim() };
  }
  if (!anchor && operator === "" && reason === "") return undefined;
  throw new Refusal(
    `--anchor: expected it with --operator ID and --reason TEXT; usage: ${USAGE}`,
    { exitCode: 2 },
  );
}
