/**
 * Columns of a page's data, as lib/report/sheet/columns.ts writes them: numbers as Float64Array, texts as a list.
 */

/** A table whose columns are decoded when they are first asked for. */
export function openTable(encoded) {
  const decoded = new Map();
  return (name) => {
    if (!decoded.has(name)) decoded.set(name, decodeColumn(encoded[name]));
    return decoded.get(name);
  };
}

/** The values of one column. */
export function decodeColumn({ k, n, b, d, s, u }) {
  const bytes = bytesOf(b);
  if (k === "f64") {
    const view = new DataView(bytes.buffer);
    return Float64Array.from({ length: n }, (_, row) => view.getFloat64(8 * row, true));
  }
  const numbers = varintsIn(bytes);
  if (k === "int") {
    let whole = 0;
    return Float64Array.from({ length: n }, (_, row) => {
      const code = numbers[row];
      whole += code % 2 === 0 ? code / 2 : -(code + 1) / 2;
      return whole * u / s;
    });
  }
  const codes = k === "dict" ? numbers : repeated(numbers, n);
  if (typeof d[0] === "string") return codes.map((code) => d[code]);
  return Float64Array.from(codes, (code) => d[code] ?? NaN);
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes;
}

function varintsIn(bytes) {
  const values = [];
  let value = 0;
  let weight = 1;
  for (const byte of bytes) {
    value += (byte & 127) * weight;
    weight *= 128;
    if (byte < 128) {
      values.push(value);
      value = 0;
      weight = 1;
    }
  }
  return values;
}

function repeated(runs, n) {
  const codes = new Array(n);
  let row = 0;
  for (let place = 0; place < runs.length; place += 2) {
    codes.fill(runs[place], row, row + runs[place + 1]);
    row += runs[place + 1];
  }
  return codes;
}
