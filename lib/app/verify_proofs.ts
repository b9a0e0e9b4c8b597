import { sha256 } from "../core/hash.ts";
import { CARD_FILE, jsonDifferences, type ProofName, proofStore } from "../results/mod.ts";
import type { ProofOnFile, WrittenProof } from "../results/proof_store.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import type { RepeatedRun } from "./verify_again.ts";
import type { Finding } from "./verify_finding.ts";

/** The proofs of a run that are on file, beside its bytes. */
export interface ProofsOnFile {
  /** Those that can be made once more and compared. */
  readonly names: readonly ProofName[];
  /** What is wrong with the files by themselves. */
  readonly findings: readonly Finding[];
  /** What is missing and takes nothing from the run. */
  readonly notes: readonly string[];
  /** The proofs against those that came out now; `code` is what made them. */
  compared(again: RepeatedRun, code: CodeFingerprint): readonly Finding[];
}

/** Looks at the proofs of run `id` under a folder of results, before any of them is made again. */
export async function proofsOnFile(root: string, id: string): Promise<ProofsOnFile> {
  const { files, strangers } = await proofStore(root).examine(id);
  const own = files.flatMap(({ name, written }) =>
    written?.run_id === id ? [{ name, written }] : []
  );
  const odd = files.filter(({ written }) => written?.run_id !== id);
  return {
    names: own.map(({ name }) => name),
    findings: [
      ...odd.map((file) => oddFinding(id, file)),
      ...strangers.map((name) => strangerFinding(id, name)),
    ],
    notes: files.some(({ name }) => name === "certificate") ? [] : [notAudited(id)],
    compared: (again, code) =>
      own.flatMap(({ name, written }) => {
        const finding = proofFinding(id, name, { written, again, code });
        return finding === undefined ? [] : [finding];
      }),
  };
}

/** What is said of a run, or of a page, that has no certificate. */
export function notAudited(id: string): string {
  return `Causality: not audited; deno task audit ${id}`;
}

/** How a proof of the run is not what came out now; undefined when it is. */
function proofFinding(
  id: string,
  name: ProofName,
  { written, again, code }: {
    readonly written: WrittenProof;
    readonly again: RepeatedRun;
    readonly code: CodeFingerprint;
  },
): Finding | undefined {
  const card = sha256(again.files.get(CARD_FILE)!);
  if (written.card !== card) {
    const values = { column: "card", expected: card, found: written.card };
    return finding(id, name, `belongs to other bytes than the run's; ${anew(id)}`, values);
  }
  const [found, expected] = [written.proof, again.proofs[name]];
  if (expected === undefined) {
    return finding(id, name, `could not be made again: ${again.unproved ?? "nothing came out"}`);
  }
  if (JSON.stringify(found) === JSON.stringify(expected)) return undefined;
  const [first] = jsonDifferences(found, expected, "proof");
  const { message, ...values } = first ?? { message: "the keys stand in another order" };
  const maker = written.made_by === code.proofs ? "" : "it was made by other proving code, ";
  return finding(id, name, `is not what the run gives: ${message}; ${maker}${anew(id)}`, values);
}

const RUN_ID = /^[0-9a-f]{16}$/;

function oddFinding(id: string, { name, written }: ProofOnFile): Finding {
  const found = String(written?.run_id);
  return RUN_ID.test(found)
    ? finding(id, name, `belongs to run ${found}; ${anew(id)}`, { expected: id, found })
    : finding(id, name, `is not what was once written; ${anew(id)}`);
}

function strangerFinding(id: string, name: string): Finding {
  const file = `proofs/${id}/${name}`;
  const message = `${JSON.stringify(file)} lies beside the run's proofs and is none`;
  return { kind: "artefact", file, message };
}

function finding(
  id: string,
  name: ProofName,
  what: string,
  values: Partial<Finding> = {},
): Finding {
  const file = `proofs/${id}/${name}.json`;
  return { kind: "artefact", file, ...values, message: `${file} ${what}` };
}

function anew(id: string): string {
  return `\`deno task audit ${id}\` makes it anew`;
}
