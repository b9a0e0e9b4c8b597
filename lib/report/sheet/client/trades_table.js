import { minuteText } from "./dates.js";
import { el } from "./dom.js";
import { fillAt } from "./run_data.js";
import { numberText, shortName, unitsText } from "./text.js";

const PAGE = 25;

const COLUMNS = [
  { title: "Trade", value: ({ fill }) => fill, text: ({ name }) => name },
  {
    title: "Executed (UTC)",
    value: ({ executed }) => executed,
    text: ({ executed }) => minuteText(executed),
    left: true,
  },
  { title: "Asset", value: ({ symbol }) => symbol, text: ({ symbol }) => symbol, left: true },
  { title: "Side", value: ({ quantity }) => quantity > 0 ? 1 : 0, text: sideOf, left: true },
  {
    title: "Units",
    value: ({ quantity }) => Math.abs(quantity),
    text: ({ quantity }) => unitsText(Math.abs(quantity)),
  },
  { title: "Price", value: ({ price }) => price, text: ({ price }) => numberText(price) },
  {
    title: "Money",
    value: ({ notional }) => notional,
    text: ({ notional }) => numberText(notional, 0),
  },
  { title: "Fee", value: ({ fee }) => fee, text: ({ fee }) => numberText(fee) },
  {
    title: "Slippage",
    value: ({ slippage }) => slippage,
    text: ({ slippage }) => numberText(slippage),
  },
  { title: "Kind", value: ({ kind }) => kind, text: ({ kind }) => kind, left: true },
  { title: "Models", value: modelsText, text: modelsText, left: true },
];

function sideOf({ quantity }) {
  return quantity > 0 ? "buy" : "sell";
}

function modelsText({ parts }) {
  return parts.map(({ model }) => shortName(model)).join(", ");
}

/** Every fill: sorted by any column, filtered by words, page by page; `open` shows why one was made. */
export function tradesTable(host, run, open) {
  const all = run.orderOfFill.map((_, fill) => fillAt(run, fill));
  if (all.length === 0) {
    host.replaceChildren(el("p", { class: "quiet" }, "Nothing was traded."));
    return;
  }
  const state = { words: "", column: 0, down: false, page: 0 };
  const count = el("span", { class: "count", "aria-live": "polite" });
  const search = el("input", {
    type: "search",
    placeholder: "Filter: SPY sell 2022-06",
    "aria-label": "Filter trades by words",
    oninput: () => change({ words: search.value, page: 0 }),
  });
  const before = pager("‹ Newer".replace("Newer", "Back"), () => change({ page: state.page - 1 }));
  const after = pager("More ›", () => change({ page: state.page + 1 }));
  const everything = el(
    "button",
    { type: "button", onclick: () => change({ page: -1 }) },
    "Show all",
  );
  const heads = COLUMNS.map(({ title, left }, place) =>
    el(
      "th",
      { scope: "col", class: left ? "text" : undefined },
      el(
        "button",
        { type: "button", onclick: () => sortBy(place) },
        title,
      ),
    )
  );
  const body = el("tbody");
  host.replaceChildren(
    el("div", { class: "filters" }, search, count, before, after, everything),
    el(
      "div",
      { class: "scroll trades" },
      el("table", { class: "wide" }, el("thead", {}, el("tr", {}, heads)), body),
    ),
  );

  function sortBy(place) {
    change({ column: place, down: state.column === place ? !state.down : false, page: 0 });
  }

  function change(changes) {
    Object.assign(state, changes);
    const found = sorted(all.filter((trade) => matches(trade, state.words)), state);
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    state.page = Math.min(state.page, pages - 1);
    const shown = state.page < 0 ? found : found.slice(state.page * PAGE, (state.page + 1) * PAGE);
    body.replaceChildren(...shown.map((trade) => tradeRow(trade, open)));
    const first = Math.max(0, state.page) * PAGE;
    count.textContent = found.length === 0
      ? "none"
      : `${first + 1} to ${first + shown.length} of ${found.length}`;
    before.disabled = state.page <= 0;
    after.disabled = state.page < 0 || state.page === pages - 1;
    everything.disabled = state.page < 0 || pages === 1;
    heads.forEach((head, place) =>
      head.setAttribute(
        "aria-sort",
        place !== state.column ? "none" : state.down ? "descending" : "ascending",
      )
    );
  }
  change({});
}

function pager(title, onclick) {
  return el("button", { type: "button", onclick }, title);
}

function tradeRow(trade, open) {
  const cells = COLUMNS.map(({ text, left }, place) =>
    place === 0
      ? el(
        "th",
        { scope: "row" },
        el("button", { type: "button", class: "plain", "data-fill": trade.fill }, text(trade)),
      )
      : el("td", { class: left ? "text" : undefined }, text(trade))
  );
  return el("tr", { onclick: () => open(trade.fill) }, cells);
}

/** Every word must be somewhere in the row. */
export function matches(trade, words) {
  const row = COLUMNS.map(({ text }) => text(trade)).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => row.includes(word));
}

/** Trades by one column, equal ones in order of time. */
export function sorted(trades, { column, down }) {
  const { value } = COLUMNS[column];
  const order = (a, b) => value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0;
  return trades.slice().sort((a, b) => (down ? order(b, a) : order(a, b)) || a.fill - b.fill);
}
