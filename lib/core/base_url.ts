import { Refusal } from "./errors.ts";

const LOOPBACK = ["127.0.0.1", "localhost"];

/**
 * A base URL without its last slash. Refuses all but https on one of `hosts` and http(s) on loopback; `owner` says whose
 * it is.
 */
export function checkedBaseUrl(
  owner: string,
  hosts: readonly string[],
  text: string,
): string {
  const refuse = () => {
    const known = hosts.map((host) => `https://${host}`).join(" or ");
    return new Refusal(
      `Cannot use the base URL of ${owner}: found ${quoted(text)}, ` +
        `expected ${known}, or http://127.0.0.1:PORT`,
    );
  };
  if (!URL.canParse(text)) throw refuse();
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (username || password || search || hash) throw refuse();
  if (LOOPBACK.includes(hostname)) {
    if (protocol !== "http:" && protocol !== "https:") throw refuse();
  } else {
    const plain = protocol === "https:" && port === "" && pathname === "/";
    if (!plain || !hosts.includes(hostname)) throw refuse();
  }
  const plain = text.replace(/\/+$/, "");
  // Tasks may reach this machine by its number alone.
  const isNamed = protocol === "http:" && hostname === "localhost";
  return isNamed ? plain.replace(/localhost/i, "127.0.0.1") : plain;
}

/** Whether a base URL, checked before, points at this machine. */
export function isLoopback(baseUrl: string): boolean {
  return LOOPBACK.includes(new URL(baseUrl).hostname);
}

/** What was given, without what may be a secret in it. */
function quoted(text: string): string {
  const shown = text.replace(/\/\/[^/@]*@/, "//…@").replace(/[?#][\s\S]*$/, "?…");
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}
