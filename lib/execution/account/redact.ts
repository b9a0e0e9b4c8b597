import { Buffer } from "node:buffer";
import type { Secret } from "../../core/secret.ts";

/** Takes what must not be seen out of a text; stands before every sink. */
export type Redact = (text: string) => string;

const SHOWN = "[secret]";

// What names a key in a query, a header or JSON, quoted or not, and the value after it.
const NAMED =
  /\b(signature|api[-_]?key|api[-_]?secret|secret[-_]?key|apca-[a-z-]+|x-mbx-apikey|api-sign)(\\*["']?\s*[=:]\s*\\*["']?)[^\s"'&,;\\}]+/gi;

const QUERY = /(\b(?:https?|wss?):\/\/[^\s"'?#\\]*)\?[^\s"'#\\]*/gi;

/** Replaces the secrets' own text in every spelling, whatever follows a key's name, and the query of every URL. */
export function redactor(secrets: readonly Secret[]): Redact {
  const spellings = [...new Set(secrets.flatMap((secret) => spellingsOf(secret.reveal())))]
    .sort((a, b) => b.length - a.length); // the longest first, as one may hold another
  return (text) =>
    spellings.reduce((shown, spelling) => shown.replaceAll(spelling, SHOWN), text)
      .replace(QUERY, "$1?[removed]")
      .replace(NAMED, `$1$2${SHOWN}`);
}

function spellingsOf(text: string): readonly string[] {
  if (text === "") return [];
  const bytes = Buffer.from(text, "utf8");
  const hex = bytes.toString("hex");
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ...[bytes.toString("base64"), bytes.toString("base64").replace(/=+$/, "")],
    ...[bytes.toString("base64url"), hex, hex.toUpperCase()],
  ];
}
