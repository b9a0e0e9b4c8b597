import { systemClock } from "../core/clock.ts";

/** What a value shows in a notebook, by media type. */
export type Display = Readonly<Record<string, unknown>>;

/** The part of a notebook's kernel that shows things. */
export interface Kernel {
  broadcast(
    kind: "display_data" | "update_display_data",
    message: {
      readonly data: Display;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly transient: { readonly display_id: string };
    },
  ): Promise<void>;
}

const DISPLAY = Symbol.for("Jupyter.display");

/** The kernel this code runs in; undefined in a task, and wherever else there is no Deno kernel. */
export function kernel(): Kernel | undefined {
  try {
    // Outside a notebook merely asking for it throws.
    return (globalThis as { Deno?: { jupyter?: Kernel } }).Deno?.jupyter;
  } catch {
    return undefined;
  }
}

/** A place below a cell that shows one thing at a time. */
export interface Place {
  /** Puts a value in place of what was there, also from a later cell: a chart, a table, text. Silent outside notebooks. */
  show(value: unknown): Promise<void>;
}

let places = 0;

/** A new place, below the cell that first shows something in it. */
export function inPlace(notebook: Kernel | undefined = kernel()): Place {
  const display_id = `assay-${++places}`;
  let shown = false;
  return {
    async show(value) {
      const kind = shown ? "update_display_data" : "display_data";
      shown = true;
      await notebook?.broadcast(kind, {
        data: await displayOf(value),
        metadata: {},
        transient: { display_id },
      });
    },
  };
}

/** How far long work is, told in one place. */
export interface Progress {
  show(done: number, count: number): void;
  /** The last word; the line stays as it is then. */
  end(text: string): Promise<void>;
}

/** Progress of something, at most ten times a second, in one line below the cell. */
export function progress(
  label: string,
  { place = inPlace(), clock = systemClock }: {
    readonly place?: Place;
    readonly clock?: Pick<typeof systemClock, "elapsed">;
  } = {},
): Progress {
  let last = -Infinity;
  let sent = Promise.resolve();
  const tell = (text: string, share?: number) =>
    sent = sent.then(() => place.show(progressDisplay(text, share)));
  return {
    show(done, count) {
      const now = clock.elapsed();
      if (count <= 0 || now - last < LEAST_PAUSE_MS) return;
      last = now;
      const share = Math.min(1, Math.max(0, done / count));
      tell(`${label} ${Math.floor(100 * share)}%`, share);
    },
    end: (text) => tell(text),
  };
}

const LEAST_PAUSE_MS = 100;

async function displayOf(value: unknown): Promise<Display> {
  const show = (value as { [DISPLAY]?: () => Display | Promise<Display> } | null)?.[DISPLAY];
  return show ? await show.call(value) : { "text/plain": String(value) };
}

function progressDisplay(text: string, share?: number) {
  // In plain text the words say it all; the bar is grey on a light page and on a dark one.
  const bar = share === undefined ? "" : `<progress max="1" value="${share.toFixed(3)}" ` +
    'style="width:12em;height:.6em;vertical-align:middle;margin-right:.8em"></progress>';
  const html = `<div style="font-size:12px;opacity:.7">${bar}${
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
  }</div>`;
  return { [DISPLAY]: () => ({ "text/html": html, "text/plain": text }) };
}
