import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import type { ExperimentCard, TrialRecord } from "../core/experiment.ts";
import { holdLock } from "../core/file_lock.ts";
import {
  notablePlaces,
  rankingLines,
  trialColumns,
  type TrialRecords,
  trialRecords,
  trialSchema,
} from "./experiment_table.ts";
import { encodeParquet } from "./parquet.ts";
import { readTable } from "./parquet_read.ts";

/** A finished experiment in its folder. */
export interface StoredExperiment {
  readonly id: string;
  readonly folder: string;
  readonly card: ExperimentCard;
  /** By place; of more than some ten thousand only the best, those on the front and some that failed. */
  readonly trials: readonly TrialRecord[];
}

/** Experiments under a results folder: `experiments/<id>/`, each never changed once it is there. */
export interface ExperimentStore {
  /** Without its trials' rows where only the card is wanted. Refuses a damaged one. */
  find(id: string): Promise<StoredExperiment | undefined>;
  /** Cards of all finished experiments by id. */
  list(): Promise<readonly ExperimentCard[]>;
  /** The one whose id begins with `name`, or the newest-looking one of that name; refuses none and several. */
  resolve(name: string): Promise<string>;
  /** With the trials' returns where they are kept. */
  save(
    card: ExperimentCard,
    trials: TrialRecords,
    returns?: ReturnsFile,
  ): Promise<StoredExperiment>;
  /** Daily returns of one trial of a finished experiment; undefined where they were not kept. */
  keptReturns(id: string, place: number, days: number): Float64Array | undefined;
  /** Daily returns of trials while the experiment runs. */
  returnsFile(id: string, days: number): ReturnsFile;
  /** Does `work` while no other process runs the same experiment. */
  exclusive<Result>(
    id: string,
    work: () => Promise<Result>,
    onWait?: () => void,
  ): Promise<Result>;
}

/** Daily returns of many trials on disk, `days` of each at the place of the trial. */
export interface ReturnsFile {
  /** How many each trial has. */
  readonly days: number;
  write(place: number, returns: Float64Array): void;
  /** Returns when everything written is on the disk. */
  sync(): void;
  has(place: number): boolean;
  /** Of one trial. Refuses one that was not written. */
  read(place: number): Float64Array;
  /** Content when it is closed already. */
  close(): void;
  /** Moves the file to where it stays, or removes it where it is too large to be kept. */
  settle(place: string | null): void;
}

const CARD = "experiment.json";
const TRIALS = "trials.parquet";
const RANKING = "summary.csv";
const RETURNS = "returns.f64";

/** The experiments under `root`. Nothing is made there before something is stored. */
export function experimentStore(
  root: string,
  { disk = localDisk }: { disk?: Disk } = {},
): ExperimentStore {
  const home = join(root, "experiments");
  const readCard = async (id: string): Promise<ExperimentCard | undefined> => {
    const file = join(home, id, CARD);
    const text = await readFile(file, "utf8").catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw new Refusal(`Cannot read ${file}: ${error.message}`);
    });
    return text === undefined ? undefined : parseCard(text, id, file);
  };
  const list = async () => {
    const names = await readdir(home).catch(() => []);
    const cards = await Promise.all(names.filter((name) => ID.test(name)).sort().map(readCard));
    return cards.filter((card) => card !== undefined);
  };
  const find = async (id: string): Promise<StoredExperiment | undefined> => {
    const card = await readCard(id);
    if (!card) return undefined;
    const folder = join(home, id);
    const columns = await readTable(join(folder, TRIALS), trialSchema(card));
    return { id, folder, card, trials: atHand(trialRecords(card, columns)) };
  };
  return {
    find,
    list,
    async resolve(name) {
      const cards = await list();
      const matches = cards.filter((card) =>
        card.name === name || (ID_START.test(name) && card.experiment_id.startsWith(name))
      );
      if (matches.length === 1) return matches[0]!.experiment_id;
      const known = cards.map((card) => `${card.name} (${card.experiment_id})`);
      if (matches.length === 0) {
        throw new Refusal(
          `No experiment "${name}" in ${home}; ${
            known.length === 0 ? "none is finished" : `finished are ${known.join(", ")}`
          }`,
        );
      }
      const ids = matches.map(({ experiment_id, start, end, trials }) =>
        `${experiment_id} (${start} to ${end}, ${trials.count} trials)`
      );
      throw new Refusal(
        `"${name}" may be ${ids.join(" or ")}, expected one experiment: name it by its id`,
      );
    },
    keptReturns(id, place, days) {
      const file = join(home, id, RETURNS);
      try {
        const handle = openSync(file, "r");
        try {
          return readReturns(handle, place, days);
        } finally {
          closeSync(handle);
        }
      } catch {
        return undefined; // never kept, or gone: the trial is computed again
      }
    },
    async save(card, trials, returns) {
      const id = card.experiment_id;
      const folder = join(home, id);
      const temporary = join(home, `.tmp-${id}`);
      const encoder = new TextEncoder();
      const files: readonly (readonly [string, Uint8Array])[] = [
        [CARD, encoder.encode(`${JSON.stringify(card, null, 2)}\n`)],
        [TRIALS, await encodeParquet(trialSchema(card), trialColumns(card, trials))],
        [RANKING, encodedLines(rankingLines(card, trials))],
      ];
      try {
        await rm(temporary, { recursive: true, force: true });
        await disk.makeFolder(temporary);
        for (const [name, bytes] of files) await disk.writeSynced(join(temporary, name), bytes);
        returns?.settle(join(temporary, RETURNS));
        await disk.syncFolder(temporary);
        await rm(folder, { recursive: true, force: true });
        await disk.rename(temporary, folder);
        await disk.syncFolder(home);
      } catch (cause) {
        await rm(temporary, { recursive: true, force: true });
        throw new Refusal(`Cannot save experiment ${id} in ${home}: ${(cause as Error).message}`, {
          cause,
        });
      }
      return { id, folder, card, trials: atHand(trials) };
    },
    returnsFile(id, days) {
      mkdirSync(home, { recursive: true });
      return openReturns(join(home, `.returns-${id}`), days);
    },
    async exclusive(id, work, onWait) {
      const locks = join(root, "locks");
      await disk.makeFolder(locks);
      const release = await holdLock(join(locks, `experiment-${id}.lock`), onWait);
      try {
        return await work();
      } finally {
        await release();
      }
    },
  };
}

