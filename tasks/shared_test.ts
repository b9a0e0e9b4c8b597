import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { Refusal } from "../lib/mod.ts";
import { commaList, parseFlags, shownPath } from "./shared.ts";

Deno.test("FR-050 flags and words may stand in any order, and a list may repeat its flag", () => {
  const { values, positionals } = parseFlags(
    { set: { type: "string", multiple: true }, json: { type: "boolean" } },
    "use it well",
    ["a.yaml", "--set", "x=1", "--json", "--set=y=2", "b.yaml"],
  );
  deepStrictEqual({ ...values }, { set: ["x=1", "y=2"], json: true });
  deepStrictEqual(positionals, ["a.yaml", "b.yaml"]);
});

Deno.test("FR-050 wrong usage is one line with the usage in it, and exit code 2", () => {
  const options = { start: { type: "string" }, json: { type: "boolean" } } as const;
  for (const args of [["--fast"], ["-x"], ["--start"], ["--start", "--json"], ["--json=1"]]) {
    throws(() => parseFlags(options, "use it well", args), (error) => {
      strictEqual(error instanceof Refusal && error.exitCode, 2);
      const { message } = error as Error;
      strictEqual(/^[^\n]*[^.\n]; usage: use it well$/.test(message), true, message);
      return true;
    });
  }
});

Deno.test("FR-050 a comma list drops blanks, and is refused when nothing is left", () => {
  deepStrictEqual(commaList("--models", " A , B,"), ["A", "B"]);
  strictEqual(commaList("--models", undefined), undefined);
  throws(() => commaList("--models", " , "), { name: "Refusal", exitCode: 2 });
  throws(() => commaList("--models", ""), { name: "Refusal", exitCode: 2 });
});

Deno.test("FR-057 a path is shown from the current directory when it lies inside it", () => {
  const here = Deno.cwd();
  strictEqual(shownPath(join(here, "results", "runs")), join("results", "runs"));
  strictEqual(shownPath(join(here, "..results")), "..results");
  for (const path of [here, join(here, ".."), join(here, "..", "beside"), "/elsewhere/results"]) {
    strictEqual(shownPath(path), path);
  }
});
