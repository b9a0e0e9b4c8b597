/** What went wrong since it was last cleared, one line each. */
export interface TroubleBook {
  add(line: string): void;
  lines(): readonly string[];
  clear(): void;
  /** What the work comes to, or the value of before with a line that begins with a name. */
  unless<Value>(name: string, before: Value, work: () => Promise<Value>): Promise<Value>;
}

/** A book without a line. */
export function troubleBook(): TroubleBook {
  const found = new Set<string>();
  return {
    add: (line) => void found.add(line),
    lines: () => [...found],
    clear: () => found.clear(),
    async unless(name, before, work) {
      try {
        return await work();
      } catch (error) {
        const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
        found.add(`${name}: ${message}`);
        return before;
      }
    },
  };
}
