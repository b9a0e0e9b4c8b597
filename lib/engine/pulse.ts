/**
 * A sign of life that a sandboxed run shares with the thread that watches it: which decision it is at and which model
 * it is asking.
 */
export interface Pulse {
  /** At decision `index` of `count`. */
  at(index: number): void;
  /** Asking the model at this place of the plan; -1 when none. */
  asking(model: number): void;
}

/** What the watcher reads. */
export interface PulseReading {
  /** -1 while features are computed. */
  readonly index: number;
  readonly model: number;
}

const INDEX = 0;
const MODEL = 1;

/** Memory for one pulse, to be shared with a worker. */
export function pulseMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(8);
  new Int32Array(memory).fill(-1);
  return memory;
}

/** The side that beats. Plain stores: the watcher only needs to see movement, sooner or later. */
export function pulseOn(memory: SharedArrayBuffer): Pulse {
  const cells = new Int32Array(memory);
  return {
    at(index) {
      cells[INDEX] = index;
    },
    asking(model) {
      cells[MODEL] = model;
    },
  };
}

/** The side that watches. */
export function readPulse(memory: SharedArrayBuffer): PulseReading {
  const cells = new Int32Array(memory);
  return { index: Atomics.load(cells, INDEX), model: Atomics.load(cells, MODEL) };
}
