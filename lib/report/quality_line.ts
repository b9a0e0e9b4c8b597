/** What validation says of the files behind a run: as far as a page tells it. */
export interface ShownQuality {
  readonly verdict: "clean" | "found";
  readonly files: readonly {
    readonly file: string;
    readonly findings: Readonly<
      Record<string, { readonly count: number; readonly beyond: boolean }>
    >;
  }[];
}

/** The quality of a run's data in one line. */
export function qualityLine({ verdict, files }: ShownQuality): string {
  const count = `${files.length} ${files.length === 1 ? "file" : "files"} validated`;
  if (verdict === "clean") return `Data: clean (${count})`;
  // order: as the checks are made
  const beyond = files.flatMap(({ file, findings }) =>
    Object.entries(findings).filter(([, { beyond }]) => beyond)
      .map(([check, { count }]) => `${check.replaceAll("_", " ")} in ${file} (${count})`)
  );
  const more = beyond.length > MOST_SHOWN ? ` and ${beyond.length - MOST_SHOWN} more` : "";
  return `Data: FOUND ${
    beyond.slice(0, MOST_SHOWN).join(", ")
  }${more}; see deno task data validate`;
}

const MOST_SHOWN = 3;
