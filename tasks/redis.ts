import {
  formatTable,
  listWorkers,
  type RedisAddress,
  redisAddress,
  type WorkerNote,
} from "../lib/mod.ts";
import { json } from "./shared.ts";

/** Where the environment says that Redis is. */
export function environmentAddress(): RedisAddress {
  return redisAddress((name) => Deno.env.get(name));
}

/** Workers at work, for the end of a line on progress. */
export function workersText(workers: readonly WorkerNote[]): string {
  const sandboxes = workers.reduce((sum, worker) => sum + worker.sandboxes, 0);
  const rate = workers.reduce((sum, worker) => sum + worker.rate, 0);
  const names = `${workers.length} worker${workers.length === 1 ? "" : "s"}`;
  return `, ${names} with ${sandboxes} sandboxes at ${rate.toFixed(0)} a second`;
}

/** All workers of the queue: what each is at and how fast. */
export async function workersShown(asJson: boolean): Promise<string> {
  const address = environmentAddress();
  const workers = await listWorkers(address);
  if (asJson) return json(workers);
  if (workers.length === 0) return `No workers at ${address.where}`;
  const rows = workers.map(({ name, sandboxes, code, trials, rate, experiments, isLeaving }) => [
    name,
    `${sandboxes}`,
    `${trials}`,
    rate.toFixed(0),
    code,
    isLeaving ? "leaving" : experiments.join(", ") || "waiting",
  ]);
  return formatTable(rows, {
    header: ["worker", "sandboxes", "trials", "a second", "code", "at work on"],
    align: ["left", "right", "right", "right", "left", "left"],
  });
}
