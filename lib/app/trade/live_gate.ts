import { HOUR_MS } from "../../core/bars.ts";
import { parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { TradingLimits } from "../../execution/account/mod.ts";
import { type LifecycleEvent, stageEvent } from "../../core/lifecycle.ts";
import { isSamePerson } from "../lifecycle/approvals.ts";
import { demoteCommand, promoteCommand } from "../lifecycle/commands.ts";
import { liveSettings } from "../lifecycle/live_settings.ts";
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
 * version of it on that paper record, under these settings and for this account. Refuses in one line that says what is
 * missing and how to get it. That its code is still what they looked at, `tradedPlan` has asked before.
 */
export function passLiveGate(
  traded: TradedPlan,
  { confirm, maxNotional }: LiveRequest,
  { events, isNotebook }: {
    /** Of all models, oldest first. */
    readonly events: readonly LifecycleEvent[];
    readonly isNotebook: boolean;
  },
): LivePass {
  const { loaded: { config: { trading, lifecycle: { live } }, plan } } = traded;
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
  if (live.account !== trading.account) {
    throw new Refusal(
      `lifecycle.live.account: found ${live.account}, expected "${trading.account}", which is to be traded`,
    );
  }
  if (!(maxNotional > 0)) {
    throw new Refusal(`--max-notional: found ${maxNotional}, expected money above 0`, {
      exitCode: 2,
    });
  }
  if (live.max_notional === null || maxNotional > live.max_notional) {
    throw new Refusal(
      `--max-notional: found ${maxNotional}, expected at most lifecycle.live.max_notional, ${live.max_notional}`,
    );
  }
  const settings = liveSettings(traded.configured);
  const numbers = plan.models.map((model) => approvedAccount(model, events, settings));
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
  events: readonly LifecycleEvent[],
  settings: string,
): string {
  const promoted = stageEvent(events, name);
  const earlier = stageEvent(events.filter(({ seq }) => seq < (promoted?.seq ?? 0)), name)?.seq ??
    0;
  const given = events.filter(({ model, kind, to_stage, seq, details }) =>
    model === name && kind === "approved" && to_stage === "live" && seq > earlier &&
    details.binding?.version === version && details.settings === settings
  );
  const pair = given.find((first) => given.some((second) => isSecond(first, second)));
  if (pair?.details.account_number !== undefined) return pair.details.account_number;
  const people = new Set(given.map(({ operator }) => operator.toLowerCase()));
  throw new Refusal(
    `Cannot trade ${name}@${version} live: found ${people.size} of 2 approvals of it under these settings ` +
      `(${
        settings.slice(0, 16)
      }), expected those of two different people within 24 hours for one account ` +
      `on one record of paper trading: ${demoteCommand(name)}, then each signs with ` +
      `\`${promoteCommand(name, "live")}\``,
  );
}

/** Whether a word is another person's for the very same thing, in time. */
function isSecond(first: LifecycleEvent, second: LifecycleEvent): boolean {
  const [one, two] = [first.details, second.details];
  return !isSamePerson(first.operator, second.operator) &&
    one.account_number === two.account_number &&
    canonicalJson(one.binding) === canonicalJson(two.binding) &&
    typeof one.evidence?.paper === "string" && one.evidence.paper === two.evidence?.paper &&
    Math.abs(parseTime(second.at) - parseTime(first.at)) <= SECOND_APPROVAL_MS;
}
