import type { AccountSteps, MarketSteps } from "./permutation.ts";

/** Market returns laid out for walking days in any order. */
export interface MarketMoves {
  readonly assets: number;
  readonly dayStarts: Int32Array;
  /** Step by step, and in a step asset by asset; 0 where nothing traded. */
  readonly moves: Float64Array;
  /** Where each day of `moves` begins. */
  readonly dayMoves: Int32Array;
  /** By move: 1 where it depends on the day that takes its place, so never where all days of its kind stand still. */
  readonly matters: Uint8Array;
}

/** Lays out a market; `kinds` are the groups of days that may swap. */
export function movesOf(
  { dayStarts, assetReturns }: MarketSteps,
  kinds: readonly Int32Array[],
): MarketMoves {
  const assets = assetReturns.length;
  const moves = new Float64Array(dayStarts.at(-1)! * assets);
  for (const [asset, returns] of assetReturns.entries()) {
    for (let at = asset, step = 0; at < moves.length; at += assets, step++) {
      const value = returns[step]!;
      moves[at] = Number.isNaN(value) ? 0 : value;
    }
  }
  const dayMoves = dayStarts.map((step) => step * assets);
  const matters = new Uint8Array(moves.length);
  for (const days of kinds) {
    const length = dayMoves[days[0]! + 1]! - dayMoves[days[0]!]!;
    for (let place = 0; place < length; place++) {
      if (days.every((day) => moves[dayMoves[day]! + place] === 0)) continue;
      for (const day of days) matters[dayMoves[day]! + place] = 1;
    }
  }
  return { assets, dayStarts, moves, dayMoves, matters };
}

/**
 * An account laid out for speed: only days that may swap and steps with a weight are walked again, the rest is
 * multiplied once.
 */
export interface Exposure {
  /** Days whose return depends on the market day they are given, ascending. */
  readonly days: Int32Array;
  /** By place in `days`: growth over the steps without a weight, and the first of the others in `rests`. */
  readonly quiet: Float64Array;
  readonly firstStep: Int32Array;
  /** By exposed step: 1 + what is not weight times return, and the first of its weights in `weights`. */
  readonly rests: Float64Array;
  readonly firstWeight: Int32Array;
  /** By weight: its place among the moves of a day. */
  readonly places: Int32Array;
  readonly weights: Float64Array;
  /** Daily returns of the account; those of `days` are written again for each shuffled market. */
  readonly returns: Float64Array;
}

/** Lays out an account in its market. */
export function exposureOf(market: MarketMoves, account: AccountSteps): Exposure {
  const { dayStarts } = market;
  const returns = new Float64Array(dayStarts.length - 1);
  const days: number[] = [];
  const quiet: number[] = [];
  const firstStep = [0];
  const rests: number[] = [];
  const firstWeight = [0];
  const held = { places: [] as number[], weights: [] as number[] };
  for (let day = 0; day < returns.length; day++) {
    let whole = 1, still = 1;
    for (let step = dayStarts[day]!; step < dayStarts[day + 1]!; step++) {
      const own = 1 + account.returns[step]!;
      whole *= own;
      const earned = hold(held, { market, account, day, step });
      if (held.weights.length === firstWeight.at(-1)) still *= own;
      else {
        rests.push(own - earned);
        firstWeight.push(held.weights.length);
      }
    }
    returns[day] = whole - 1;
    if (rests.length === firstStep.at(-1)) continue;
    days.push(day);
    quiet.push(still);
    firstStep.push(rests.length);
  }
  return {
    days: Int32Array.from(days),
    quiet: Float64Array.from(quiet),
    firstStep: Int32Array.from(firstStep),
    rests: Float64Array.from(rests),
    firstWeight: Int32Array.from(firstWeight),
    places: Int32Array.from(held.places),
    weights: Float64Array.from(held.weights),
    returns,
  };
}

/** Notes the weights of one step that matter, and says what they earned on the day they were held. */
function hold(
  held: { readonly places: number[]; readonly weights: number[] },
  { market, account, day, step }: {
    readonly market: MarketMoves;
    readonly account: AccountSteps;
    readonly day: number;
    readonly step: number;
  },
): number {
  const { assets, moves, dayMoves, matters } = market;
  let earned = 0;
  for (let asset = 0, at = step * assets; asset < assets; asset++, at++) {
    const weight = account.weights[asset]![step]!;
    if (matters[at] === 0 || weight === 0 || Number.isNaN(weight)) continue;
    earned += weight * moves[at]!;
    held.places.push(at - dayMoves[day]!);
    held.weights.push(weight);
  }
  return earned;
}

/** Daily returns of the account when day `i` has the market of day `marketDays[i]`; the same column every time. */
export function returnsOn(
  exposure: Exposure,
  { moves, dayMoves }: MarketMoves,
  marketDays: Int32Array,
): Float64Array {
  const { days, quiet, firstStep, rests, firstWeight, places, weights, returns } = exposure;
  for (let i = 0; i < days.length; i++) {
    const day = days[i]!;
    const from = dayMoves[marketDays[day]!]!;
    let growth = quiet[i]!;
    for (let step = firstStep[i]!; step < firstStep[i + 1]!; step++) {
      let part = rests[step]!;
      for (let j = firstWeight[step]!; j < firstWeight[step + 1]!; j++) {
        part += weights[j]! * moves[from + places[j]!]!;
      }
      growth *= part;
    }
    returns[day] = growth - 1;
  }
  return returns;
}
