import type { Asset, AssetClass } from "../../core/asset.ts";
import { type Bars, gridMs, type Millis, type Timeframe } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import type { BarDownload, BarSourceName } from "../../data/upkeep.ts";
import type { AssetData, Plan } from "../../engine/plan.ts";
import { keyNames, type Mode } from "../../execution/venues/mod.ts";
import type { DailyHistory, RegimeData } from "../../regime/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { REGIME_ASSETS } from "../load_regimes.ts";
import { actionBook } from "./action_book.ts";
import { liveView } from "./live_view.ts";
import {
  inputsHash,
  knownAt,
  type KnownData,
  type MarketContent,
  type MarketFeed,
  withDaily,
} from "./market_feed.ts";
import type { StoredFiles } from "./stored_files.ts";
import { grownBy } from "./stored_growth.ts";
import { type TroubleBook, troubleBook } from "./trouble_book.ts";

/** What new bars and actions are asked with. */
export interface LiveFeedOptions {
  readonly mode: Mode;
  readonly clock: Clock;
  /** What is on file: its end is where the asking begins. */
  readonly stored: MarketContent;
  /** Where that lies, to take up what is added to it while the session runs. */
  readonly files?: StoredFiles;
  environment(name: string): string | undefined;
  readonly sleep?: (ms: number) => Promise<void>;
}

const POLL_MS = 500;

/**
 * Stored history with what has come since, kept in memory: bars of equities from Alpaca and of coins from Kraken, dividends
 * and splits from Alpaca, and whatever `deno task data update` adds to the files, which is how published series grow.
 * Nothing that a decision saw changes; a split that the bars do not show holds its symbol back.
 */
export async function liveFeed(loaded: LoadedPlan, options: LiveFeedOptions): Promise<MarketFeed> {
  const { plan, config } = loaded;
  const { clock } = options;
  const stored = await withDaily(loaded, options.stored);
  const { doubtOf, isSameAction } = await import("../../data/upkeep.ts");
  const sources = await openSources(loaded, options);
  const [troubles, late] = [troubleBook(), troubleBook()];
  const extended = await barExtender(sources, { clock, late });
  const files = storedGrowth(stored, options.files, troubles);
  const actions = actionBook(plan, {
    ...{ stored, clock, source: sources.equity, isSameAction, troubles },
  });
  let known: MarketContent = stored;
  const look = async (time: Millis, asking: Promise<void>) => {
    const assets = await Promise.all(
      known.assets.map((data) => extendedData(data, plan, extended)),
    );
    known = { assets, regimes: await extendedRegimes(known.regimes, assets, extended) };
    await asking;
    const joined = actions.at(time, files.onFile());
    const view = liveView(known, time, { ...joined, opening: stored, doubtOf });
    const lines = [...troubles.lines(), ...late.lines(), ...joined.troubles, ...view.troubles];
    return {
      ...{ ...knownAt(plan, view, time), doubtful: view.doubtful },
      troubles: [...new Set(lines)].sort(),
    };
  };
  const hashes = new Map<string, string>();
  const sleep = options.sleep ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));
  return {
    name: `stored + alpaca ${config.data.live_feed} + kraken`,
    actions: actions.booked,
    async at(time, { deadlineMs }) {
      const begun = clock.elapsed();
      for (const book of [troubles, late]) book.clear();
      known = await files.takeUp(known);
      const asking = actions.ask(files.onFile());
      while (true) {
        const seen = await look(time, asking);
        const isOver = clock.elapsed() - begun + POLL_MS > deadlineMs;
        if (!isComing(seen) || isOver) {
          actions.saw(time, seen);
          return { ...seen, inputsHash: inputsHash(seen, hashes) };
        }
        late.clear();
        await sleep(POLL_MS);
      }
    },
  };
}

/** Whether a bar is awaited that nobody holds back. */
function isComing({ late, doubtful = [] }: Pick<KnownData, "late" | "doubtful">): boolean {
  return late.some((symbol) => doubtful.every((one) => one.symbol !== symbol));
}

/** Asks for the bars behind the end of a table. Those that cannot be asked for have not come; the reason is told. */
async function barExtender(
  sources: Readonly<Record<AssetClass, BarDownload>>,
  { clock, late }: { readonly clock: Clock; readonly late: TroubleBook },
): Promise<Extend> {
  const { barBuilder } = await import("../../data/upkeep.ts");
  return async (asset, bars) => {
    const { timeframe } = bars;
    const now = clock.now();
    const from = bars.openTime.at(-1)! + gridMs(timeframe);
    if (from + gridMs(timeframe) > now && asset.assetClass === "crypto") return bars;
    if (from >= now) return bars;
    const builder = barBuilder(asset, timeframe, { now, from, earlier: bars });
    const request = { asset, timeframe, from, to: now };
    return await late.unless(`${asset.symbol} ${timeframe}`, bars, async () => {
      for await (const page of sources[asset.assetClass].pages(request, {})) builder.add(page);
      return builder.bars();
    });
  };
}

async function openSources({ config }: LoadedPlan, options: LiveFeedOptions) {
  const { openSource } = await import("../../data/upkeep.ts");
  const [id, secret] = keyNames("alpaca", options.mode);
  const keys = {
    ALPACA_KEY_ID: options.environment(id),
    ALPACA_SECRET_KEY: options.environment(secret),
  };
  const sourceOf = (name: BarSourceName) => {
    const own = name === "alpaca" ? config.brokers.alpaca.data_url : null;
    const base_url = config.data.sources[name].base_url ?? own;
    const live = config.data.live_feed;
    const { clock } = options;
    return openSource(name, {
      keys,
      clock,
      live,
      ...(base_url === null ? {} : { baseUrl: base_url }),
    });
  };
  return { equity: sourceOf("alpaca"), crypto: sourceOf("kraken") };
}

/** Reads files again that have changed since they were last read. */
function storedGrowth(
  stored: MarketContent,
  files: StoredFiles | undefined,
  troubles: TroubleBook,
) {
  let onFile: MarketContent = stored;
  let version: string | undefined;
  let rewritten: readonly string[] = [];
  return {
    onFile: () => onFile,
    async takeUp(known: MarketContent): Promise<MarketContent> {
      const taken = files && await troubles.unless("stored data", known, async () => {
        const now = await files.version();
        if (now === version) return known;
        const grown = grownBy({ known, onFile }, await files.read());
        [onFile, version, rewritten] = [grown.onFile, now, grown.troubles];
        return grown.known;
      });
      for (const line of rewritten) troubles.add(line);
      return taken ?? known;
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
