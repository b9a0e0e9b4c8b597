/** What a model showed in paper trading, by its own ledger: plain JSON, undefined is null. */
export interface PaperRecord {
  readonly account: string;
  /** Days of trading, and trades opened and closed. */
  readonly days: number;
  readonly trades: number;
  /** Per year. */
  readonly sharpe: number | null;
  /** A fraction, 0 or more. */
  readonly max_drawdown: number | null;
  /** First and last day, `YYYY-MM-DD`. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 of the journal that it was read from. */
  readonly hash: string;
}

/** Where records of paper trading come from. */
export interface PaperRecords {
  /**
   * What `name@version` did on an account from `since` to `until` (ISO) with `budget` of its NAV; undefined where it did
   * nothing, and where that was a rehearsal. The same question has the same answer, hash and all, however much was traded
   * later: two people approve the same record.
   */
  read(
    model: string,
    asked: {
      readonly account: string;
      readonly since: string;
      readonly until: string;
      readonly budget: number;
    },
  ): Promise<PaperRecord | undefined>;
}

/** No paper trading yet. */
export const noPaperRecords: PaperRecords = { read: () => Promise.resolve(undefined) };
