import { Refusal } from "../core/errors.ts";

/** One word of an expression, and the character at which it starts, from 0. */
export type Token =
  | {
    readonly kind: "value";
    readonly value: string | number | boolean | null;
    readonly text: string;
    readonly at: number;
  }
  | { readonly kind: "name" | "sign" | "end"; readonly text: string; readonly at: number };

const SIGN_WORDS: readonly string[] = ["and", "or", "not"];
const VALUE_WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** A number, a name with dots, a name in backticks, a text in quotes, a sign. */
const PATTERN =
  /((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*(?:\.\w+)*)|`([^`]+)`|"([^"]*)"|'([^']*)'|([<>=!]=|[<>+\-*/()])/y;

/** The words of an expression, the last of them its end. Throws Refusal at a character that starts none. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = firstFrom(text, 0);
  while (at < text.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) {
      const found = JSON.stringify(text[at]);
      const hint = text[at] === "=" ? ' (did you mean "=="?)' : "";
      throw new Refusal(
        `character ${at + 1} of ${JSON.stringify(text)}: found ${found}, ` +
          `expected a parameter, a value or an operator${hint}`,
      );
    }
    tokens.push(tokenOf(match, at));
    at = firstFrom(text, PATTERN.lastIndex);
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function tokenOf(match: RegExpExecArray, at: number): Token {
  const [text, number, word, name, double, single] = match;
  if (number !== undefined) return { kind: "value", value: Number(number), text, at };
  if (name !== undefined) return { kind: "name", text: name, at };
  const quoted = double ?? single;
  if (quoted !== undefined) return { kind: "value", value: quoted, text, at };
  if (word === undefined || SIGN_WORDS.includes(word)) return { kind: "sign", text, at };
  const value = VALUE_WORDS.get(word);
  if (value === undefined) return { kind: "name", text, at };
  return { kind: "value", value, text, at };
}

/** Place of the first character from `start` that is no space. */
function firstFrom(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at]!.trim() === "") at++;
  return at;
}
