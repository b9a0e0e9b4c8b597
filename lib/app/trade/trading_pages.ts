import { formatTime } from "../../core/clock.ts";
import { formatMoney } from "../../report/format.ts";
import { formatTable } from "../../report/table.ts";
import type { AccountPeek } from "../../execution/account/mod.ts";
import { parseState } from "../../engine/trading/mod.ts";
import type { VisitReport } from "./paper.ts";
import type { ReplayReport } from "./replay.ts";
import type { DecisionReport, Due } from "./session.ts";

/** What a visit did and left, for a terminal. */
export function visitPage({ decision, execution, status, differences }: VisitReport): string {
  return [
    ...(decision ? decisionLines(decision) : []),
    `Orders      ${execution.status}${execution.reason === "" ? "" : `: ${execution.reason}`}`,
    ...(execution.orders.length > 0 ? ["", orderTable(execution.orders)] : []),
    ...differences.map(({ symbol, expected, found }) =>
      `Drift       ${symbol === "*" ? "cash" : symbol} is ${found}, expected ${expected}`
    ),
    "",
    ...accountLines(status),
    `Next        ${dueText(status.next)}`,
    ...status.leftOut,
  ].join("\n");
}

/** Where an account stands, for a terminal: from its files alone. */
export function statusPage(
  { status, memory }: AccountPeek,
  more: { readonly next: Due; readonly leftOut: readonly string[] },
): string {
  const state = memory && parseState(memory.text);
  const { lastDecision, working } = status;
  const risk = state?.memory.risk;
  return [
    ...accountLines(status),
    ...(risk ? [`Risk mode   ${risk.mode}, peak NAV ${formatMoney(risk.peakNav)}`] : []),
    lastDecision
      ? `Decided     ${formatTime(lastDecision.barCloseTime)}, ${decisionState(lastDecision.state)}`
      : "Decided     nothing yet",
    `Next        ${dueText(more.next)}`,
    ...(working.length > 0 ? ["", orderTable(working)] : ["Working     no orders"]),
    ...more.leftOut,
    `Chain       ${status.head.seq} links, head ${status.head.hash}`,
  ].join("\n");
}

/** What a replay came to beside the backtest, for a terminal. */
export function replayPage(report: ReplayReport): string {
  const { closes, fills, backtest, finalNav, initialNav, status } = report;
  const made = closes.filter((close) => close.status === "made").length;
  const shares = Math.max(0, ...closes.map(({ shareDifference }) => shareDifference));
  const navs = closes.map(({ nav, backtestNav }) =>
    nav === null ? 0 : Math.abs(nav / backtestNav - 1)
  );
  const seconds = (report.durationMs / 1_000).toFixed(1);
  const rows = fills.map(({ time, symbol, side, quantity, price, fee }) => [
    ...[formatTime(time), symbol, side, quantity, Number(price).toFixed(2)],
    Number(fee).toFixed(2),
  ]);
  return [
    `Replay of ${formatTime(report.range.from)} to ${
      formatTime(report.range.until)
    } in ${seconds} s`,
    `Models      ${report.models.join(", ")}`,
    ...report.leftOut,
    "",
    formatTable([
      ["Decisions", String(made), String(closes.length)],
      ["Fills", String(fills.length), String(backtest.fills)],
      ["Initial NAV", formatMoney(initialNav), formatMoney(initialNav)],
      ["Final NAV", formatMoney(finalNav), formatMoney(backtest.finalNav)],
    ], { header: ["", "Paper", "Backtest"] }),
    "",
    `Largest difference of a target  ${shares.toExponential(1)} of NAV`,
    `Largest difference of NAV       ${Math.max(0, ...navs).toExponential(1)} of it`,
    "Lots are raw units here and total-return units in a backtest; dividends are cash here and reinvested there",
    "",
    ...(rows.length > 0
      ? [
        formatTable(rows, {
          header: ["Filled", "Symbol", "Side", "Quantity", "Price", "Fee"],
          align: ["left", "left", "left", "right", "right", "right"],
        }),
        "",
      ]
      : []),
    ...accountLines(status),
  ].join("\n");
}

function decisionLines(decision: DecisionReport): readonly string[] {
  const { barCloseTime, status, reason, mode, weights, warnings } = decision;
  const what = { made: "made", made_already: "made before", missed: "missed", held: "not made" };
  const targets = Object.entries(weights).sort()
    .map(([symbol, weight]) => `${symbol} ${(weight * 100).toFixed(1)} %`).join(", ");
  return [
    `Decision    ${formatTime(barCloseTime)} ${what[status]}${reason === "" ? "" : `: ${reason}`}`,
    `Targets     ${targets === "" ? "none" : targets} (${mode})`,
    ...warnings.map((warning) => `Warning     ${warning}`),
  ];
}

function accountLines(
  { account, venue, mode, kill, cash, positions, blocked, lastMark, lastDecision }:
    AccountPeek["status"],
): readonly string[] {
  const prices = lastDecision?.prices ?? {};
  const held = Object.entries(positions).sort().map(([symbol, units]) => {
    const price = prices[symbol];
    return [
      symbol,
      units,
      price === undefined ? "-" : Number(price).toFixed(2),
      price === undefined ? "-" : formatMoney(Number(units) * Number(price)),
    ];
  });
  return [
    `Account     ${account} at ${venue} (${mode})`,
    `Kill switch ${kill ? "ON: nothing is sent" : "off"}`,
    `NAV         ${
      lastMark
        ? `${formatMoney(Number(lastMark.nav))} at ${formatTime(lastMark.time)}`
        : "not marked yet"
    }`,
    `Cash        ${formatMoney(Number(cash))}`,
    ...(held.length === 0 ? ["Positions   none"] : [
      "",
      formatTable(held, { header: ["Position", "Units", "Price", "Value"] }),
      "",
    ]),
    ...blocked.map(({ symbol, kind, reason }) =>
      `Blocked     ${symbol === "*" ? "the account" : symbol}, ${kind}: ${reason}`
    ),
  ];
}

function orderTable(
  orders: readonly {
    readonly symbol: string;
    readonly side: string;
    readonly quantity: string;
    readonly filled: string;
    readonly state: string;
    readonly reason: string;
  }[],
): string {
  return formatTable(
    orders.map(({ symbol, side, quantity, filled, state, reason }) => [
      ...[symbol, side, quantity, filled, state.toLowerCase(), reason],
    ]),
    {
      header: ["Order", "Side", "Quantity", "Filled", "State", "Reason"],
      align: ["left", "left", "right", "right", "left", "left"],
    },
  );
}

function decisionState(state: "open" | "done" | "superseded"): string {
  if (state === "open") return "waiting to be carried out";
  return state === "done" ? "carried out" : "replaced before it was carried out";
}

function dueText({ at, what }: Due): string {
  return what === "decision"
    ? `decision at ${formatTime(at)}`
    : `what waits is carried out at ${formatTime(at)}`;
}
