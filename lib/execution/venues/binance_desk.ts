import type { z } from "zod";
import type { Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import { hear, read } from "./asking.ts";
import { isBinanceOffTime, TIME } from "./binance_shapes.ts";
import { type AskExchange, type CcxtCalls, ccxtClient } from "./ccxt_client.ts";
import { type Keys, type Mode, tradingUrl } from "./hosts.ts";
import { type Line, type LineSettings, openLine, type Returned } from "./line.ts";
import type { Guard } from "./through_library.ts";

export const VENUE = "binance";
/** A request is rejected when it comes later than this after its time stamp: the bound on what is unknown. */
export const RECV_WINDOW_MS = 5_000;

/** How the account at Binance is reached. */
export interface BinanceSettings
  extends Pick<LineSettings, "timeoutMs" | "clock" | "wait" | "fetch"> {
  readonly mode: Mode;
  readonly keys: Keys;
  /** Null for the host of the mode. */
  readonly baseUrl: string | null;
  /** Whose time is on requests: this machine's, or the venue's as its clock was read last. */
  readonly stamps: "system" | "broker";
  /** Asked directly before an order leaves. */
  readonly guard?: Guard | undefined;
}

/** What every question to Binance goes through. */
export interface BinanceDesk {
  readonly ask: AskExchange;
  /**
   * Asks for what may be asked twice: a request whose time stamp the venue does not take is asked again by its own clock,
   * which may have been set, or stand still.
   */
  askInTime(call: (exchange: CcxtCalls) => Promise<unknown>): Promise<Returned>;
  readonly line: Line;
  /** Time stamp of a request that would leave now. */
  stamp(): Millis;
  /** Makes sure that the time for stamps is known. Throws a Refusal when it cannot be had. */
  timed(): Promise<void>;
  /** The venue's time, which stamps follow from then on where they are to. */
  readTime(): Promise<Millis>;
  /** Reads until there is an answer of a shape. */
  get<Shape extends z.ZodType>(
    what: string,
    shape: Shape,
    call: (exchange: CcxtCalls) => Promise<unknown>,
  ): Promise<z.output<Shape>>;
}

/** Opens the line. Refuses hosts of another venue or mode. */
export function binanceDesk(settings: BinanceSettings): BinanceDesk {
  const { mode, keys, clock, timeoutMs, stamps } = settings;
  const baseUrl = tradingUrl(VENUE, mode, settings.baseUrl);
  const line = openLine({ ...settings, venue: VENUE, baseUrl });
  let ahead: number | undefined = stamps === "system" ? 0 : undefined;
  const stamp = () => Math.floor(clock.now() + (ahead ?? 0));
  const ask = ccxtClient({ name: VENUE, timeoutMs, keys, recvWindowMs: RECV_WINDOW_MS, stamp });
  const readTime = async (): Promise<Millis> => {
    const question = () => ask(line, (exchange) => exchange.publicGetTime({}));
    const { serverTime } = await read(line, {
      venue: VENUE,
      what: "the clock",
      shape: TIME,
      question,
    });
    if (stamps === "broker") ahead = serverTime - clock.now();
    return serverTime;
  };
  const timed = async () => {
    if (ahead === undefined) await readTime();
  };
  const askInTime: BinanceDesk["askInTime"] = async (call) => {
    const returned = await ask(line, call);
    if (stamps === "system" || !await isOffTime(returned)) return returned;
    try {
      await readTime();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return returned;
    }
    return await ask(line, call);
  };
  return {
    ask,
    askInTime,
    line,
    stamp,
    timed,
    readTime,
    async get(what, shape, call) {
      await timed();
      return await read(line, { venue: VENUE, what, shape, question: () => askInTime(call) });
    },
  };
}

/** Whether a request was turned away for its time stamp, before anything was done. */
async function isOffTime(returned: Returned): Promise<boolean> {
  const heard = await hear(() => Promise.resolve(returned));
  return heard.kind === "heard" && isBinanceOffTime(heard.answer);
}
