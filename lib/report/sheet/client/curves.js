/** Curves that follow from others. */

/** How far each value lies below the highest so far, 0 or less. */
export function drawdownsOf(nav) {
  let peak = -Infinity;
  return nav.map((value) => {
    if (value > peak) peak = value;
    return peak > 0 ? value / peak - 1 : NaN;
  });
}

/** One simple return fewer than there are values. */
export function returnsOf(nav) {
  return nav.slice(1).map((value, row) => nav[row] > 0 ? value / nav[row] - 1 : NaN);
}

/** The same curve with its first finite value as `base`. */
export function growthOf(nav, base) {
  const first = nav.find((value) => Number.isFinite(value) && value !== 0) ?? NaN;
  return nav.map((value) => base * value / first);
}

/**
 * Sharpe and Sortino ratio and volatility over the last `window` returns, at each of the marks; NaN until there are so
 * many. As the run's own statistics define them, without a risk-free rate.
 */
export function rollingRisk(nav, window, perYear) {
  const returns = returnsOf(nav);
  const sharpe = new Float64Array(nav.length).fill(NaN);
  const sortino = sharpe.slice();
  const volatility = sharpe.slice();
  const scale = Math.sqrt(perYear);
  for (let mark = window; mark < nav.length; mark++) {
    let sum = 0;
    for (let row = mark - window; row < mark; row++) sum += returns[row];
    const mean = sum / window;
    let squares = 0;
    let falls = 0;
    for (let row = mark - window; row < mark; row++) {
      squares += (returns[row] - mean) ** 2;
      falls += Math.min(returns[row], 0) ** 2;
    }
    const deviation = Math.sqrt(squares / (window - 1));
    // What is left of equal returns is rounding, and no risk.
    const moves = deviation > 1e-12;
    volatility[mark] = deviation * scale;
    sharpe[mark] = moves ? mean / deviation * scale : NaN;
    sortino[mark] = moves && falls > 0 ? mean / Math.sqrt(falls / window) * scale : NaN;
  }
  return { sharpe, sortino, volatility };
}

/** The p-quantile with linear interpolation, and the mean of what is not above it. */
export function tailOf(returns, p) {
  const sorted = Float64Array.from(returns.filter(Number.isFinite)).sort();
  if (sorted.length === 0) return { quantile: NaN, mean: NaN };
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  const quantile = sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  const tail = sorted.filter((value) => value <= quantile);
  return { quantile, mean: tail.reduce((sum, value) => sum + value, 0) / tail.length };
}

/** Where values lie: `count` bins of equal width between the extremes, and how many fall into each. */
export function binsOf(values, count) {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return { from: 0, width: 0, counts: [] };
  const from = known.reduce((low, value) => Math.min(low, value), Infinity);
  const to = known.reduce((high, value) => Math.max(high, value), -Infinity);
  const width = (to - from) / count || 1e-9;
  const counts = new Array(count).fill(0);
  for (const value of known) counts[Math.min(count - 1, Math.floor((value - from) / width))]++;
  return { from, width, counts };
}

/** Sums by place: `amounts[row]` goes to the group `groups[row]`. */
export function sumsBy(groups, amounts, count) {
  const sums = new Float64Array(count);
  for (let row = 0; row < groups.length; row++) sums[groups[row]] += amounts[row];
  return sums;
}
