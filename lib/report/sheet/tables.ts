import type { Envelope } from "../../core/proofs.ts";
import type { RegimeFigures, RegimeState, RunCard } from "../../results/mod.ts";
import { formatMoney, formatNumber, formatPercent } from "../format.ts";
import type { TextTable } from "../experiment_tables.ts";
import { broken } from "./accounts.ts";
import { type Markup, markup, type Piece } from "./markup.ts";

/** How the account and each model did on the days of each label. */
export function regimesTable({ statistics }: RunCard): Markup {
  const { regimes } = statistics;
  if (!regimes) return markup`<p class="quiet">This run was not told of any regime.</p>`;
  const models = Object.keys(statistics.models);
  const rows = Object.entries(regimes).flatMap(([dimension, states]) =>
    Object.entries(states).map(([label, state], place) =>
      markup`
        <tr><th scope="row">${place === 0 ? dimension : ""}</th><td class="text">${label}</td>${
        stateCells(state, models)
      }</tr>
      `
    )
  );
  return markup`
    <div class="scroll">
      <table class="wide">
        <thead>
          <tr><th scope="col">Regime</th><th scope="col" class="text">Label</th><th scope="col">Days</th><th scope="col">Return</th><th scope="col">Volatility</th><th scope="col">Max drawdown</th><th scope="col">Sharpe</th>${
    models
      .map((name) => markup`<th scope="col">Sharpe<br><small>${broken(name)}</small></th>`)
  }</tr>
        </thead>
        <tbody>
    ${rows}</tbody>
      </table>
    </div>
  `;
}

function stateCells(state: RegimeState, models: readonly string[]): readonly Markup[] {
  const { days, portfolio } = state;
  const ofModel = (name: string): RegimeFigures | undefined => state.models[name];
  return [
    formatNumber(days, 0),
    formatPercent(portfolio.total_return),
    formatPercent(portfolio.annual_volatility),
    formatPercent(portfolio.max_drawdown),
    formatNumber(portfolio.sharpe),
    ...models.map((name) => formatNumber(ofModel(name)?.sharpe ?? null)),
  ].map((text) => markup`<td>${text}</td>`);
}

/** The same decisions under other fills, the run's own first. */
export function envelopeTable(envelope: Envelope | undefined): Markup {
  if (!envelope) {
    return markup`<p class="quiet">No other fills were tried for this run; the same backtest makes up for it.</p>`;
  }
  const { members, headline } = envelope;
  const ratios = members.map(({ sharpe }) => sharpe ?? 0);
  const most = Math.max(0, ...ratios.map(Math.abs));
  const rows = members.map((member, place) =>
    markup`
      <tr class="${place === 0 ? "own" : ""}">
        <th scope="row">${member.title}${place === 0 ? " (this run)" : ""}</th>
        <td>${formatMoney(member.final_nav, 0)}</td>
        <td>${formatPercent(member.total_return)}</td>
        <td>${formatPercent(member.cagr)}</td>
        <td>${formatPercent(member.max_drawdown)}</td>
        <td>${formatNumber(member.bps)}</td>
        <td>${formatNumber(member.sharpe)}</td>
        <td class="text">${bar(member.sharpe ?? 0, most)}</td>
      </tr>
    `
  );
  return markup`
    ${headline !== null && markup`<p><b>${headline}.</b></p>`}
    <div class="scroll">
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">Fill</th>
            <th scope="col">Final NAV</th>
            <th scope="col">Total return</th>
            <th scope="col">CAGR</th>
            <th scope="col">Max drawdown</th>
            <th scope="col">BPS</th>
            <th scope="col">Sharpe</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
    ${rows}</tbody>
      </table>
    </div>
  `;
}

