import { readdir, readFile } from "node:fs/promises";
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
   * The proofs that are there, whole, and of this run, made by any code unless some is named; `damaged` are those whose
   * files are not what was written, or belong to another run or to other bytes.
   */
  read(
    binding: Omit<ProofBinding, "made_by"> & Partial<ProofBinding>,
  ): Promise<{ readonly proofs: Proofs; readonly damaged: readonly ProofName[] }>;
  /** What lies in the folder of a run's proofs, whatever it belongs to; `strangers` are names of what is no proof. */
  examine(
    runId: string,
  ): Promise<{ readonly files: readonly ProofOnFile[]; readonly strangers: readonly string[] }>;
  /** Writes each proof as a whole; those that are not given stay as they are. */
  write(binding: ProofBinding, proofs: Proofs): Promise<void>;
}

/** A proof and what it says it belongs to. */
export interface WrittenProof extends ProofBinding {
  readonly proof: unknown;
}

/** A file that lies where a proof belongs. */
export interface ProofOnFile {
  readonly name: ProofName;
  /** Absent where the bytes are not what the store writes. */
  readonly written?: WrittenProof;
}

/** The proofs under `root`. Nothing is made there before something is written. */
export function proofStore(root: string, options: { readonly disk?: Disk } = {}): ProofStore {
  const disk = options.disk ?? localDisk;
  const fileOf = (id: string, name: ProofName) => join(root, "proofs", id, `${name}.json`);

  async function filesOf(id: string): Promise<readonly ProofOnFile[]> {
    const files: ProofOnFile[] = [];
    for (const name of PROOF_NAMES) {
      const bytes = await bytesOf(fileOf(id, name));
      if (bytes === undefined) continue;
      const written = parsed(bytes);
      files.push({ name, ...(written === undefined ? {} : { written }) });
    }
    return files;
  }

  return {
    async read({ run_id, card, made_by }) {
      const proofs: Record<string, unknown> = {};
      const damaged: ProofName[] = [];
      for (const { name, written } of await filesOf(run_id)) {
        if (written?.run_id !== run_id || written.card !== card) damaged.push(name);
        else if (made_by === undefined || written.made_by === made_by) proofs[name] = written.proof;
      }
      return { proofs, damaged };
    },
    async examine(runId) {
      const names = await readdir(join(root, "proofs", runId)).catch(() => []);
      const strangers = names.filter((name) => !OWN_FILE.test(name)).sort();
      return { files: await filesOf(runId), strangers };
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

// What an interrupted write leaves is no proof and nobody's forgery.
const OWN_FILE = /^(?:certificate|envelope|luck)\.json$|^\.[a-z]+\.json\.[-\d]+\.tmp$/;

/** The bytes of a file; none when they cannot be read, undefined when there is no such file. */
async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : new Uint8Array();
  }
}

/** The text of a proof's file: equal proofs give equal text. */
function proofText({ run_id, card, made_by }: ProofBinding, proof: unknown): string {
  const body = { run_id, card, made_by, proof };
  return `${JSON.stringify({ ...body, hash: sha256(canonicalJson(body)) }, null, 2)}\n`;
}

/** The proof in a file; undefined when the file is not, byte for byte, what the store writes. */
function parsed(bytes: Uint8Array): WrittenProof | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { run_id, card, made_by, proof } = JSON.parse(text) as WrittenProof;
    const written = { run_id, card, made_by, proof };
    return text === proofText(written, proof) ? written : undefined;
  } catch {
    return undefined;
  }
}
