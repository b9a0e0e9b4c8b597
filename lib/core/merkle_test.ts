import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { CHUNK_ROWS, columnTree, firstChangedChunk } from "./merkle.ts";

const numbers = (count: number) => Float64Array.from({ length: count }, (_, i) => i);

Deno.test("FR-060 the tree of a column has a leaf for each chunk, and full leaves outlive new rows", () => {
  const [before, after] = [2 * CHUNK_ROWS + 1, 3 * CHUNK_ROWS].map((rows) =>
    columnTree({ close: numbers(rows) })
  );
  const [one, two] = [before!, after!].map(({ leaves }) => leaves.close!.split(" "));
  deepStrictEqual([one!.length, two!.length], [3, 3]);
  for (const leaf of one!) match(leaf, /^[0-9a-f]{16}$/);
  deepStrictEqual(two!.slice(0, 2), one!.slice(0, 2));
  notStrictEqual(two![2], one![2]);
  notStrictEqual(after!.root, before!.root);
});

Deno.test("FR-060 names, order of columns, length and place of a chunk are part of the root", () => {
  const rows = numbers(CHUNK_ROWS);
  const twice = Float64Array.from([...rows, ...rows]);
  const [left, right] = columnTree({ close: twice }).leaves.close!.split(" ");
  notStrictEqual(left, right);
  const roots = [
    columnTree({}),
    columnTree({ open: new Float64Array(0) }),
    columnTree({ open: rows }),
    columnTree({ close: rows }),
    columnTree({ open: rows, close: rows }),
    columnTree({ close: rows, open: rows }),
    columnTree({ close: twice }),
  ].map(({ root }) => root);
  strictEqual(new Set(roots).size, roots.length);
});

Deno.test("FR-060 any flipped bit changes the root and is found in its column and chunk", () => {
  const rows = 2 * CHUNK_ROWS + 100;
  const columns = { open: numbers(rows), close: numbers(rows) };
  const tree = columnTree(columns);
  fc.assert(
    fc.property(fc.nat(rows - 1), fc.nat(63), (row, bit) => {
      const close = columns.close.slice();
      new Uint8Array(close.buffer)[8 * row + (bit >> 3)]! ^= 1 << (bit & 7);
      const changed = columnTree({ ...columns, close });
      notStrictEqual(changed.root, tree.root);
      strictEqual(changed.leaves.open, tree.leaves.open);
      strictEqual(
        firstChangedChunk(tree.leaves.close!, changed.leaves.close!),
        Math.floor(row / CHUNK_ROWS),
      );
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("FR-060 the first changed chunk may be one that is not there", () => {
  strictEqual(firstChangedChunk("a b", "a b"), -1);
  strictEqual(firstChangedChunk("", ""), -1);
  strictEqual(firstChangedChunk("a", "a b"), 1);
  strictEqual(firstChangedChunk("a b", ""), 0);
  strictEqual(firstChangedChunk("a b c", "a x"), 1);
});
