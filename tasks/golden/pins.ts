import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../../lib/core/atomic_file.ts";
import { sha256 } from "../../lib/core/hash.ts";
import { Refusal } from "../../lib/mod.ts";

/** What is pinned of a run: all its statistics, and its orders as a hash and line by line. */
export interface Golden {
  /** As in the card of the run. */
  readonly statistics: unknown;
  /** How many there are, and SHA-256 over their lines. */
  readonly orders: { readonly count: number; readonly sha256: string };
  readonly lines: readonly string[];
}

const COLUMNS = "decision_time,time,symbol,kind,model,target,quantity,status,reason,price,fee";

/** The pin called `name`; undefined when there is none. Refuses one that is not as it was written. */
export async function readPin(folder: string, name: string): Promise<Golden | undefined> {
  const { statisticsFile, ordersFile } = filesOf(folder, name);
  const text = await textOf(statisticsFile);
  if (text === undefined) return undefined;
  const pin = parsed(statisticsFile, text);
  const [header, ...lines] = (await textOf(ordersFile) ?? "").trimEnd().split("\n");
  if (header !== COLUMNS || sha256(lines.join("\n")) !== pin.orders.sha256) {
    throw new Refusal(
      `${ordersFile}: found other orders than ${name}.json was pinned with, expected them unchanged`,
    );
  }
  return { ...pin, lines };
}

/** Writes a pin, each file as a whole; the hash in the second tells whether both were written. */
export async function writePin(folder: string, name: string, golden: Golden): Promise<void> {
  const { statisticsFile, ordersFile } = filesOf(folder, name);
  const { statistics, orders, lines } = golden;
  const write = (file: string, text: string) =>
    writeFileAtomically(file, new TextEncoder().encode(`${text}\n`));
  await write(ordersFile, [COLUMNS, ...lines].join("\n"));
  await write(statisticsFile, JSON.stringify({ orders, statistics }, null, 2));
}

function filesOf(folder: string, name: string) {
  return { statisticsFile: `${folder}${name}.json`, ordersFile: `${folder}${name}.orders.csv` };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(file: string, text: string): Omit<Golden, "lines"> {
  try {
    const pin = JSON.parse(text) as Partial<Golden>;
    if (typeof pin.orders?.sha256 !== "string" || typeof pin.statistics !== "object") {
      throw new TypeError("no pin");
    }
    return pin as Golden;
  } catch (cause) {
    throw new Refusal(`${file}: found no pin, expected what deno task golden --repin writes`, {
      cause,
    });
  }
}
