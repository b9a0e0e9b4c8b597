import { Buffer } from "node:buffer";
import type { FinishedTrial } from "./crew.ts";
import {
  type Difference,
  exactText,
  fromExactText,
  type PackedTrials,
  unpacked,
} from "./queue_patch.ts";
import { PROTOCOL, type ResultHead } from "./queue_protocol.ts";

/** A finished job as it lies in Redis. */
export interface PackedResult {
  readonly head: string;
  /** Figures of all trials, then the returns of those that have them: little-endian float64. */
  readonly body: Uint8Array;
}

/** One trial of a finished job. */
export interface ArrivedTrial extends Omit<FinishedTrial, "place"> {
  readonly differences: readonly Difference[];
}

/** Trials of a job by their places in it, packed for the way back. */
export function packResult(
  finished: readonly FinishedTrial[],
  { job, worker, ms, trials, width }: {
    readonly job: string;
    readonly worker: string;
    readonly ms: number;
    readonly trials: PackedTrials;
    readonly width: number;
  },
): PackedResult {
  const inOrder = finished.toSorted((a, b) => a.place - b.place);
  const head: ResultHead = {
    protocol: PROTOCOL,
    ...{ job, worker, ms, trials, width },
    days: inOrder.map(({ returns }) => returns ? returns.length : -1),
    failures: inOrder.flatMap(({ place, failure }) => failure === null ? [] : [[place, failure]]),
    cutShort: inOrder.flatMap(({ place, isCutShort }) => isCutShort ? [place] : []),
  };
  const columns = [
    ...inOrder.map(({ figures }) => figures),
    ...inOrder.flatMap(({ returns }) => returns ? [returns] : []),
  ];
  const numbers = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    numbers.set(column, at);
    at += column.length;
  }
  return { head: exactText(head), body: Buffer.from(numbers.buffer) };
}

/** The head of a result alone. */
export function headOf(text: string): ResultHead {
  return fromExactText(text) as ResultHead;
}

/** The trials of a result. Throws TypeError for one that is not whole. */
export function unpackResult(head: ResultHead, body: Uint8Array): readonly ArrivedTrial[] {
  const { trials, width, days, failures, cutShort } = head;
  const count = trials.rows.length;
  const total = days.reduce((sum, length) => sum + Math.max(0, length), count * width);
  if (days.length !== count || body.byteLength !== total * 8) {
    throw new TypeError(`A result has ${body.byteLength} bytes, ${total * 8} were expected`);
  }
  const numbers = new Float64Array(total);
  new Uint8Array(numbers.buffer).set(body);
  const messages = new Map(failures);
  let at = count * width;
  return unpacked(trials).map((differences, place) => {
    const length = days[place]!;
    const returns = length < 0 ? null : numbers.slice(at, at + length);
    at += Math.max(0, length);
    return {
      differences,
      figures: numbers.subarray(place * width, (place + 1) * width),
      returns,
      failure: messages.get(place) ?? null,
      ...(cutShort.includes(place) ? { isCutShort: true } : {}),
    };
  });
}
