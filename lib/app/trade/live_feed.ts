import type { Asset } from "../../core/asset.ts";
import { type Bars, gridMs, type Timeframe } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { AssetData, Plan } from "../../engine/plan.ts";
import { keyNames, type Mode } from "../../execution/venues/mod.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { REGIME_ASSETS } from "../load_regimes.ts";
import { inputsHash, knownAt, type MarketFeed, type StoredFeed } from "./market_feed.ts";
import type { BarSourceName } from "../../data/upkeep.ts";

/** What new bars are asked with. */
export interface LiveFeedOptions {
  readonly mode: Mode;
  readonly clock: Clock;
  /** What is on file: its end is where the asking begins. */
  readonly stored: StoredFeed;
  environment(name: string): string | undefined;
  readonly sleep?: (ms: number) => Promise<void>;
}

const POLL_MS = 500;

/**
 * Stored history with every bar that was completed since, asked of the sources and kept in memory: equities from Alpaca,
 * coins from Kraken. Published series stay as they are on file; where they are too old, the regimes say so.
 */
export async function liveFeed(loaded: LoadedPlan, options: LiveFeedOptions): Promise<MarketFeed> {
  const { plan, config } = loaded;
  const { stored, clock } = options;
  const { barBuilder, openSource } = await import("../../data/upkeep.ts");
  const [id, secret] = keyNames("alpaca", options.mode);
  const keys = {
    ALPACA_KEY_ID: options.environment(id),
    ALPACA_SECRET_KEY: options.environment(secret),
  };
  const sourceOf = (name: BarSourceName) => {
    const own = name === "alpaca" ? config.brokers.alpaca.data_url : null;
    const base_url = config.data.sources[name].base_url ?? own;
    const live = config.data.live_feed;
    return openSource(name, {
      keys,
      clock,
      live,
      ...(base_url === null ? {} : { baseUrl: base_url }),
    });
  };
  const sources = { equity: sourceOf("alpaca"), crypto: sourceOf("kraken") };
  const extended = async (asset: Asset, bars: Bars): Promise<Bars> => {
    const { timeframe } = bars;
    const now = clock.now();
    const from = bars.openTime.at(-1)! + gridMs(timeframe);
    if (from + gridMs(timeframe) > now && asset.assetClass === "crypto") return bars;
    if (from >= now) return bars;
    const builder = barBuilder(asset, timeframe, { now, from, earlier: bars });
    const request = { asset, timeframe, from, to: now };
    try {
      for await (const page of sources[asset.assetClass].pages(request, {})) builder.add(page);
    } catch (error) {
      // Bars that cannot be asked for have not come; one symbol's trouble is not the others'.
      const message = error instanceof Error ? error.message.split("\n")[0]! : String(error);
      troubles.add(`${asset.symbol} ${timeframe}: ${message}`);
      return bars;
    }
    return builder.bars();
  };
  const troubles = new Set<string>();
  let assets = stored.assets;
  let regimes = stored.regimes;
  const hashes = new Map<string, string>();
  const refresh = async () => {
    assets = await Promise.all(assets.map((data) => extendedData(data, plan, extended)));
    regimes = await extendedRegimes(regimes, assets, extended);
  };
  const sleep = options.sleep ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));
  return {
    name: `stored + alpaca ${config.data.live_feed} + kraken`,
    async at(time, { deadlineMs }) {
      const begun = clock.elapsed();
      while (true) {
        troubles.clear();
        await refresh();
        const known = knownAt(plan, { assets, regimes }, time);
        const isOver = clock.elapsed() - begun + POLL_MS > deadlineMs;
        if (known.late.length === 0 || isOver) {
          const hash = inputsHash(known, hashes);
          return { ...known, inputsHash: hash, troubles: [...troubles].sort() };
        }
        await sleep(POLL_MS);
      }
    },
  };
}

type Extend = (asset: Asset, bars: Bars) => Promise<Bars>;

async function extendedData(
  data: AssetData,
  { assets }: Plan,
  extended: Extend,
): Promise<AssetData> {
  const asset = assets.find(({ symbol }) => symbol === data.symbol)!;
  const entries = Object.entries(data.bars).sort() as [Timeframe, Bars][];
  const bars = await Promise.all(
    entries.map(async ([timeframe, one]) => [timeframe, await extended(asset, one)] as const),
  );
  return { ...data, bars: Object.fromEntries(bars) };
}

async function extendedRegimes(
  regimes: RegimeData,
  assets: readonly AssetData[],
  extended: Extend,
): Promise<RegimeData> {
  const history = async (one: DailyHistory): Promise<DailyHistory> => {
    const { symbol } = one.bars;
    const bars = assets.find((data) => data.symbol === symbol)?.bars.daily ??
      await extended(REGIME_ASSETS.find((asset) => asset.symbol === symbol)!, one.bars);
    return { ...one, bars };
  };
  return {
    ...regimes,
    ...(regimes.equity && { equity: await history(regimes.equity) }),
    ...(regimes.crypto && { crypto: await history(regimes.crypto) }),
  };
}
