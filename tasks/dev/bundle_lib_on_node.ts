// Bundled in place of the globals that Node lacks.

const HOW =
  'do it with Deno, by "deno task …" or in a notebook on the Deno kernel, and open the finished run here';

/** Deno where there is one; else every use of it fails with one line. */
export const Deno: unknown = Reflect.get(globalThis, "Deno") ??
  new Proxy({}, {
    get(_, name) {
      throw new TypeError(`This needs Deno.${String(name)}, which Node has not: ${HOW}`);
    },
  });

/** Node has no Worker with permissions, which the sandbox of models is made of. */
export const Worker: unknown = Reflect.get(globalThis, "Worker") ??
  function () {
    throw new TypeError(`This needs the sandbox of Deno, which Node has not: ${HOW}`);
  };

/** The record of runs is a SQLite file. */
export function withoutSqlite(): never {
  throw new TypeError(
    "The record of runs needs node:sqlite, which this Node has not: take Node 22.5 or newer, or Deno",
  );
}
