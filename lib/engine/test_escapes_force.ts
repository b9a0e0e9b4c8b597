// What a model tries by brute force: to keep the worker for itself, and to fill the memory.
import { trading } from "../features/mod.ts";
import { answering, type Escape, escapee, innocent, throwing } from "./test_escape_models.ts";

/** As good as for ever; yet it ends, since nobody can end a worker that is busy before its process does. */
const forever = (): never => {
  for (let i = 0; i < 15e8; i++);
  throw new Error("nobody stopped it");
};

const undecided = /did not decide for 2024-03-01T00:00:00Z within \d+ ms/;
const undeclared = /did not declare its features within \d+ ms/;

const declaring = (
  name: string,
  declaration: { features?: () => never; schedule?: () => { days: number } },
): Escape => ({
  model: escapee(name, { decide: innocent, ...declaration }),
  expect: "blocked",
  says: undeclared,
});

/** Attempts to keep the worker. */
export const STALLS: readonly Escape[] = [
  throwing("LoopsInDecision_v1", forever, undecided),
  answering(
    "LoopsInAnswer_v1",
    () => ({
      get AAA() {
        return forever();
      },
    }),
    "blocked",
    undecided,
  ),
  answering("LoopsInTrap_v1", () => new Proxy({}, { ownKeys: forever }), "blocked", undecided),
  answering(
    "LoopsInKind_v1",
    () => new Proxy({}, { getPrototypeOf: forever }),
    "blocked",
    undecided,
  ),
  throwing("LoopsInMessage_v1", () => {
    throw Object.defineProperty(new Error(), "message", { get: forever });
  }, undecided),
  throwing("LoopsInIteration_v1", () =>
    Math.max(...{
      *[Symbol.iterator]() {
        yield forever();
      },
    }), undecided),
  throwing("Backtracks_v1", () => {
    if (!/^(a+)+$/.test(`${"a".repeat(29)}b`)) throw new Error("nobody stopped it");
  }, undecided),
  throwing("Sorts_v1", () => new Float64Array(1e6).sort(forever), undecided),
  declaring("LoopsInFeatures_v1", { features: forever }),
  declaring("LoopsInSchedule_v1", { schedule: forever }),
  declaring("LoopsInDays_v1", {
    schedule: () => ({
      get days() {
        return forever();
      },
    }),
  }),
];

const full = /used more than \d+ MB of memory \(system\.model_memory_mb\)/;

/** Keeps what is made, some 600 MB in all, and stays. */
function fill(count: number, make: (place: number) => unknown): never {
  const held: unknown[] = [];
  while (held.length < count) held.push(make(held.length));
  return forever() ?? held;
}

const longText = (place: number) => [..."x".repeat(place << 20)];

/** Attempts to fill the memory. */
export const BOMBS: readonly Escape[] = [
  throwing(
    "KeepsObjects_v1",
    () => fill(4e6, (place) => ({ one: [place], two: `${place}` })),
    full,
  ),
  throwing("KeepsColumns_v1", () => fill(300, () => new Float64Array(1 << 18).fill(1)), full),
  throwing("GrowsText_v1", () => fill(12, longText), full),
  {
    model: escapee("KeepsFeatures_v1", {
      decide: innocent,
      features: () => fill(75_000, () => [trading.close(), new Array(1 << 10).fill(0.5)]),
    }),
    expect: "blocked",
    says: full,
  },
];

/** A model whose decision begins a long chain of promises, which the run outlives. */
export const chaining: Escape = answering("ChainsPromises_v1", (context) => {
  let left = 5e6;
  const next = () => {
    if (left-- > 0) Promise.resolve().then(next);
  };
  next();
  return innocent(context);
}, "harmless");
