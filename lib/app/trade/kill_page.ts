import type { AccountKill, KillReport, KillStatus } from "./kill.ts";

/** What throwing the switch did, for a terminal. */
export function killPage(report: KillReport): string {
  const { flatten, flagMs, doneMs, accounts, trouble, verified } = report;
  const still = flatten ? "; the traders may still sell what they hold" : "";
  return [
    `The kill switch is on after ${flagMs} ms: no order leaves${still}`,
    ...accounts.flatMap(accountLines),
    ...trouble.map((line) => `warning: ${line}`),
    verified
      ? `No order of ours is left, verified after ${doneMs} ms`
      : "Orders of ours may be left: look at the venue itself, or run this again",
  ].join("\n");
}

function accountLines(kill: AccountKill): readonly string[] {
  const { account, venue, mode, cancelled, left, foreign, trouble } = kill;
  const name = `  ${account} (${venue}, ${mode})`;
  if (trouble !== undefined) return [`${name}: ${trouble}`];
  const others = foreign === 0 ? "" : `, ${foreign} of somebody else left alone`;
  return [
    `${name}: ${cancelled.length} cancelled, ${left.length} left${others}`,
    ...left.map(({ clientOrderId, side, quantity, symbol }) =>
      `    left: ${side} ${quantity} ${symbol} (${clientOrderId})`
    ),
  ];
}

/** Whether the switch is on, since when and why, and how the loops do, for a terminal. */
export function killStatusPage({ kill, order, accounts }: KillStatus): string {
  const said = order
    ? ` since ${order.at}, by ${order.operator}${order.reason === "" ? "" : `: ${order.reason}`}`
    : "";
  const head = kill
    ? order
      ? `The kill switch is ON${said}`
      : "The kill switch is ON: there is no state folder yet, or it or the flag cannot be read"
    : "The kill switch is off";
  const beats = accounts.map(({ account, venue, mode, heartbeat }) =>
    `  ${account} (${venue}, ${mode}): ${
      heartbeat
        ? `${heartbeat.state}, heartbeat at ${heartbeat.at}, last ${heartbeat.last}`
        : "no heartbeat"
    }`
  );
  return [head, ...beats].join("\n");
}
