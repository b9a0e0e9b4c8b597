import { deepStrictEqual } from "node:assert/strict";
import { jsonLines } from "./json_lines.ts";

Deno.test("jsonLines() gives each document of a stream, wherever its pieces end", async () => {
  const pieces = ['{"a":', "1}\n[2]\n", '"€', '"\n{"half":'];
  const stream = ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
  deepStrictEqual(await Array.fromAsync(jsonLines(stream)), [{ a: 1 }, [2], "€"]);
});
