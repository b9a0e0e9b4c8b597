import type { Millis } from "../../core/bars.ts";
import type { Answer, BrokerRequest, Protocol } from "./test_venue.ts";

const MINUTE_MS = 60_000;
/** How often Binance says 429 to who does not wait, before it says 418. */
const PATIENCE = 3;
const BAN_MS = 120_000;

/** Who asks too often, and for how long nobody is let in. */
export interface Gate {
  /** Counts a request; an answer when it is not let in. */
  refusal(request: BrokerRequest, now: Millis): Answer | undefined;
  /** Closes the gate for some seconds and says so. */
  close(status: 418 | 429, seconds: number, now: Millis): Answer;
  /** Weight used in this minute. */
  readonly used: number;
}

/** A gate that takes `perMinute` in each minute of the broker's clock. */
export function openGate(
  protocol: Protocol,
  { perMinute, bans }: { readonly perMinute: number; readonly bans: boolean },
): Gate {
  let blocked: { until: Millis; status: 418 | 429; asked: number } = {
    until: -Infinity,
    status: 429,
    asked: 0,
  };
  let usage = { minute: NaN, used: 0 };
  const answer = (now: Millis): Answer => {
    const seconds = Math.max(1, Math.ceil((blocked.until - now) / 1_000));
    return {
      ...protocol.trouble(blocked.status),
      headers: { "retry-after": String(seconds) },
    };
  };
  return {
    get used() {
      return usage.used;
    },
    refusal(request, now) {
      if (now < blocked.until) {
        blocked.asked++;
        if (bans && blocked.status === 429 && blocked.asked >= PATIENCE) {
          blocked = { until: now + BAN_MS, status: 418, asked: 0 };
        }
        return answer(now);
      }
      const minute = Math.floor(now / MINUTE_MS);
      const before = usage.minute === minute ? usage.used : 0;
      usage = { minute, used: before + protocol.weightOf(request) };
      if (usage.used <= perMinute) return undefined;
      blocked = { until: (minute + 1) * MINUTE_MS, status: 429, asked: 0 };
      return answer(now);
    },
    close(status, seconds, now) {
      blocked = { until: now + seconds * 1_000, status: bans ? status : 429, asked: 0 };
      return answer(now);
    },
  };
}
