import { match, ok, strictEqual } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { compareGolden } from "./golden/compare.ts";
import { testProject } from "./test_project.ts";

Deno.test("FR-060 the golden runs are bit for bit as pinned (if a change is meant: deno task golden --repin)", async () => {
  const { text, moved } = await compareGolden();
  ok(!moved, `${text}\n\nIf that is meant: deno task golden --repin`);
  strictEqual(text.match(/: as pinned/g)?.length, 3);
});

Deno.test("FR-060 deno task golden says what a dearer fee moves, exits 3 and pins nothing", async () => {
  const project = await testProject();
  try {
    const settings = `${project.folder}configs/base/system.yaml`;
    const text = await readFile(settings, "utf8");
    await writeFile(settings, text.replace(/fee_bps: 10\b/, "fee_bps: 11"));
    const pin = `${project.folder}tasks/golden/base.json`;
    const pinned = await readFile(pin, "utf8");
    const { code, stdout, stderr } = await project.run("golden");
    strictEqual(stderr, "error: Golden runs moved; if that is meant: deno task golden --repin\n");
    strictEqual(code, 3);
    match(stdout, /^base: moved\nFigure +Pinned +Now\n/);
    match(
      stdout,
      /\nFirst differing order: number \d+ of 434 pinned, \d+ now\n {2}pinned {2}20.*\n {2}now {5}20/,
    );
    match(stdout, /\noracle_w1: as pinned\n$/);
    strictEqual(await readFile(pin, "utf8"), pinned);
    strictEqual((await project.run("golden", ["base"])).code, 2);
  } finally {
    await project.remove();
  }
});
