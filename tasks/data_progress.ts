/** How far one file is. */
export interface FileProgress {
  readonly rows: number;
  /** 0 to 1. */
  readonly share: number;
}

const REDRAW_MS = 100;
const BAR_WIDTH = 20;

/** One line on stderr that is drawn over while a download runs; only on a terminal. */
export function downloadLine(): { show(what: string, done: FileProgress): void; end(): void } {
  const terminal = Deno.stderr.isTerminal();
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  let [current, since, drawn, shown] = ["", 0, 0, false];
  return {
    show(what, done) {
      if (!terminal) return;
      const now = performance.now();
      if (what !== current) [current, since, drawn] = [what, now, 0];
      if (now - drawn < REDRAW_MS) return;
      [drawn, shown] = [now, true];
      write(`\r\x1b[2K${progressText(what, done, (now - since) / 1_000)}`);
    },
    end() {
      if (shown) write("\r\x1b[2K");
      shown = false;
    },
  };
}

/** `SPY h4 [#####     ]  25%  1,200 rows/s  0:12 left`; rate and time left once there are any. */
export function progressText(
  what: string,
  { rows, share }: FileProgress,
  seconds: number,
): string {
  const filled = Math.round(BAR_WIDTH * share);
  const bar = `[${"#".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
  const percent = `${Math.floor(100 * share)}%`.padStart(4);
  if (rows === 0 || seconds <= 0 || share <= 0) return `${what} ${bar} ${percent}`;
  const rate = String(Math.round(rows / seconds)).replace(/\d(?=(\d{3})+$)/g, "$&,");
  const left = Math.ceil(seconds * (1 - share) / share);
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return `${what} ${bar} ${percent}  ${rate} rows/s  ${clock} left`;
}
