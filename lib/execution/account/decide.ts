import type { Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import { type Desk, record } from "./desk.ts";
import { exact, textOf, ZERO } from "./exact.ts";
import { readAccount } from "./reconcile.ts";
import { navOf, targetUnits } from "./sizing.ts";
import type { DecisionMemory } from "./state_events.ts";
import type { StoredDecision } from "./state_rows.ts";

/** What is to be held from now on, as the portfolio and the risk rules said at one close. */
export interface AccountDecision {
  readonly barCloseTime: Millis;
  readonly configHash: string;
  readonly codeHash: string;
  readonly inputsHash: string;
  /** Share of NAV by symbol, 0 to sell all; symbols that are not named are left alone. */
  readonly weights: Readonly<Record<string, number>>;
  /** NAV and raw prices known at the close; the venue's own where they are left out. */
  readonly nav?: DecimalText;
  readonly prices?: Readonly<Record<string, DecimalText>>;
  /** What the next decision takes over; committed with this one, all or none. */
  readonly memory?: Omit<DecisionMemory, "barCloseTime">;
  /** What it saw that the decision before had not seen; committed with it, too. */
  readonly inputs?: string;
}

/** Writes a decision down with its units. A bar is decided once, and never after a later one. */
export async function recordDecision(
  desk: Desk,
  decision: AccountDecision,
): Promise<"recorded" | "decided already" | "too old"> {
  const newest = desk.state.newestDecision();
  if (newest?.barCloseTime === decision.barCloseTime) return "decided already";
  if (newest && newest.barCloseTime > decision.barCloseTime) return "too old";
  const { barCloseTime, configHash, codeHash, inputsHash } = decision;
  const sized = await sizeOf(desk, decision);
  const memory = decision.memory && { ...decision.memory, barCloseTime };
  const inputs = decision.inputs === undefined
    ? undefined
    : { barCloseTime, text: decision.inputs, skewMs: await skewOf(desk) };
  record(
    desk,
    ...(inputs ? [{ kind: "inputs" as const, ...inputs }] : []),
    { kind: "decision", barCloseTime, configHash, codeHash, inputsHash, ...sized },
    ...(memory ? [{ kind: "memory" as const, ...memory }] : []),
  );
  return "recorded";
}

/** Our clock less the venue's; null where it cannot be asked: a decision is written down anyway. */
async function skewOf({ clock, venue }: Desk): Promise<number | null> {
  const asked = clock.now();
  const time = await venue.clock().then((told) => told.time, () => null);
  return time === null ? null : (asked + clock.now()) / 2 - time;
}

async function sizeOf(desk: Desk, { weights, nav, prices = {} }: AccountDecision) {
  const symbols = Object.keys(weights).sort();
  for (const symbol of symbols) {
    if (!desk.symbols.includes(symbol)) {
      throw new Refusal(`Cannot trade ${symbol}: expected one of ${desk.symbols.join(", ")}`);
    }
    if (!(weights[symbol]! >= 0)) {
      throw new Refusal(`Cannot hold ${weights[symbol]} of NAV in ${symbol}: expected 0 or more`);
    }
  }
  const account = await readAccount(desk);
  const held = Object.keys(account.positions).sort().filter((symbol) =>
    desk.symbols.includes(symbol)
  );
  const lacking = [...symbols, ...held].filter((symbol) => prices[symbol] === undefined);
  const asked = lacking.length > 0 ? await desk.venue.prices([...new Set(lacking)].sort()) : {};
  const known = { ...asked, ...prices };
  const positions = Object.fromEntries(held.map((symbol) => [symbol, account.positions[symbol]!]));
  const worth = nav === undefined ? navOf({ cash: account.cash, positions }, known) : exact(nav);
  const targets: Record<string, DecimalText> = {};
  for (const symbol of symbols) {
    targets[symbol] = textOf(
      await unitsOf(desk, symbol, { weight: weights[symbol]!, nav: worth, price: known[symbol] }),
    );
  }
  return {
    nav: textOf(worth),
    weights: Object.fromEntries(symbols.map((symbol) => [symbol, textOf(exact(weights[symbol]!))])),
    prices: Object.fromEntries(Object.keys(known).sort().map((symbol) => [symbol, known[symbol]!])),
    targets,
  };
}

async function unitsOf(
  desk: Desk,
  symbol: string,
  { weight, nav, price }: {
    readonly weight: number;
    readonly nav: ReturnType<typeof exact>;
    readonly price: DecimalText | undefined;
  },
) {
  if (weight === 0) return ZERO;
  if (price === undefined) throw new Refusal(`Cannot size ${symbol}: its price is not known`);
  const rules = await desk.venue.rules(symbol);
  return targetUnits(exact(weight), { nav, price: exact(price), rules });
}

/** The decision that is still to be carried out, if any. */
export function waitingDecision({ state }: Desk): StoredDecision | undefined {
  const newest = state.newestDecision();
  return newest?.state === "open" ? newest : undefined;
}
