/**
 * Freezes these values and all that they lead to, by property, accessor or prototype, so that nobody who shares them can
 * change them for the others. Throws TypeError for what cannot be frozen: columns, maps and sets stay writable inside.
 */
export function harden(roots: readonly unknown[]): void {
  const seen = new Set<unknown>([globalThis]); // it has names that the runtime still writes
  const waiting = [...roots];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (!isObject(value) || seen.has(value)) continue;
    seen.add(value);
    if (isWritableInside(value)) {
      throw new TypeError(`Models must not share ${String(value)}: it cannot be frozen`);
    }
    Object.freeze(value);
    waiting.push(Object.getPrototypeOf(value));
    // order: all are frozen, whichever comes first
    for (const key of Reflect.ownKeys(value)) {
      const { value: held, get, set } = Object.getOwnPropertyDescriptor(value, key)!;
      waiting.push(held, get, set);
    }
  }
}

/** Every object of the language itself, those without a name too: what all code of one thread has in common. */
export function intrinsics(): readonly unknown[] {
  // order: as above
  const named = Object.getOwnPropertyNames(globalThis)
    .map((name) => Object.getOwnPropertyDescriptor(globalThis, name)!.value as unknown);
  const iterators = [
    [].values(),
    new Map().values(),
    new Set().values(),
    ""[Symbol.iterator](),
    "".matchAll(/x/g),
    [].values().map(String),
    Iterator.from({ next: () => ({ done: true, value: undefined }) }),
  ];
  const functions = [function () {}, async function () {}, function* () {}, async function* () {}];
  return [...named, ...[...iterators, ...functions].map((sample) => Object.getPrototypeOf(sample))];
}

/** Whatever can have properties. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isWritableInside(value: object): boolean {
  return value instanceof Map || value instanceof Set || ArrayBuffer.isView(value);
}
