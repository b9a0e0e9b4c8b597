/** Elements of the page. Text goes in as text only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (a function is a listener, undefined is left out) and children. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for a part of a drawing. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== undefined && child !== false),
  );
  return element;
}

/** A row of cells; the first is a heading, those of `text` stand to the left. */
export function tableRow(cells, text = []) {
  return el(
    "tr",
    {},
    cells.map((cell, place) =>
      place === 0
        ? el("th", { scope: "row" }, cell)
        : el("td", { class: text.includes(place) ? "text" : undefined }, cell)
    ),
  );
}

/** A table in a frame that scrolls where it is too wide. */
export function table(header, rows, text = []) {
  const head = header.map((title, place) =>
    el("th", { scope: "col", class: text.includes(place) ? "text" : undefined }, title)
  );
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "wide" },
      el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, rows.map((row) => tableRow(row, text))),
    ),
  );
}

/** The numbers behind a chart, made when somebody first opens them. */
export function dataDetails(title, makeTable) {
  const host = el("div", { tabindex: "0", role: "region", "aria-label": `Data behind ${title}` });
  const details = el(
    "details",
    { class: "data" },
    el("summary", { "aria-label": `Data behind ${title}` }, "Data"),
    host,
  );
  details.addEventListener("toggle", () => {
    if (details.open && host.childElementCount === 0) host.append(makeTable());
  });
  return details;
}

/** The value of a block of JSON in the page. */
export function jsonIn(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : undefined;
}

let widths = new Map();

/** Measures the figures of the page, all at once: to ask each after the other has been filled costs a layout each. */
export function measureFigures() {
  widths = new Map(
    [...document.querySelectorAll("figure")].map((figure) => [figure, figure.clientWidth]),
  );
}

/** Pixels a figure is wide. */
export function widthOf(figure) {
  return widths.get(figure) || 800;
}
