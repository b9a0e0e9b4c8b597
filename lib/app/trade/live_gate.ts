import { HOUR_MS } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { TradingLimits } from "../../execution/account/mod.ts";
import type { PromotionRecord } from "../../results/mod.ts";
import type { TradedPlan } from "./traded_plan.ts";

/** What a person has to say before real money is traded. */
export interface LiveRequest {
  /** Name of the account, as `trading.account` spells it. */
  readonly confirm: string;
  /** Money that one order, and everything held together, may come to. */
  readonly maxNotional: number;
}

/** What the gate lets through. */
export interface LivePass {
  readonly limits: TradingLimits;
  /** The broker's own number of the account: any other is refused. */
  readonly accountNumber: string;
}

/** Two people have to agree within this time. */
const SECOND_APPROVAL_MS = 24 * HOUR_MS;

/**
 * The way to real money: every model that is to trade needs the word of two different people, given within a day, for this
 * version of it, this configuration and this account. Refuses in one line that says what is missing and how to get it.
 */
export function passLiveGate(
  traded: TradedPlan,
  { confirm, maxNotional }: LiveRequest,
  { promotions, isNotebook }: {
    readonly promotions: readonly PromotionRecord[];
    readonly isNotebook: boolean;
  },
): LivePass {
  const { loaded: { config: { trading }, plan } } = traded;
  if (isNotebook) {
    throw new Refusal(
      "Cannot trade live in a notebook: its kernel may do anything; use `deno task live`",
    );
  }
  if (trading.venue === "paper" || trading.venue === "kraken") {
    throw new Refusal(
      `Cannot trade live at ${trading.venue}: found simulated fills, expected trading.venue alpaca or binance`,
    );
  }
  if (confirm !== trading.account) {
    throw new Refusal(`--confirm: found "${confirm}", expected the account "${trading.account}"`);
  }
  if (!(maxNotional > 0)) {
    throw new Refusal(`--max-notional: found ${maxNotional}, expected money above 0`, {
      exitCode: 2,
    });
  }
  const numbers = plan.models.map((model) => approvedAccount(model, promotions, traded.configHash));
  const [accountNumber] = numbers;
  const other = numbers.find((number) => number !== accountNumber);
  if (accountNumber === undefined || other !== undefined) {
    throw new Refusal(
      `Cannot trade live: models are approved for different accounts, ${numbers.join(" and ")}`,
    );
  }
  const money = String(maxNotional);
  return { limits: { maxOrderNotional: money, maxGrossNotional: money }, accountNumber };
}

/** The account that two people have approved a model for; refuses when they have not. */
function approvedAccount(
  { name, version }: { readonly name: string; readonly version: string },
  promotions: readonly PromotionRecord[],
  configHash: string,
): string {
  const own = promotions.filter((record) =>
    record.model === name && record.version === version && record.configHash === configHash
  );
  const pair = own.find((first) => own.some((second) => isSecond(first, second)));
  if (pair) return pair.accountNumber;
  const people = new Set(own.map(({ operator }) => operator));
  throw new Refusal(
    `Cannot trade ${name}@${version} live: found ${people.size} of 2 approvals for this configuration ` +
      `(${configHash.slice(0, 16)}), expected those of two different people within 24 hours: ` +
      "finish 30 days of paper, then each signs with " +
      `\`deno task models promote ${name} --to live --operator ID --reason TEXT\``,
  );
}

/** Whether a word is another person's for the very same thing, in time. */
function isSecond(first: PromotionRecord, second: PromotionRecord): boolean {
  return first.operator !== second.operator && first.accountNumber === second.accountNumber &&
    first.paperHash === second.paperHash && Math.abs(second.at - first.at) <= SECOND_APPROVAL_MS;
}
