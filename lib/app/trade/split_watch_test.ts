import { match, strictEqual } from "node:assert/strict";
import type { CorporateAction, Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import type { AccountStatus, LinkedEvent } from "../../execution/account/mod.ts";
import { splitWatch } from "./split_watch.ts";

const EX_DATE = parseDate("2024-03-06");
const SPLIT: CorporateAction = { symbol: "SPY", exDate: EX_DATE, kind: "split", value: 2 };
const [BEFORE, AFTER] = [EX_DATE - 1, EX_DATE + 1];

function event(time: Millis, fields: object): LinkedEvent {
  return { seq: 1, time, event: fields } as unknown as LinkedEvent;
}

const opened = (time: Millis) => event(time, { kind: "opened" });
const bought = (time: Millis, quantity: string) =>
  event(time, { kind: "fill", symbol: "SPY", side: "buy", quantity });

/** What is said of an account that holds ten units after these events. */
function saidOf(
  events: readonly LinkedEvent[],
  { splitsApplied = false, held = "10" }: {
    readonly splitsApplied?: boolean;
    readonly held?: string;
  } = {},
): string | undefined {
  const status = () => ({ positions: held === "0" ? {} : { SPY: held } }) as AccountStatus;
  const watch = splitWatch({ status, eventsSince: () => events });
  return watch([{ symbol: "SPY", bars: {}, actions: [SPLIT], splitsApplied }]);
}

Deno.test("a split of what was held and of which the account was not told is found", () => {
  match(
    saidOf([opened(BEFORE - 1), bought(BEFORE, "10")])!,
    /^SPY was split 2 for 1 on 2024-03-06 and the account has the units of before/,
  );
  match(saidOf([opened(BEFORE - 1), bought(BEFORE, "4"), bought(AFTER, "6")])!, /^SPY was split/);
});

Deno.test("a split that was booked or accepted, or of what was not held then, is none", () => {
  const before = [opened(BEFORE - 1), bought(BEFORE, "5")];
  const action = { kind: "corporate_action", symbol: "SPY", action: "split" };
  strictEqual(saidOf([...before, event(AFTER, action)]), undefined);
  strictEqual(saidOf([...before, event(AFTER, { kind: "adopted" })]), undefined);
  strictEqual(saidOf([opened(BEFORE), bought(AFTER, "10")]), undefined);
  strictEqual(saidOf([opened(AFTER)]), undefined);
  strictEqual(saidOf(before, { held: "0" }), undefined);
  strictEqual(saidOf(before, { splitsApplied: true }), undefined);
});

Deno.test("a dividend, or the split of another symbol, is no word on a split", () => {
  const before = [opened(BEFORE - 1), bought(BEFORE, "10")];
  const other = { kind: "corporate_action", symbol: "QQQ", action: "split" };
  const dividend = { kind: "corporate_action", symbol: "SPY", action: "dividend" };
  match(saidOf([...before, event(AFTER, other), event(AFTER, dividend)])!, /^SPY was split/);
});
