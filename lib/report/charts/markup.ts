/** What of a DOM is needed to write it down. */
export interface MarkupNode {
  readonly nodeType: number;
  readonly localName?: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<MarkupNode>;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
}

const ELEMENT = 1;
const TEXT = 3;

/** Text for XML content and attribute values; characters that XML has no way to write become U+FFFD. */
export function escaped(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** An element; attributes that are undefined are left out, numbers have at most two decimals. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes) // order: as the caller writes them
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) =>
      ` ${key}="${escaped(typeof value === "number" ? rounded(value) : value!)}"`
    )
    .join("");
  return content.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${content.join("")}</${name}>`;
}

/** At most two decimals, without trailing zeros. */
export function rounded(value: number): string {
  return String(Number(value.toFixed(2)));
}

/**
 * XML of a node: attributes by name, style sheets left out, coordinates cut to a tenth of a pixel. The DOM's own writer
 * leaves `<` in attributes as it is.
 */
export function markupOf(node: MarkupNode): string {
  if (node.nodeType === TEXT) return escaped(node.nodeValue ?? "");
  if (node.nodeType !== ELEMENT || node.localName === "style") return "";
  const attributes = [...node.attributes ?? []]
    .filter(({ name }) => !name.startsWith("aria-") && name !== "class")
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .map(({ name, value }) =>
      ` ${name}="${escaped(COORDINATES.has(name) ? tenths(value) : value)}"`
    )
    .join("");
  const content = [...node.childNodes].map(markupOf).join("");
  const name = node.localName ?? "g";
  return content === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

const COORDINATES: ReadonlySet<string> = new Set([
  ...["d", "transform", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "cx", "cy"],
]);

function tenths(text: string): string {
  return text.replace(/-?\d+\.\d\d+/g, (number) => String(Number(Number(number).toFixed(1))));
}
