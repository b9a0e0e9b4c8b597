/** What a macro file is made of: the publisher's series by column. */
export interface MacroFile {
  readonly columns: Readonly<Record<string, string>>;
  /** A column that is worked out of another one: 50 + 10 times its mean of three months. */
  readonly derived?: { readonly column: string; readonly from: string };
}

/** Macro files that can be downloaded, by the name of the file. */
export const MACRO_FILES: Readonly<Record<string, MacroFile>> = {
  vix: { columns: { close: "VIXCLS" } },
  yield_curve: { columns: { DGS2: "DGS2", DGS10: "DGS10" } },
  // The ISM's index is not free; see data/README.md for what stands in for it.
  pmi: { columns: { cfnai: "CFNAI" }, derived: { column: "value", from: "cfnai" } },
  usrec: { columns: { value: "USREC" } },
};
