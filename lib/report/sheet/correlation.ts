import { simpleReturns } from "../../stats/metrics.ts";
import type { RunCard } from "../../results/mod.ts";
import { formatNumber, NOTHING } from "../format.ts";
import { type Markup, markup } from "./markup.ts";

/** Correlation of the daily returns of each pair on the days both have; NaN where there are fewer than three. */
export function correlations(navs: readonly Float64Array[]): readonly Float64Array[] {
  const returns = navs.map((nav) => simpleReturns(nav));
  const matrix = navs.map(() => new Float64Array(navs.length).fill(1));
  for (let row = 0; row < navs.length; row++) {
    for (let column = 0; column < row; column++) {
      const value = correlation(returns[row]!, returns[column]!);
      matrix[row]![column] = value;
      matrix[column]![row] = value;
    }
  }
  return matrix;
}

function correlation(a: Float64Array, b: Float64Array): number {
  let [days, sumA, sumB] = [0, 0, 0];
  for (let day = 0; day < a.length; day++) {
    if (!Number.isFinite(a[day]! + b[day]!)) continue;
    days++;
    sumA += a[day]!;
    sumB += b[day]!;
  }
  if (days < 3) return NaN;
  const [meanA, meanB] = [sumA / days, sumB / days];
  let [squaresA, squaresB, products] = [0, 0, 0];
  for (let day = 0; day < a.length; day++) {
    if (!Number.isFinite(a[day]! + b[day]!)) continue;
    const [x, y] = [a[day]! - meanA, b[day]! - meanB];
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  return squaresA > 0 && squaresB > 0 ? products / Math.sqrt(squaresA * squaresB) : NaN;
}

/** So many runs fill a table; of more each row tells its nearest relative. */
const MOST_IN_TABLE = 16;

/** Every pair in a coloured table, or, of many runs, each with the run that it is most alike. */
export function correlationTable(
  cards: readonly RunCard[],
  matrix: readonly Float64Array[],
): Markup {
  const names = cards.map(({ run_id }) => run_id);
  return names.length <= MOST_IN_TABLE ? pairs(names, matrix) : relatives(names, matrix);
}

function pairs(names: readonly string[], matrix: readonly Float64Array[]): Markup {
  const cell = (value: number) => markup`<td class="${tone(value)}">${formatNumber(value)}</td>`;
  return markup`<div class="scroll"><table class="heat">
<thead><tr><th></th>${
    names.map((name) => markup`<th scope="col" class="mono">${name.slice(0, 6)}</th>`)
  }</tr></thead><tbody>
${
    names.map((name, row) =>
      markup`<tr><th scope="row" class="mono">${name}</th>${Array.from(matrix[row]!, cell)}</tr>
`
    )
  }</tbody></table></div>`;
}

function tone(value: number): string {
  if (!Number.isFinite(value) || value === 0) return "";
  return `${value > 0 ? "gain" : "loss"}${Math.max(1, Math.ceil(Math.abs(value) * 4 - 1e-9))}`;
}

function relatives(names: readonly string[], matrix: readonly Float64Array[]): Markup {
  const rows = names.map((name, row) => {
    const others = Array.from(matrix[row]!.entries())
      .filter(([column, value]) => column !== row && Number.isFinite(value));
    const nearest = others.reduce<readonly [number, number] | undefined>(
      (best, other) => best === undefined || other[1] > best[1] ? other : best,
      undefined,
    );
    const mean = others.reduce((sum, [, value]) => sum + value, 0) / others.length;
    return markup`<tr><th scope="row" class="mono">${name}</th><td>${formatNumber(mean)}</td><td>${
      formatNumber(nearest?.[1] ?? null)
    }</td><td class="text mono">${nearest ? names[nearest[0]]! : NOTHING}</td></tr>
`;
  });
  return markup`<div class="scroll"><table>
<thead><tr><th scope="col">Run</th><th scope="col">Mean with the others</th><th scope="col">Highest</th><th scope="col" class="text">With</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}