function atHand(trials: TrialRecords): readonly TrialRecord[] {
  return notablePlaces(trials).map(trials.at);
}

/** Many lines as bytes, some at a time: texts take more memory than what they say. */
function encodedLines(lines: Iterable<string>): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let waiting = "";
  for (const line of lines) {
    waiting += line;
    if (waiting.length < 1 << 16) continue;
    parts.push(encoder.encode(waiting));
    waiting = "";
  }
  parts.push(encoder.encode(waiting));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ID = /^[0-9a-f]{16}$/;
const ID_START = /^[0-9a-f]{4,16}$/;

function parseCard(text: string, id: string, file: string): ExperimentCard {
  try {
    const card = JSON.parse(text) as ExperimentCard;
    if (card.experiment_id === id && Array.isArray(card.dimensions)) return card;
    throw new SyntaxError(`it is of ${card.experiment_id}, expected ${id}`);
  } catch (cause) {
    throw new Refusal(
      `Cannot read ${file}, expected the card of an experiment: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function openReturns(file: string, days: number): ReturnsFile {
  // Kept when it is there: an experiment that goes on finds its trials in it.
  closeSync(openSync(file, "a"));
  const handle = openSync(file, "r+");
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(handle);
    isOpen = false;
  };
  const gap = new Float64Array(days).fill(NaN);
  const put = (place: number, returns: Float64Array) => {
    const bytes = new Uint8Array(returns.buffer, returns.byteOffset, returns.byteLength);
    writeSync(handle, bytes, 0, bytes.length, place * bytes.length);
  };
  let places = days === 0 ? 0 : Math.floor(fstatSync(handle).size / gap.byteLength);
  return {
    days,
    write(place, returns) {
      if (returns.length !== days) {
        throw new RangeError(`A trial has ${days} daily returns, found ${returns.length}`);
      }
      // What is not written must not read as a trial that never traded.
      for (; places < place; places++) put(places, gap);
      put(place, returns);
      places = Math.max(places, place + 1);
    },
    sync: () => fdatasyncSync(handle),
    has: (place) => readReturns(handle, place, days) !== undefined,
    read(place) {
      const values = readReturns(handle, place, days);
      if (values) return values;
      throw new Refusal(`${file}: found no returns of trial ${place}`);
    },
    close,
    settle(place) {
      const { size } = fstatSync(handle);
      close();
      if (place === null || size > MOST_KEPT_BYTES) rmSync(file, { force: true });
      else renameSync(file, place);
    },
  };
}

/** One trial's returns; undefined where none were written. */
function readReturns(handle: number, place: number, days: number): Float64Array | undefined {
  const values = new Float64Array(days);
  const bytes = new Uint8Array(values.buffer);
  const read = readSync(handle, bytes, 0, bytes.length, place * bytes.length);
  return read === bytes.length && !Number.isNaN(values[0]) ? values : undefined;
}

/** Returns of some thousand trials; more are computed again where they are wanted again. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;
