import { type MonthlyReturn, monthlyReturns } from "../../stats/monthly.ts";
import { formatPercent } from "../format.ts";
import { type Markup, markup } from "./markup.ts";

const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

/** Returns by month, one row a year, coloured by size; the year compounds its months. */
export function monthlyHeat(times: Float64Array, nav: Float64Array): Markup {
  const months = monthlyReturns(times, nav);
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))];
  const step = stepOf(months.map((month) => month.return));
  return markup`
    <div class="scroll">
      <table class="heat">
        <caption class="unseen">Return of each month and year</caption>
        <thead>
          <tr><th scope="col">Year</th>${
    MONTHS.map((name) => markup`<th scope="col">${name}</th>`)
  }<th scope="col">Year</th></tr>
        </thead>
        <tbody>
    ${
    years.map((year) => {
      const own = months.filter(({ month }) => month.startsWith(year));
      const cell = (place: number) => {
        const found = own.find(({ month }) => Number(month.slice(5)) === place + 1);
        return markup`<td class="${found ? tone(found.return, step) : ""}">${
          found ? formatPercent(found.return, 1) : ""
        }</td>`;
      };
      return markup`
        <tr><th scope="row">${year}</th>${MONTHS.map((_, place) => cell(place))}<td>${
        formatPercent(
          compounded(own),
          1,
        )
      }</td></tr>
      `;
    })
  }</tbody>
      </table>
    </div>
  `;
}

function compounded(months: readonly MonthlyReturn[]): number | null {
  return months.some((month) => month.return === null)
    ? null
    : months.reduce((product, month) => product * (1 + month.return!), 1) - 1;
}

/** A quarter of the way to the ninth of ten months by size, so that one wild month does not pale the others. */
function stepOf(returns: readonly (number | null)[]): number {
  const sizes = returns.map((value) => Math.abs(value ?? 0)).sort((a, b) => a - b);
  return (sizes[Math.floor(0.9 * (sizes.length - 1))] ?? 0) / 4;
}

function tone(value: number | null, step: number): string {
  if (value === null || value === 0 || step === 0) return "";
  const level = Math.min(4, Math.max(1, Math.ceil(Math.abs(value) / step)));
  return `${value > 0 ? "gain" : "loss"}${level}`;
}
