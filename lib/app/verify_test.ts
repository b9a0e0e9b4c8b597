import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { z } from "zod";
import { Refusal } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { defineModel, type Model } from "../models/model.ts";
import { trading } from "../features/mod.ts";
import { backtest } from "./backtest.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { verify } from "./verify.ts";
import { found, withRun } from "./verify_test_market.ts";

const refusal = (message: RegExp) => (error: unknown) => {
  strictEqual(error instanceof Refusal && error.exitCode, 1, String(error));
  match((error as Error).message, message);
  strictEqual((error as Error).message.includes("\n"), false);
  return true;
};

/** The same code after a change, with the fingerprints that it then has. */
function otherwise(
  code: CodeFingerprint,
  change: Partial<Pick<CodeFingerprint, "modules" | "packages" | "deno" | "written">>,
): CodeFingerprint {
  const changed = { ...code, ...change };
  const { modules, packages, deno, written } = changed;
  const fingerprint = sha256(canonicalJson({ modules, packages, deno }));
  return { ...changed, fingerprint, artefacts: sha256(canonicalJson(written)) };
}

Deno.test("SC-008 other code, packages or another runtime are told by name, and nothing is computed", async () => {
  const code = await codeFingerprint();
  const { modules, packages, written } = code;
  const path = "lib/engine/decide.ts";
  const { [path]: _, ...fewer } = modules;
  const elsewhere = "lib/results/logs.ts";
  const cases: readonly (readonly [CodeFingerprint, "code" | "runtime", RegExp])[] = [
    [
      otherwise(code, { modules: { ...modules, [path]: sha256("changed") } }),
      "code",
      /^lib\/engine\/decide\.ts was changed since the run was made$/,
    ],
    [
      otherwise(code, { modules: { ...modules, "lib/engine/luck.ts": sha256("new") } }),
      "code",
      /^lib\/engine\/luck\.ts was added since/,
    ],
    [otherwise(code, { modules: fewer }), "code", /^lib\/engine\/decide\.ts was removed since/],
    [
      otherwise(code, {
        written: { ...written, modules: { ...written.modules, [elsewhere]: sha256("changed") } },
      }),
      "code",
      /^lib\/results\/logs\.ts was changed since/,
    ],
    [
      otherwise(code, { packages: packages.map((name) => name.replace(/@.*/, "@0.0.1")) }),
      "code",
      /^package zod: found 0\.0\.1, 4|^package zod: found 0\.0\.1, expected \d/,
    ],
    [
      otherwise(code, { packages: [...packages, "left-pad@1.3.0"] }),
      "code",
      /^package left-pad 1\.3\.0 is used now and was not by the run$/,
    ],
    [
      otherwise(code, { deno: "2.9.7" }),
      "runtime",
      /^the run was made with Deno \d+\.\d+\.\d+, this is Deno 2\.9\.7$/,
    ],
    [
      { ...code, fingerprint: sha256("other") },
      "code",
      /fingerprint of the code is another, though no module/,
    ],
  ];
  await withRun(async ({ verify }) => {
    for (const [other, kind, message] of cases) {
      const verification = await verify(() => {}, { code: other });
      found(verification, kind, message.source);
      strictEqual(verification.findings.length, 1, message.source);
      match(verification.findings[0]!.message, message);
      strictEqual(verification.executed, false);
    }
  });
});

Deno.test("SC-008 a run that does not exist, or several that begin so, are refused in one line", async () => {
  await inTestFolder(async (resultsRoot) => {
    const options = { resultsRoot, threads: 0 };
    await rejects(verify("0123", options), refusal(/^No run "0123" among the 0 in /));
    for (const id of ["0123456789abcdef", "0123456789abcde0"]) {
      await mkdir(`${resultsRoot}runs/${id}`, { recursive: true });
    }
    await rejects(
      verify("0123", options),
      refusal(/^Run "0123" is ambiguous: 0123456789abcde0, 0123456789abcdef$/),
    );
    await rejects(verify("", options), refusal(/^Run "": found nothing, expected a run id/));
    await rejects(verify("../runs", options), refusal(/^No run/));
    const empty = await verify("0123456789abcdef", options);
    deepStrictEqual(empty.findings.map(({ message }) => message), [
      "run.json: the file is missing",
    ]);
  });
});

Deno.test("FR-058 an interrupted verification is refused, in the sandbox and without", async () => {
  await withRun(async ({ verify }) => {
    for (const threads of [0, 1]) {
      const signal = AbortSignal.abort();
      await rejects(verify(() => {}, { threads, signal }), refusal(/^Interrupted$/));
    }
  });
});

function holding(weight: number): Model {
  return defineModel({
    name: "NotebookModel_v1",
    version: "1.0.0",
    universe: ["BTC"],
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close() }),
    decide: () => ({ BTC: weight }),
  });
}

Deno.test("FR-013 an unsealed run is verified with its models, told from others, and refused without", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const model = holding(0.3);
    const loaded = await tinyPlan(`${folder}data`, { define: [model], models: [model.name] });
    const { id } = await backtest(loaded, { resultsRoot });
    const equal = await verify(id, { resultsRoot, define: [model] });
    deepStrictEqual([equal.verdict, equal.findings], ["equal", []]);
    const other = await verify(id, { resultsRoot, define: [holding(0.2)] });
    strictEqual(other.verdict, "different");
    match(other.findings[0]!.message, /^the models given decide otherwise: found outcome/);
    const lives = refusal(
      /is unsealed: its model NotebookModel_v1 lives in a notebook.*define: \[NotebookModel_v1\]/,
    );
    await rejects(verify(id, { resultsRoot }), lives);
    const lacks = refusal(/is unsealed: define lacks its model NotebookModel_v1, found none$/);
    await rejects(verify(id, { resultsRoot, define: [] }), lacks);
  });
});
