import { formatTime, parseTime } from "../../core/clock.ts";
import type { Millis } from "../../core/bars.ts";

/** Something that goes wrong, `times` times (once), on requests whose path matches, after `skip` of them went well. */
export type Fault =
  & { readonly on?: RegExp; readonly times?: number; readonly skip?: number }
  & (
    /** Any status, e.g. 500, or 429 with `{ "retry-after": "2" }`. */
    | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
    /** No answer until the server is closed. */
    | { readonly kind: "hang" }
    /** Headers at once, the body in two halves with a wait between. */
    | { readonly kind: "slow"; readonly delayMs: number }
    /** The first half of the body, ended as if it were whole. */
    | { readonly kind: "cut" }
    /** The first half of the body, then the connection breaks. */
    | { readonly kind: "break" }
    /** A page of HTML with status 200. */
    | { readonly kind: "html" }
    /** The right body as `text/plain`. */
    | { readonly kind: "content_type" }
    /** Another body with status 200. */
    | { readonly kind: "body"; readonly body: string }
    /** A body of that many bytes. */
    | { readonly kind: "huge"; readonly bytes: number }
    /** The `Date` header is off by so much, ahead when positive. */
    | { readonly kind: "skew"; readonly ms: number }
    /** As the source refuses a key that is no more. */
    | { readonly kind: "revoked" }
    /** Alpaca: the token of the next page is the one that was sent. Others: the same rows again. */
    | { readonly kind: "token_loop" }
    /** A page without rows although there are more. */
    | { readonly kind: "empty_page" }
    /** A page begins with the last row of the page before. */
    | { readonly kind: "repeat_row" }
    /** One row in the middle is gone, though what counts them counts it. */
    | { readonly kind: "lost_row" }
    /** Prices of one bar in the middle are a hundredth higher: history was revised. */
    | { readonly kind: "revised" }
  );

export type FaultKind = Fault["kind"];

/** Faults that wait for their requests. */
export interface FaultBook {
  add(fault: Fault): void;
  clear(): void;
  /** All faults that fall on a request, which they have then done once more. */
  take(path: string): readonly Fault[];
}

/** A book without faults. */
export function faultBook(): FaultBook {
  let open: { fault: Fault; skip: number; left: number }[] = [];
  return {
    add: (fault) => {
      open.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 });
    },
    clear: () => {
      open = [];
    },
    take(path) {
      const falling: Fault[] = [];
      for (const entry of open) {
        if (entry.fault.on && !entry.fault.on.test(path)) continue;
        if (entry.skip > 0) entry.skip--;
        else if (entry.left-- > 0) falling.push(entry.fault);
      }
      open = open.filter(({ left }) => left > 0);
      return falling;
    },
  };
}

const DAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment as a `Date` header has it (RFC 9110, IMF-fixdate). */
export function httpDate(time: Millis): string {
  const text = formatTime(Math.floor(time / 1_000) * 1_000);
  const days = Math.floor(parseTime(text) / 86_400_000);
  const month = MONTHS[Number(text.slice(5, 7)) - 1];
  return `${DAYS[days % 7]}, ${text.slice(8, 10)} ${month} ${text.slice(0, 4)} ` +
    `${text.slice(11, 19)} GMT`;
}
