import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk, writeFileAtomically } from "../core/atomic_file.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import type { Proofs } from "../core/proofs.ts";

/** The kinds of proof, each in a file of its own. */
export const PROOF_NAMES = ["certificate", "envelope", "luck"] as const;
export type ProofName = typeof PROOF_NAMES[number];

/** What a proof belongs to: a proof of another run, of other bytes or made by other code proves nothing here. */
export interface ProofBinding {
  readonly run_id: string;
  /** SHA-256 of the run's card, and so of all its files. */
  readonly card: string;
  /** Fingerprint of the code that proves. */
  readonly made_by: string;
}

/** Proofs beside the runs: `proofs/<run id>/certificate.json` and its like, outside the runs' own bytes. */
export interface ProofStore {
  /**
   * The proofs that are there, whole, and of this run, made by any code unless some is named; `damaged` names files that
   * are not what was written.
   */
  read(
    binding: Omit<ProofBinding, "made_by"> & Partial<ProofBinding>,
  ): Promise<{ readonly proofs: Proofs; readonly damaged: readonly string[] }>;
  /** Writes each proof as a whole; those that are not given stay as they are. */
  write(binding: ProofBinding, proofs: Proofs): Promise<void>;
}

/** One proof as it lies in its file. */
interface ProofFile extends ProofBinding {
  readonly proof: unknown;
  /** SHA-256 over the canonical text of all the rest. */
  readonly hash: string;
}

/** The proofs under `root`. Nothing is made there before something is written. */
export function proofStore(root: string, options: { readonly disk?: Disk } = {}): ProofStore {
  const disk = options.disk ?? localDisk;
  const fileOf = (id: string, name: ProofName) => join(root, "proofs", id, `${name}.json`);
  return {
    async read(binding) {
      const proofs: Record<string, unknown> = {};
      const damaged: string[] = [];
      for (const name of PROOF_NAMES) {
        const file = fileOf(binding.run_id, name);
        const text = await readFile(file, "utf8").catch(() => undefined);
        if (text === undefined) continue;
        const found = parsed(text);
        if (found === undefined) damaged.push(file);
        else if (belongs(found, binding)) proofs[name] = found.proof;
      }
      return { proofs, damaged };
    },
    async write(binding, proofs) {
      await Promise.all(PROOF_NAMES.map(async (name) => {
        const proof = proofs[name];
        if (proof === undefined) return;
        const bytes = new TextEncoder().encode(proofText(binding, proof));
        await writeFileAtomically(fileOf(binding.run_id, name), bytes, disk);
      }));
    },
  };
}

/** The text of a proof's file: equal proofs give equal text. */
function proofText({ run_id, card, made_by }: ProofBinding, proof: unknown): string {
  const body = { run_id, card, made_by, proof };
  return `${JSON.stringify({ ...body, hash: sha256(canonicalJson(body)) }, null, 2)}\n`;
}

/** The proof in a text; undefined when it is not what was once written. */
function parsed(text: string): ProofFile | undefined {
  try {
    const { hash, ...body } = JSON.parse(text) as ProofFile;
    if (sha256(canonicalJson(body)) !== hash) return undefined;
    return { ...body, hash };
  } catch {
    return undefined;
  }
}

function belongs(file: ProofFile, { run_id, card, made_by }: Partial<ProofBinding>): boolean {
  return file.run_id === run_id && file.card === card &&
    (made_by === undefined || file.made_by === made_by);
}
