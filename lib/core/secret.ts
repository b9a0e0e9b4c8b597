import { Refusal } from "./errors.ts";

const SHOWN = "[secret]";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DENO_INSPECT = Symbol.for("Deno.customInspect");

/** A key that no log, no JSON and no inspection shows: only `reveal` gives it away. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The key itself, for the header or signature that needs it and for nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [INSPECT](): string {
    return SHOWN;
  }

  [DENO_INSPECT](): string {
    return SHOWN;
  }
}

/** A key from the environment; refuses, naming the variable alone, when it is missing or holds a space. */
export function secretFrom(
  name: string,
  environment: (name: string) => string | undefined,
): Secret {
  const text = environment(name)?.trim() ?? "";
  if (text === "" || /\s/.test(text)) {
    const found = text === "" ? "nothing" : "a value with a space in it";
    throw new Refusal(`Cannot read ${name}: found ${found}, expected a key in the environment`);
  }
  return new Secret(text);
}
