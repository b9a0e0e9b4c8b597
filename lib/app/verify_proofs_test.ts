import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Proofs } from "../core/proofs.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { type ProofBinding, type ProofName, proofStore } from "../results/mod.ts";
import { audit } from "./audit.ts";
import { backtest, type Run } from "./backtest.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { bindingOf } from "./proofs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { verify as verifyRun } from "./verify.ts";
import type { Verification } from "./verify_finding.ts";
import { proofsOnFile } from "./verify_proofs.ts";

interface Made {
  readonly run: Run;
  readonly resultsRoot: string;
  readonly dataRoot: string;
  readonly binding: ProofBinding;
  fileOf(name: string): string;
  verify(threads?: number): Promise<Verification>;
}

/** Lends a test a finished run with all its proofs. */
async function withProofs(action: (made: Made) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    const [dataRoot, resultsRoot] = [`${folder}data`, `${folder}results`];
    await writeBtc(dataRoot);
    const run = await backtest(await tinyPlan(dataRoot), { threads: 0, resultsRoot });
    await action({
      run,
      resultsRoot,
      dataRoot,
      binding: bindingOf(run.card, await codeFingerprint()),
      fileOf: (name) => join(resultsRoot, "proofs", run.id, name),
      verify: (threads = 0) => verifyRun(run.id, { threads, resultsRoot }),
    });
  });
}

/** One finding, of the proofs of a run, in one line. */
function only({ verdict, executed, findings }: Verification, file: string) {
  deepStrictEqual([verdict, executed, findings.length], ["different", true, 1]);
  const [finding] = findings;
  deepStrictEqual([finding!.kind, finding!.file], ["artefact", file]);
  ok(!finding!.message.includes("\n"));
  return finding!;
}

/** Writes a proof as the program itself would, with its hash. */
async function forge(
  { resultsRoot, run, binding }: Made,
  change: (proofs: Required<Proofs>) => Proofs,
  otherwise: Partial<ProofBinding> = {},
): Promise<void> {
  const proofs = JSON.parse(JSON.stringify(run.proofs)) as Required<Proofs>;
  await proofStore(resultsRoot).write({ ...binding, ...otherwise }, change(proofs));
}

const bolder = ({ luck }: Required<Proofs>): Proofs => ({
  luck: {
    ...luck,
    portfolio: { ...luck.portfolio, sharpe: { ...luck.portfolio.sharpe, low: 9 } },
  },
});

const FORGERIES: Readonly<
  Record<ProofName, readonly [change: (proofs: Required<Proofs>) => Proofs, column: string]>
> = {
  certificate: [
    ({ certificate }) => ({ certificate: { ...certificate, verdict: "optimistic" } }),
    "proof.verdict",
  ],
  envelope: [({ envelope }) => ({ envelope: { ...envelope, headline: "Fine" } }), "proof.headline"],
  luck: [bolder, "proof.portfolio.sharpe.low"],
};

Deno.test("SC-002 every proof on file comes out again, in the sandbox and without", async () => {
  await withProofs(async ({ verify }) => {
    for (const threads of [0, 1]) {
      const { verdict, findings, notes } = await verify(threads);
      deepStrictEqual([verdict, findings, notes], ["equal", [], []]);
    }
  });
});

Deno.test("SC-002 a proof that was written anew with another figure is found by its key path, and an audit mends it", async () => {
  await withProofs(async (made) => {
    const { run: { id, proofs }, resultsRoot, verify } = made;
    for (const [name, [change, column]] of Object.entries(FORGERIES)) {
      const text = await readFile(made.fileOf(`${name}.json`));
      await forge(made, change);
      const finding = only(await verify(), `proofs/${id}/${name}.json`);
      const { expected, found } = finding;
      strictEqual(finding.column, column);
      strictEqual(
        finding.message,
        `proofs/${id}/${name}.json is not what the run gives: ${column}: found ${found}, ` +
          `expected ${expected}; \`deno task audit ${id}\` makes it anew`,
      );
      await writeFile(made.fileOf(`${name}.json`), text);
    }
    await forge(made, bolder);
    const { low } = proofs.luck!.portfolio.sharpe;
    const { expected, found } = only(await verify(), `proofs/${id}/luck.json`);
    deepStrictEqual([expected, found], [JSON.stringify(low), "9"]);
    await audit(id, { threads: 0, resultsRoot });
    strictEqual((await verify()).verdict, "equal");
  });
});