/** What each asset brought and cost. */
export function assetsTable({ statistics, coverage }: RunCard): Markup {
  const assets = Object.entries(statistics.assets);
  const most = Math.max(0, ...assets.map(([, { pnl }]) => Math.abs(pnl)));
  const total = (amount: (asset: (typeof assets)[number][1]) => number) =>
    formatMoney(assets.reduce((sum, [, asset]) => sum + amount(asset), 0));
  const rows = assets.map(([symbol, asset]) => {
    const first = coverage.find((item) => item.symbol === symbol)?.first_bar;
    return markup`
      <tr>
        <th scope="row">${symbol}</th>
        <td>${formatMoney(asset.pnl)}</td>
        <td>${formatMoney(asset.fees)}</td>
        <td>${formatMoney(asset.slippage)}</td>
        <td>${formatNumber(asset.fills, 0)}</td>
        <td>${first?.slice(0, 10) ?? ""}</td>
        <td class="text">${bar(asset.pnl, most)}</td>
      </tr>
    `;
  });
  return markup`
    <div class="scroll">
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">P&amp;L after costs</th>
            <th scope="col">Fees</th>
            <th scope="col">Slippage</th>
            <th scope="col">Fills</th>
            <th scope="col">Bars from</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
    ${rows}<tr class="own"><th scope="row">All</th><td>${total(({ pnl }) => pnl)}</td><td>${
    total((
      { fees },
    ) => fees)
  }</td><td>${total(({ slippage }) => slippage)}</td><td>${
    formatNumber(
      assets.reduce((sum, [, { fills }]) => sum + fills, 0),
      0,
    )
  }</td><td></td><td></td></tr>
        </tbody>
      </table>
    </div>
  `;
}

/** A value between -`most` and `most` as a bar to the left or right of the middle. */
function bar(value: number, most: number): Markup {
  const width = most > 0 && Number.isFinite(value) ? 58 * Math.abs(value) / most : 0;
  const x = value < 0 ? 60 - width : 60;
  const tone = value < 0 ? "var(--c2)" : "var(--c1)";
  return markup`
    <svg class="spark" viewBox="0 0 120 12" aria-hidden="true">
      <line class="zero" x1="60" x2="60" y1="0" y2="12" />
      <rect x="${x.toFixed(1)}" y="2" width="${
    width.toFixed(
      1,
    )
  }" height="8" rx="1" fill="${tone}" />
    </svg>
  `;
}

/** A table of texts, its first column a heading; without titles where all are empty. */
export function plainTable(
  header: readonly string[],
  rows: readonly (readonly Piece[])[],
): Markup {
  const heads = header.map((title) => markup`<th scope="col" class="text">${title}</th>`);
  const cells = (row: readonly Piece[]) =>
    row.map((cell, place) =>
      place === 0
        ? markup`<th scope="row">${cell}</th>`
        : markup`<td class="text wrap">${cell}</td>`
    );
  const isTitled = header.some((title) => title !== "");
  return markup`<div class="scroll"><table>
${isTitled && markup`<thead><tr>${heads}</tr></thead>`}<tbody>
${rows.map((row) => markup`<tr>${cells(row)}</tr>\n`)}</tbody></table></div>`;
}

/** A table of figures: columns stand to the left or the right as they say. */
export function dataTable({ header, rows, align }: TextTable): Markup {
  const side = (place: number) => align[place] ?? (place === 0 ? "left" : "right");
  const text = (place: number) => side(place) === "left" ? "text" : "";
  const heads = header.map((title, place) =>
    markup`<th scope="col" class="${text(place)}">${lastWordBelow(title)}</th>`
  );
  const cells = (row: readonly string[]) =>
    row.map((cell, place) =>
      place === 0
        ? markup`<th scope="row">${cell}</th>`
        : markup`<td class="${text(place)}">${cell}</td>`
    );
  return markup`<div class="scroll"><table class="wide">
<thead><tr>${heads}</tr></thead><tbody>
${rows.map((row) => markup`<tr>${cells(row)}</tr>\n`)}</tbody></table></div>`;
}

/** A title in two lines, so that narrow columns stay narrow. */
function lastWordBelow(title: string): Markup {
  const at = title.replace(/ [↑↓]$/, "").lastIndexOf(" ");
  return at < 0 ? markup`${title}` : markup`${title.slice(0, at)}<br>${title.slice(at + 1)}`;
}
