import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { Gate } from "./test_gate.ts";
import type { TransportFault } from "./test_schedule.ts";
import type { Answer, Protocol } from "./test_venue.ts";
import type { WireReply } from "./test_wire.ts";

/** An answer that goes out, whole or not. */
export type SentAnswer = WireReply & { readonly kind: "answer" };

/** How answers become bytes, and how they break on their way. */
export interface Replies {
  /** With all headers of the venue, its clock off by `skewMs`. */
  whole(answer: Answer, now: Millis, skewMs?: number): SentAnswer;
  /** What a fault makes of an answer; `carryOut` is only asked when the request is looked at. */
  broken(fault: TransportFault, now: Millis, carryOut: () => SentAnswer): WireReply;
}

const HTML = "<!DOCTYPE html>\n<html><body><h1>Please stand by</h1></body></html>";

/** The replies of a venue. */
export function openReplies(protocol: Protocol, gate: Gate): Replies {
  const whole: Replies["whole"] = (answer, now, skewMs = 0) => ({
    kind: "answer",
    status: answer.status,
    headers: {
      "content-type": "application/json",
      date: httpDate(now + skewMs),
      ...protocol.usage(gate.used, now),
      ...answer.headers,
    },
    body: answer.body === undefined ? "" : JSON.stringify(answer.body),
  });
  return {
    whole,
    broken(fault, now, carryOut) {
      if (fault.kind === "late") return { kind: "drop" };
      if (fault.kind === "rate_limited") return whole(gate.close(429, fault.retryAfterS, now), now);
      if (fault.kind === "banned") return whole(gate.close(418, fault.retryAfterS, now), now);
      const isBefore = "phase" in fault && fault.phase === "before";
      const right = isBefore ? undefined : carryOut();
      if (fault.kind === "status") return whole(protocol.trouble(fault.status), now);
      if (fault.kind === "html") {
        return {
          kind: "answer",
          status: 200,
          headers: { "content-type": "text/html" },
          body: HTML,
        };
      }
      if (fault.kind === "slow") return { ...(right ?? { kind: "drop" }), delayMs: fault.ms };
      if (right === undefined || fault.kind === "lost") return { kind: "drop" };
      if (fault.kind === "cut") return { ...right, cut: true };
      return { ...right, body: right.body.slice(0, Math.floor(right.body.length / 2)) };
    },
  };
}

const DAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment as a `Date` header has it (RFC 9110, IMF-fixdate). */
function httpDate(time: Millis): string {
  const text = formatTime(time);
  const [year, month, day] = text.slice(0, 10).split("-");
  const weekday = DAYS[Math.floor(time / 86_400_000) % 7];
  return `${weekday}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${text.slice(11, 19)} GMT`;
}
