import { parseDate } from "../../lib/core/clock.ts";
import { startTestServer } from "../../lib/data/sources/test_server.ts";

// Speaks the protocols of all data sources on loopback, with made-up prices up to today, to try `deno task data` without
// the internet: deno run --allow-net=127.0.0.1 tasks/dev/data_server.ts [SINCE]. Prints its base URL and stays. A line
// on stdin is a fault to come, as JSON (lib/data/sources/test_faults.ts).
const [since = "2019-01-01"] = Deno.args;
const now = Math.floor(Date.now() / 60_000) * 60_000;
parseDate(since);
const equities = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"];
const server = startTestServer({ now, since, equities });
console.log(server.url);
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  for (const line of decoder.decode(chunk).split("\n").filter((text) => text.trim() !== "")) {
    server.fail(JSON.parse(line, (key, value) => key === "on" ? new RegExp(value) : value));
  }
}
await server.close();
