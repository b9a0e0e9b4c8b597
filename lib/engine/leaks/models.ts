import { type Bars, H4_MS, upperBound } from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import type { Feature } from "../../features/mod.ts";
import type { RunRequest } from "../simulate.ts";
import { meanOf, returnsOf } from "./columns.ts";
import { type Leak, planted } from "./leak.ts";
import { START } from "./market.ts";
import { hold, ownFeature, subject } from "./subject.ts";

/** Models that carry something with them which the engine did not hand them at that decision. */
export const MODELS_WITH_MEMORY: readonly Leak[] = [
  planted(
    "model",
    "memory of earlier runs",
    "remembered what an earlier run had seen later",
    (peek) => {
      const seen = new Map<string, number>();
      const at = (symbol: string, time: number) => seen.get(`${symbol}/${time}`) ?? NaN;
      return subject({
        decide: ({ assets, time }) => {
          for (const { symbol, price } of assets) seen.set(`${symbol}/${time}`, price);
          return hold(
            assets,
            ({ symbol, price }) =>
              peek ? !(at(symbol, time + H4_MS) < price) : !(at(symbol, time - H4_MS) > price),
          );
        },
      });
    },
  ),
  planted("model", "call counter", "counted its calls instead of looking at the time", (peek) => {
    let calls = 0;
    return subject({
      decide: ({ assets, time }) => {
        calls++;
        const turn = peek ? calls : time / H4_MS;
        return hold(assets, ({ signal }) => signal > 0 && turn % 3 > 0);
      },
    });
  }),
  planted("model", "dice", "drew from a generator that was never started again", (peek) => {
    const shared = seededRandom(1);
    return subject({
      decide: ({ assets, time }) => {
        const random = peek ? shared : seededRandom(time);
        return hold(assets, () => random.next() < 0.5);
      },
    });
  }),
  planted(
    "model",
    "kept bars",
    "kept the bars its feature was given and looked up the next one",
    (peek) => {
      const kept = new Map<string, Bars>();
      const signal: Feature = ownFeature((bars) => {
        kept.set(bars.symbol, bars);
        return bars.close;
      });
      return subject({
        signal,
        decide: ({ assets, time }) =>
          hold(assets, ({ symbol, price }) => {
            const { availableAt, close } = kept.get(symbol)!;
            const next = upperBound(availableAt, time);
            return peek ? close[next]! > price : price > close[next - 2]!;
          }),
      });
    },
  ),
  planted(
    "model",
    "fitted parameters",
    "fitted its parameters on all data",
    (peek) =>
      subject({
        steps: { read: (request) => withThreshold(request, peek ? Infinity : START, mean) },
      }),
  ),
  planted(
    "model",
    "tuned parameters",
    "chose the best of many parameters on the run itself",
    (peek) =>
      subject({
        steps: { read: (request) => withThreshold(request, peek ? Infinity : START, best) },
      }),
  ),
];

/** Parameters that come from what was known before `until`. */
function withThreshold(
  request: RunRequest,
  until: number,
  fit: (returns: Float64Array) => number,
): RunRequest {
  const { availableAt, close } = request.data[1]!.bars.h4!;
  const threshold = fit(returnsOf(close.subarray(0, upperBound(availableAt, until))));
  const models = request.plan.models.map((model) => ({ ...model, parameters: { threshold } }));
  return { ...request, plan: { ...request.plan, models } };
}

function mean(returns: Float64Array): number {
  return meanOf(returns);
}

/** Of many thresholds the one after which the next returns were best. */
function best(returns: Float64Array): number {
  const candidates = Array.from({ length: 61 }, (_, i) => (i - 30) / 1000);
  const gains = candidates.map((threshold) =>
    returns.reduce(
      (sum, value, row) => sum + (value > threshold ? returns[row + 1] ?? 0 : 0),
      0,
    )
  );
  return candidates[gains.indexOf(Math.max(...gains))]!;
}
