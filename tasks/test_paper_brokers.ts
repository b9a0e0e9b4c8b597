import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { formatTime, parseTime } from "../lib/mod.ts";
import { inProject, outcomeOf, type TestProject } from "./test_project.ts";

/** A task in a process of its own, with keys for a broker on loopback. */
function onBroker(project: TestProject, task: string, env: Readonly<Record<string, string>>) {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${project.folder}deno.json`));
  const [, ...flags] = (tasks[task].command as string).split(" ");
  return async (...args: readonly string[]) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...flags, ...args],
      ...{ cwd: project.folder, env: { NO_COLOR: "1", ...env } },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    return await outcomeOf(child);
  };
}

const faultBrokers = () => import("../lib/execution/faults/test_fault_broker.ts");

type BrokerOptions = Parameters<Awaited<ReturnType<typeof faultBrokers>>["openFaultBroker"]>[0];

/** What a session at each kind of broker trades, on days whose bars are stored. */
const KINDS = {
  alpaca: {
    steps: [
      "2024-11-01T16:00:00Z",
      "2024-11-04T12:00:00Z",
      "2024-11-04T16:00:00Z",
      "2024-11-06T16:00:00Z",
    ],
    prices: { SPY: "571", QQQ: "486" },
    symbolOf: (market: string) => market,
    keys: ["ALPACA_PAPER_KEY_ID", "ALPACA_PAPER_SECRET_KEY"],
    endpoints:
      /^\/v2\/(account(\/activities(\/FILL)?)?|positions|orders(:by_client_order_id|\/[^/]+)?|clock|calendar|assets\/[A-Z]+|stocks\/trades\/latest|stocks\/bars\/latest|stocks\/[A-Z]+\/trades\/latest)$/,
    config: (url: string) => [
      "models:",
      "  EquityTrendModel_v1: { lifecycle_stage: paper }",
      "  IndexMeanReversionModel_v1: { lifecycle_stage: candidate }",
      `brokers: { alpaca: { trading_url: "${url}", data_url: "${url}", timeout_ms: 1000 } }`,
    ],
  },
  binance: {
    steps: [
      "2024-11-04T00:00:00Z",
      "2024-11-04T12:00:00Z",
      "2024-11-11T00:00:00Z",
      "2024-11-18T00:00:00Z",
    ],
    prices: { BTCUSDT: "68000", ETHUSDT: "2450" },
    symbolOf: (market: string) => market.replace("USDT", ""),
    keys: ["BINANCE_DEMO_KEY_ID", "BINANCE_DEMO_SECRET_KEY"],
    endpoints:
      /^\/api\/v3\/(time|exchangeInfo|ticker\/price|ticker\/24hr|account|order|openOrders|allOrders|myTrades)$/,
    config: (url: string) => [
      "models:",
      "  CryptoMomentumModel_v1: { lifecycle_stage: paper }",
      `brokers: { binance: { base_url: "${url}", timeout_ms: 1000 } }`,
    ],
  },
} as const;

type Kind = keyof typeof KINDS;

/** What paper trading and the kill switch promise whoever runs their commands, at a broker of this kind. */
export function brokerContract(kind: Kind): void {
  for (const seed of [1, 2, 3]) {
    Deno.test(`the contract holds on a broker that fails by schedule ${seed} (${kind})`, () =>
      inProject((project) => keepsTheContract(project, kind, seed)));
  }
  Deno.test(`FR-054 kill cancels what a running session has working, and holds it until it is taken back (${kind})`, () =>
    inProject((project) => killsASession(project, kind)));
}

/** A broker of a kind a second after the first step, and the tasks that trade at it and stop that. */
async function openStage(
  project: TestProject,
  kind: Kind,
  { deadlineMs, ...options }: Partial<BrokerOptions> & { readonly deadlineMs: number },
) {
  const { openFaultBroker } = await faultBrokers();
  const { steps, prices, keys: [idName, secretName], config: linesOf } = KINDS[kind];
  const now = parseTime(steps[0]) + 1_000;
  const broker = openFaultBroker({ kind, seed: 1, now, tickMs: 20, prices, ...options });
  const config = `${project.folder}${kind}.yaml`;
  const trading = `{ venue: ${kind}, account: ${kind}, clock: broker, deadline_ms: ${deadlineMs} }`;
  const lines = [...linesOf(broker.url), `trading: ${trading}`, ""];
  await writeFile(config, lines.join("\n"));
  const env = { [idName]: broker.keys.id, [secretName]: broker.keys.secret };
  const paper = onBroker(project, "paper", env);
  return {
    broker,
    config,
    once: (at: string) => paper("--once", "--at", at, "--config", config, "--json"),
    dump: async () => JSON.parse((await paper("--dump", "--json", "--config", config)).stdout),
    kill: onBroker(project, "kill", env),
  };
}

async function keepsTheContract(project: TestProject, kind: Kind, seed: number): Promise<void> {
  const { faultSchedule, USUAL_FAULTS } = await faultBrokers();
  const { steps, prices, symbolOf, endpoints } = KINDS[kind];
  const frequencies = { ...USUAL_FAULTS, slow: 0 };
  const faults = faultSchedule(seed, { requests: 60, frequencies });
  const { broker, once, dump } = await openStage(project, kind, {
    seed,
    faults,
    deadlineMs: 4_000,
  });
  await using _ = broker;
  const problems: string[] = [];
  for (const step of [...steps, steps.at(-1)!]) {
    broker.setTime(Math.max(broker.clock.now(), parseTime(step) + 1_000));
    const { code, stderr } = await once(step);
    if (code !== 0) problems.push(stderr);
    ok(code === 0 || /^error: /.test(stderr), stderr);
    ok(!stderr.includes(broker.keys.secret));
  }
  const asked = new Set(broker.log.map(({ path }) => path.replace(/\?.*/, "")));
  deepStrictEqual([...asked].filter((path) => !endpoints.test(path)), [], "as documented");
  const { blocked: blocks, positions, cash, fills } = await dump();
  const truth = broker.truth();
  deepStrictEqual(Object.values(truth.acceptedByClientId).filter((count) => count !== 1), []);
  const blocked = new Set(blocks.map(({ symbol }: { symbol: string }) => symbol));
  const free = (symbol: string) => !blocked.has("*") && !blocked.has(symbol);
  for (const market of Object.keys(prices).filter((market) => free(symbolOf(market)))) {
    const units = positions[symbolOf(market)] ?? 0;
    strictEqual(Number(units), Number(truth.positions[market] ?? 0), market);
  }
  if (blocked.size === 0) strictEqual(Number(cash), Number(truth.cash));
  const booked = fills.filter(({ symbol }: { symbol: string }) => free(symbol))
    .map(({ trade_id }: { trade_id: string }) => trade_id).sort();
  const done = truth.fills.filter(({ symbol, owner }) => !owner && free(symbolOf(symbol)))
    .map(({ tradeId }) => tradeId).sort();
  deepStrictEqual(booked, done, problems.join("\n"));
  ok(truth.fills.length > 0 || blocked.size > 0, `nothing was traded by ${formatTime(truth.time)}`);
}

async function killsASession(project: TestProject, kind: Kind): Promise<void> {
  const faults = [0, 1].map((at) => ({ on: "order", at, kind: "delayed", ms: 1e9 }) as const);
  const sent = Promise.withResolvers<void>();
  let orders = 0;
  const { broker, once, dump, kill } = await openStage(project, kind, {
    ...{ faults, deadlineMs: 60_000 },
    onRequest({ kind, phase }) {
      if (kind === "submit" && phase === "after" && ++orders === 2) sent.resolve();
    },
  });
  await using _ = broker;
  const [step] = KINDS[kind].steps;
  const running = once(step);
  await Promise.race([sent.promise, running]);
  const on = await kill("on", "--reason", "a look", "--json");
  const session = await running;
  strictEqual(session.code, 0, session.stderr);
  const report = JSON.parse(on.stdout);
  const [account] = report.accounts;
  deepStrictEqual([on.code, report.verified, account.account, account.left], [0, true, kind, []]);
  deepStrictEqual([account.cancelled.length, account.trouble], [2, undefined]);
  strictEqual(JSON.parse(session.stdout).execution.status, "killed");
  strictEqual(JSON.parse((await kill("status", "--json")).stdout).kill, true);
  strictEqual(JSON.parse((await once(step)).stdout).execution.status, "killed");
  strictEqual((await dump()).kill, true);
  deepStrictEqual(broker.truth().orders.map(({ status }) => status), ["canceled", "canceled"]);
  const wrong = await kill("off", "--confirm", "paper", "--json");
  deepStrictEqual([wrong.code, wrong.stdout], [1, ""]);
  const off = await kill("off", "--confirm", kind, "--json");
  deepStrictEqual([off.code, off.stdout], [0, '{\n  "kill": false\n}\n'], off.stderr);
  const later = JSON.parse((await once(step)).stdout);
  strictEqual(later.execution.status, "done");
  const ends = broker.truth().orders.map(({ status }) => status);
  deepStrictEqual(ends, ["canceled", "canceled", "filled", "filled"]);
}