Deno.test("SC-002 of other proving code only what differs is told, with a word about that code", async () => {
  await withProofs(async (made) => {
    const { run: { id }, verify } = made;
    const other = { made_by: "0".repeat(64) };
    await forge(made, ({ luck }) => ({ luck }), other);
    strictEqual((await verify()).verdict, "equal");
    await forge(made, bolder, other);
    match(
      only(await verify(), `proofs/${id}/luck.json`).message,
      /; it was made by other proving code, `deno task audit \w{16}` makes it anew$/,
    );
  });
});

Deno.test("SC-002 a proof of another run, of other bytes, with other blanks, or a stranger beside it is found", async () => {
  await withProofs(async (made) => {
    const { run: { id }, dataRoot, resultsRoot, verify, fileOf } = made;
    const file = fileOf("luck.json");
    const text = await readFile(file, "utf8");
    const plan = await tinyPlan(dataRoot, { sets: ["system.seed=7"] });
    const other = await backtest(plan, { threads: 0, resultsRoot });
    await cp(join(resultsRoot, "proofs", other.id, "luck.json"), file);
    const copied = only(await verify(), `proofs/${id}/luck.json`);
    match(copied.message, new RegExp(`luck\\.json belongs to run ${other.id}; \`deno task audit `));
    deepStrictEqual([copied.expected, copied.found], [id, other.id]);

    await forge(made, ({ luck }) => ({ luck }), { card: "c".repeat(64) });
    match(only(await verify(), `proofs/${id}/luck.json`).message, /belongs to other bytes than/);

    await writeFile(file, `${text}\n`);
    const blank = only(await verify(), `proofs/${id}/luck.json`);
    match(blank.message, /luck\.json is not what was once written; `deno task audit \w{16}` makes/);

    const swapped = text.replace(/("seed": .*),\n(\s*)("confidence": .*),\n/, "$3,\n$2$1,\n");
    ok(swapped !== text);
    await writeFile(file, swapped); // the hash does not see the order of keys, the run's own does
    match(
      only(await verify(), `proofs/${id}/luck.json`).message,
      /the keys stand in another order/,
    );

    await writeFile(file, text);
    await writeFile(fileOf("luck2.json"), text);
    const stranger = only(await verify(), `proofs/${id}/luck2.json`);
    match(stranger.message, /^"proofs\/\w{16}\/luck2\.json" lies beside the run's proofs and is/);
  });
});

Deno.test("SC-002 a proof that a limit keeps from being made again is told with the reason", async () => {
  await withProofs(async ({ run, resultsRoot }) => {
    const { compared } = await proofsOnFile(resultsRoot, run.id);
    const { certificate: _, ...proofs } = JSON.parse(JSON.stringify(run.proofs)) as Proofs;
    const files = new Map([["run.json", await readFile(join(run.folder, "run.json"))]]);
    const again = { card: run.card, files, proofs, unproved: "took too long", findings: [] };
    deepStrictEqual(compared(again, await codeFingerprint()).map(({ message }) => message), [
      `proofs/${run.id}/certificate.json could not be made again: took too long`,
    ]);
  });
});

Deno.test("SC-002 a run without a certificate is equal, with a note that it was not audited", async () => {
  await withProofs(async ({ run: { id }, resultsRoot, verify, fileOf }) => {
    await rm(fileOf("certificate.json"));
    const notes = [`Causality: not audited; deno task audit ${id}`];
    const one = await verify();
    deepStrictEqual([one.verdict, one.findings, one.notes], ["equal", [], notes]);
    await rm(join(resultsRoot, "proofs"), { recursive: true });
    const none = await verify();
    deepStrictEqual([none.verdict, none.findings, none.notes], ["equal", [], notes]);
  });
});

Deno.test("SC-002 a damaged card is told by itself: no proof is blamed for it", async () => {
  await withProofs(async ({ run, verify }) => {
    const file = join(run.folder, "run.json");
    await writeFile(file, `${await readFile(file, "utf8")} `);
    const { findings } = await verify();
    deepStrictEqual(findings.map(({ kind }) => kind), ["card"]);
  });
});
