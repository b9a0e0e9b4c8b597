import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { DataReport } from "./report.ts";

/** What validation says of exactly the files that a run used, small enough to lie beside it. */
export interface QualityCertificate {
  readonly verdict: "clean" | "found";
  /** SHA-256 over the places and content hashes of the files. */
  readonly content_hash: string;
  readonly files: readonly {
    readonly file: string;
    readonly rows: number;
    readonly content_hash: string;
    /** Of each check that found something: how much, and whether beyond the thresholds. */
    readonly findings: Readonly<
      Record<string, { readonly count: number; readonly beyond: boolean }>
    >;
  }[];
}

/** The certificate of some files of a report, by their places under the data root. RangeError for one that it lacks. */
export function qualityOf(report: DataReport, places: readonly string[]): QualityCertificate {
  const files = [...new Set(places)].sort().map((place) => {
    const found = report.files.find(({ file }) => file === place);
    if (!found) throw new RangeError(`The report of the data has no file ${place}`);
    const { file, rows, content_hash, findings } = found;
    const counts = findings.map(({ check, count, beyond }) => [check, { count, beyond }] as const);
    return { file, rows, content_hash, findings: Object.fromEntries(counts) };
  });
  const beyond = report.files.some(({ file, findings }) =>
    places.includes(file) && findings.some((finding) => finding.beyond)
  );
  return {
    verdict: beyond ? "found" : "clean",
    content_hash: sha256(
      canonicalJson(files.map(({ file, content_hash }) => [file, content_hash])),
    ),
    files,
  };
}
