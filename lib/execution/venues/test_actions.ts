/** Dividends and splits at Alpaca, for a process that has its library: see libraries_test.ts. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { DAY_MS } from "../../core/bars.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { type Account, openAccount, stateFile } from "../account/account.ts";
import { openState } from "../account/state_database.ts";
import { verifyAccount } from "../account/verify.ts";
import type { BrokerFault, FaultBroker } from "../faults/test_fault_broker.ts";
import type { AlpacaVenue } from "./alpaca.ts";
import { alpacaOn, brokerOf, START } from "./test_venues.ts";

type Row = Readonly<Record<string, string>>;

interface Stage {
  readonly broker: FaultBroker;
  readonly venue: AlpacaVenue;
  /** Starts on the state that the start before left, and recovers. */
  readonly start: () => Promise<{ readonly account: Account; readonly blocked: readonly string[] }>;
  /** What dividends and splits were booked with, oldest first. */
  readonly booked: () => Promise<readonly string[]>;
  /** What the broker makes of its activities but fills; a number is a status without any. */
  tells: (rows: readonly Row[]) => readonly Row[] | number;
}

/** A broker at which 100 shares were bought a day ago for 10,000, and 90,000 are left. */
async function inStage(
  proof: (stage: Stage) => Promise<void>,
  faults: readonly BrokerFault[] = [],
): Promise<void> {
  await using broker = brokerOf("alpaca", { faults });
  await inTestFolder(async (folder) => {
    let account: Account | undefined;
    const stage: Stage = {
      broker,
      venue: alpacaOn(broker, { fetch: (input, init) => told(stage, input, init) }),
      tells: (rows) => rows,
      async start() {
        await account?.close();
        account = await openAccount({
          ...{ folder: `${folder}state`, account: "main", venue: stage.venue, symbols: ["SPY"] },
          ...{ clock: broker.clock, sleep: broker.sleep, journal: { write: () => {} } },
        });
        const { blocked } = await account.recover();
        return { account, blocked: blocked.map(({ symbol }) => symbol) };
      },
      booked: () => bookedIn(stateFile(`${folder}state`, "main"), broker),
    };
    try {
      const first = await stage.start();
      await first.account.execute({ barCloseTime: START, ...HASHES, weights: { SPY: 0.1 } });
      deepStrictEqual(first.account.dump().positions, { SPY: "100" });
      broker.advance(DAY_MS);
      await proof(stage);
      strictEqual((await verifyAccount(stateFile(`${folder}state`, "main"))).ok, true);
    } finally {
      await account?.close();
    }
  });
}

const HASHES = { configHash: "c", codeHash: "d", inputsHash: "i" };

async function told(
  { broker, tells }: Stage,
  ...asked: Parameters<typeof fetch>
): Promise<Response> {
  const response = await broker.fetch(...asked);
  if (!String(asked[0]).includes("activity_types=")) return response;
  const answer = tells(await response.json());
  if (typeof answer === "number") return new Response("{}", { status: answer });
  return new Response(JSON.stringify(answer));
}

async function bookedIn(file: string, { clock }: FaultBroker): Promise<readonly string[]> {
  const state = await openState(file, { clock });
  const events = state.eventsSince(0).map(({ event }) => event);
  state.close();
  return events.flatMap((event) =>
    event.kind === "corporate_action"
      ? [`${event.action} ${event.symbol} ${event.cash} ${event.units}`]
      : []
  );
}

const SPLIT = ["split SPY 0 400", "split SPY 0 -100"];

for (
  const [how, faults] of [
    ["as they are", []],
    ["twice and turned about", [
      { on: "fills", at: 0, times: 1e6, kind: "duplicated", row: 1 },
      { on: "fills", at: 0, times: 1e6, kind: "shuffled" },
    ]],
  ] as const
) {
  Deno.test(`FR-038 dividends, taxes on them and splits at Alpaca are booked once each and block nothing, told ${how}`, () =>
    inStage(async ({ broker, start, booked }) => {
      broker.dividend("SPY", "1.5", "0.15");
      broker.advance(DAY_MS);
      broker.split("SPY", 4);
      const expected = ["dividend SPY 150 0", "dividend SPY -22.5 0", ...SPLIT];
      for (let starts = 0; starts < 2; starts++) {
        const { account, blocked } = await start();
        const { cash, positions } = account.dump();
        deepStrictEqual([blocked, cash, positions], [[], "90127.5", { SPY: "400" }]);
        deepStrictEqual((await booked()).toSorted(), expected.toSorted());
        broker.advance(DAY_MS);
      }
      const { account } = await start();
      const next = { barCloseTime: START + 4 * DAY_MS, ...HASHES, weights: { SPY: 0 } };
      strictEqual((await account.execute(next)).status, "done");
      deepStrictEqual([account.dump().positions, broker.truth().cash], [
        {},
        account.dump().cash,
      ]);
    }, faults));
}

