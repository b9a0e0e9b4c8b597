/**
 * A sign of life that a sandboxed run shares with the thread that watches it: which decision it is at and which model
 * it is asking.
 */
export interface Pulse {
  /** At decision `index` of `count`. */
  at(index: number): void;
  /** Asking the model at this place of the plan; -1 when none. */
  asking(model: number): void;
  /** At this trial of an order, where several are computed one after the other. */
  trial(place: number): void;
}

/** What the watcher reads. */
export interface PulseReading {
  /** -1 while features are computed. */
  readonly index: number;
  /** Place in the plan; -1 when none is asked. */
  readonly model: number;
  /** False until the worker has taken up the request. */
  readonly begun: boolean;
  /** Place of the trial in its order; -1 before the first. */
  readonly trial: number;
}

const INDEX = 0;
const MODEL = 1;
const BEGUN = 2;
const TRIAL = 3;

/** Memory for one pulse, to be shared with a worker. */
export function pulseMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(16);
  new Int32Array(memory).fill(-1);
  return memory;
}

/** The side that beats, from now on. Plain stores: the watcher only needs to see movement, sooner or later. */
export function pulseOn(memory: SharedArrayBuffer): Pulse {
  const cells = new Int32Array(memory);
  cells[BEGUN] = 1;
  return {
    at(index) {
      cells[INDEX] = index;
    },
    asking(model) {
      cells[MODEL] = model;
    },
    trial(place) {
      cells[TRIAL] = place;
      cells[INDEX] = -1;
      cells[MODEL] = -1; // the trial before may have failed while a model was asked
    },
  };
}

/** What was beaten last, read on the side that beats; the watcher has `readPulse`. */
export function lastBeat(memory: SharedArrayBuffer): PulseReading {
  const cells = new Int32Array(memory);
  return {
    index: cells[INDEX]!,
    model: cells[MODEL]!,
    begun: cells[BEGUN] === 1,
    trial: cells[TRIAL]!,
  };
}

/** The side that watches. */
export function readPulse(memory: SharedArrayBuffer): PulseReading {
  const cells = new Int32Array(memory);
  return {
    index: Atomics.load(cells, INDEX),
    model: Atomics.load(cells, MODEL),
    begun: Atomics.load(cells, BEGUN) === 1,
    trial: Atomics.load(cells, TRIAL),
  };
}
