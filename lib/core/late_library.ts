import { Refusal } from "./errors.ts";

/** A package that only some tasks fetch. */
export interface LateLibrary {
  /** With its exact version. */
  readonly specifier: string;
  /** What nobody can do without it: `ask an exchange`. */
  readonly purpose: string;
  /** The folder whose lock file has it, and a task that is on that. */
  readonly lock: string;
  readonly task: string;
}

/**
 * Loads it when it is needed. The specifier is a value and in no import map: what the project's own lock file named would
 * be fetched by the first run of anything. Refuses in a process that has it not.
 */
export async function loadLate<Module>(
  { specifier, purpose, lock, task }: LateLibrary,
): Promise<Module> {
  try {
    return await import(specifier);
  } catch (cause) {
    const message = `Cannot ${purpose}: found no library for it in this process, ` +
      `expected one on the lock file of ${lock} (deno task ${task}), online the first time`;
    throw new Refusal(message, { cause });
  }
}