Deno.test("FR-038 fees of a day and interest at Alpaca are booked and block nothing", () =>
  inStage(async (stage) => {
    const { broker, start, booked } = stage;
    broker.deposit("-0.37");
    broker.deposit("1.2");
    broker.dividend("SPY", "1.5");
    stage.tells = ([row]) => [
      row!,
      { ...row!, id: "f", activity_type: "FEE", symbol: "", net_amount: "-0.37" },
      { ...row!, id: "i", activity_type: "INT", symbol: "", net_amount: "1.2" },
    ];
    for (let starts = 0; starts < 2; starts++) {
      const { account, blocked } = await start();
      deepStrictEqual([blocked, account.dump().cash], [[], "90150.83"]);
      const expected = ["dividend SPY 150 0", "fee  -0.37 0", "interest  1.2 0"];
      deepStrictEqual((await booked()).toSorted(), expected);
    }
  }));

Deno.test("FR-044 cash at Alpaca that no activity explains blocks the account, beside a dividend that is booked", () =>
  inStage(async ({ broker, start, booked }) => {
    broker.dividend("SPY", "1.5");
    broker.deposit("5");
    const { account, blocked } = await start();
    deepStrictEqual([blocked, account.dump().cash], [["*"], "90150"]);
    deepStrictEqual(await booked(), ["dividend SPY 150 0"]);
  }));

Deno.test("FR-044 a split of which one row is missing blocks its symbol until the other one shows", () =>
  inStage(async (stage) => {
    const { broker, start, booked } = stage;
    broker.split("SPY", 4);
    stage.tells = (rows) => rows.filter(({ qty }) => qty!.startsWith("-"));
    deepStrictEqual((await start()).blocked, ["SPY"]);
    deepStrictEqual(await booked(), [], "nothing held would be nothing to share units by");
    stage.tells = (rows) => rows.filter(({ qty }) => !qty!.startsWith("-"));
    deepStrictEqual((await start()).blocked, ["SPY"]);
    stage.tells = (rows) => rows;
    deepStrictEqual((await start()).blocked, []);
    deepStrictEqual(await booked(), SPLIT);
  }));

Deno.test("FR-044 activities that are not served tell of nothing, those that fail stop the start", () =>
  inStage(async (stage) => {
    const { broker, start, booked } = stage;
    broker.dividend("SPY", "1.5");
    for (const status of [404, 422]) {
      stage.tells = () => status;
      deepStrictEqual((await start()).blocked, ["*"]);
    }
    stage.tells = () => 500;
    await rejects(start(), /^Refusal: Cannot read activities at alpaca: found status 500/);
    stage.tells = (rows) => rows;
    deepStrictEqual((await start()).blocked, []);
    deepStrictEqual(await booked(), ["dividend SPY 150 0"]);
  }));

Deno.test("FR-044 a dividend that an operator has accepted as drift is not booked when it shows later", () =>
  inStage(async (stage) => {
    const { broker, start, booked } = stage;
    broker.dividend("SPY", "1.5");
    stage.tells = () => [];
    const { account, blocked } = await start();
    deepStrictEqual(blocked, ["*"]);
    await account.acceptDrift({ operator: "ada", reason: "a dividend" });
    stage.tells = (rows) => rows;
    broker.advance(DAY_MS);
    const later = await start();
    deepStrictEqual([later.blocked, await booked()], [[], []]);
  }));

Deno.test("FR-041 activities of other kinds and those that were taken back are no actions, and other shapes are refused", () =>
  inStage(async (stage) => {
    stage.broker.dividend("SPY", "1.5");
    const told = async (change: Readonly<Record<string, unknown>>) => {
      stage.tells = ([row]) => [{ ...row, ...change } as Row];
      return (await stage.venue.actionsSince!(START)).map(({ cash, symbol }) =>
        `${symbol} ${cash}`
      );
    };
    deepStrictEqual(await told({}), ["SPY 150"]);
    deepStrictEqual(await told({ activity_type: "DIVNRA", symbol: undefined }), [" 150"]);
    deepStrictEqual(await told({ created_at: undefined, status: undefined }), ["SPY 150"]);
    for (const status of ["canceled", "correct"]) deepStrictEqual(await told({ status }), []);
    deepStrictEqual(await told({ activity_type: "FILL", date: undefined }), []);
    deepStrictEqual(
      await told({ created_at: "2026-02-27T15:00:00Z" }),
      [],
      "before it was asked for",
    );
    for (const change of [{ net_amount: "much" }, { date: "soon" }, { net_amount: undefined }]) {
      const refusal = await told(change).catch(String);
      match(
        String(refusal),
        /^Refusal: Cannot read an activity at alpaca: found an answer of another/,
      );
    }
  }));

Deno.test("FR-041 more dividends at Alpaca than a page holds are told once each", () =>
  inStage(async ({ broker, venue }) => {
    for (let i = 0; i < 250; i++) broker.dividend("SPY", "0.01");
    const actions = await venue.actionsSince!(START);
    strictEqual(new Set(actions.map(({ actionId }) => actionId)).size, 250);
    strictEqual(actions.length, 250);
  }));
