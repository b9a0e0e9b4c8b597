import {
  ledgerPage,
  openTrading,
  Refusal,
  verificationPage,
  verify,
  verifyLedger,
  verifyReport,
} from "../lib/mod.ts";
import { abortOnInterrupt, json, parseFlags, progressLine, runTask } from "./shared.ts";

const USAGE = "deno task verify RUN|FILE.html|--ledger|--account A [--data DIR] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    data: { type: "string" },
    ledger: { type: "boolean" },
    account: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  if (flags.account !== undefined) return await account(flags.account, positionals, flags.json);
  if (flags.ledger) return await ledger(positionals, flags);
  const [run, ...others] = positionals;
  if (run === undefined || others.length > 0) {
    throw new Refusal(`found ${positionals.length} runs, expected one; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  if (flags.data === "") {
    throw new Refusal('--data: found "", expected a folder', { exitCode: 2 });
  }
  const progress = progressLine("Verify");
  const check = /\.html?$/i.test(run) ? verifyReport : verify;
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

async function account(
  name: string,
  runs: readonly string[],
  asJson: boolean | undefined,
): Promise<string> {
  if (runs.length > 0) {
    throw new Refusal(
      `--account: found "${runs[0]}" beside it, expected nothing; usage: ${USAGE}`,
      {
        exitCode: 2,
      },
    );
  }
  const trade = await openTrading();
  const verdict = await trade.verifyAccountState(name);
  const text = asJson
    ? json({ account: name, ...verdict })
    : trade.accountVerdictPage(name, verdict);
  if (verdict.ok) return text;
  console.log(text);
  Deno.exit(3);
}

async function ledger(
  runs: readonly string[],
  { data, json: asJson }: { readonly data?: string; readonly json?: boolean },
): Promise<string> {
  const [run] = data === undefined ? runs : ["--data"];
  if (run !== undefined) {
    throw new Refusal(`--ledger: found "${run}" beside it, expected nothing; usage: ${USAGE}`, {
      exitCode: 2,
    });
  }
  const verification = await verifyLedger();
  const text = asJson ? json(verification) : ledgerPage(verification);
  if (verification.verdict === "intact") return text;
  console.log(text);
  Deno.exit(3);
}
