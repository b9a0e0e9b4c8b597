import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";

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
  /** SHA-256 of all of it; undefined where it is too large to be kept. */
  digest(): string | undefined;
  /** Content when it is closed already. */
  close(): void;
  /** Moves the file to where it stays, or removes it where it is too large to be kept. */
  settle(place: string | null): void;
}

/** The file of an experiment that runs, made when it is not there. */
export function openReturns(file: string, days: number): ReturnsFile {
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
    digest: () => fstatSync(handle).size > MOST_KEPT_BYTES ? undefined : sha256(readFileSync(file)),
    close,
    settle(place) {
      const { size } = fstatSync(handle);
      close();
      if (place === null || size > MOST_KEPT_BYTES) rmSync(file, { force: true });
      else renameSync(file, place);
    },
  };
}

/** Whether a file that was settled is there and has this SHA-256. */
export function isAsSettled(file: string, digest: string): boolean {
  try {
    return sha256(readFileSync(file)) === digest;
  } catch {
    return false;
  }
}

/** One trial's returns of a file that was settled; undefined where they were never kept, or are gone. */
export function keptReturns(file: string, place: number, days: number): Float64Array | undefined {
  try {
    const handle = openSync(file, "r");
    try {
      return readReturns(handle, place, days);
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined; // the trial is computed again
  }
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
