import { strictEqual, throws } from "node:assert/strict";
import { checkedBaseUrl, HOSTS, isLoopback } from "./base_url.ts";
import { SOURCE_NAMES } from "./source.ts";

Deno.test("FR-006 each source's own hosts over https, and loopback, are base URLs", () => {
  for (const source of SOURCE_NAMES) {
    for (const host of HOSTS[source]) {
      strictEqual(checkedBaseUrl(source, `https://${host}/`), `https://${host}`);
    }
    strictEqual(checkedBaseUrl(source, "http://localhost:1/proxy/"), "http://127.0.0.1:1/proxy");
    for (const url of ["http://127.0.0.1:8080", "https://localhost", "https://127.0.0.1"]) {
      strictEqual(checkedBaseUrl(source, url), url);
      strictEqual(isLoopback(url), true);
    }
  }
});

Deno.test("FR-006 anything else is refused in one line before a key is sent to it", () => {
  for (
    const url of [
      "https://data.alpaca.markets.example.org",
      "https://example.org",
      "http://data.alpaca.markets",
      "https://data.alpaca.markets:8443",
      "https://data.alpaca.markets/v1",
      "https://user:secret@data.alpaca.markets",
      "http://127.0.0.1.example.org",
      "http://127.0.0.1:80/?key=secret",
      "http://10.0.0.1",
      "file:///etc/passwd",
      "data.alpaca.markets",
      "",
    ]
  ) {
    throws(
      () => checkedBaseUrl("alpaca", url),
      (error: Error) =>
        error.name === "Refusal" && !error.message.includes("secret") &&
        /^Cannot use the base URL of alpaca: found "[^\n]*", expected https:\/\/data\.alpaca\.markets, or http:\/\/127\.0\.0\.1:PORT$/
          .test(error.message),
    );
  }
});
