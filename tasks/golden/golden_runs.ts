import { rm } from "node:fs/promises";
import { sha256 } from "../../lib/core/hash.ts";
import {
  backtest,
  formatTime,
  loadPlan,
  type OpenRun,
  openRun,
  PROJECT_ROOT,
} from "../../lib/mod.ts";
import type { Golden } from "./pins.ts";

/** A configuration whose result is pinned: the name of its pin, and its files over the base. */
export interface GoldenPlan {
  readonly name: string;
  readonly files: readonly string[];
}

/** The base portfolio and every experiment that ships with it. */
export const GOLDEN_PLANS: readonly GoldenPlan[] = [
  { name: "base", files: [] },
  { name: "moving_average_cross", files: ["configs/experiments/moving_average_cross.yaml"] },
  { name: "oracle_w1", files: ["configs/experiments/oracle_w1.yaml"] },
];

/** Runs a plan away from the user's results and takes down what is pinned of it. */
export async function goldenOf({ files }: GoldenPlan): Promise<Golden> {
  const resultsRoot = `${PROJECT_ROOT}results/.golden-${Deno.pid}`;
  try {
    const loaded = await loadPlan(files.map((file) => PROJECT_ROOT + file));
    const { id } = await backtest(loaded, { resultsRoot });
    const run = await openRun(id, { resultsRoot });
    const orders = await orderLines(run);
    return {
      statistics: run.card.statistics,
      orders: { count: orders.length, sha256: sha256(orders.join("\n")) },
      lines: orders,
    };
  } finally {
    await rm(resultsRoot, { recursive: true, force: true });
  }
}

/** One line an order, in the order in which they were due, every number in full. */
async function orderLines({ tables }: OpenRun): Promise<readonly string[]> {
  const [orders, trades] = await Promise.all([tables.orders(), tables.trades()]);
  const fills = new Map(trades.trade_id.map((id, row) => [id, row]));
  return orders.trade_id.map((trade, row) => {
    const fill = fills.get(trade);
    return [
      formatTime(orders.decision_time[row]!),
      formatTime(orders.time[row]!),
      orders.symbol[row],
      orders.kind[row],
      orders.model[row],
      orders.target[row],
      orders.quantity[row],
      orders.status[row],
      orders.reason[row],
      ...(fill === undefined ? ["", ""] : [trades.price[fill], trades.fee[fill]]),
    ].join(",");
  });
}
