/** Points in a leaf of the tree, below which cutting further costs more than it saves. */
const LEAF = 16;

type Tree =
  | { readonly kind: "leaf"; readonly members: Uint32Array }
  | {
    readonly kind: "cut";
    readonly axis: number;
    readonly at: number;
    readonly below: Tree;
    readonly above: Tree;
  };

/**
 * For each point its `count` nearest others by straight distance, nearest first; of equally near ones the earlier. A tree of
 * cuts (Bentley 1975) finds them without comparing all with all.
 */
export function nearestOthers(points: readonly Float64Array[], count: number): Uint32Array[] {
  if (points.length === 0) return [];
  const tree = treeOf(points, Uint32Array.from(points, (_, i) => i));
  return points.map((_, place) => {
    const found: Found = { places: [], distances: [], count };
    visit(tree, { points, place, found });
    return Uint32Array.from(found.places);
  });
}

function treeOf(points: readonly Float64Array[], members: Uint32Array): Tree {
  if (members.length <= LEAF) return { kind: "leaf", members };
  const axis = widestAxis(points, members);
  const sorted = members.toSorted((a, b) => points[a]![axis]! - points[b]![axis]! || a - b);
  const middle = sorted.length >> 1;
  const at = points[sorted[middle]!]![axis]!;
  // All on one spot: no cut parts them.
  if (points[sorted[0]!]![axis] === points[sorted.at(-1)!]![axis]) return { kind: "leaf", members };
  return {
    kind: "cut",
    axis,
    at,
    below: treeOf(points, sorted.slice(0, middle)),
    above: treeOf(points, sorted.slice(middle)),
  };
}

function widestAxis(points: readonly Float64Array[], members: Uint32Array): number {
  let best = 0;
  let widest = -1;
  for (let axis = 0; axis < points[0]!.length; axis++) {
    let [low, high] = [Infinity, -Infinity];
    for (const member of members) {
      low = Math.min(low, points[member]![axis]!);
      high = Math.max(high, points[member]![axis]!);
    }
    if (high - low <= widest) continue;
    widest = high - low;
    best = axis;
  }
  return best;
}

interface Found {
  readonly places: number[];
  readonly distances: number[];
  readonly count: number;
}

interface Visit {
  readonly points: readonly Float64Array[];
  readonly place: number;
  readonly found: Found;
}

function visit(tree: Tree, from: Visit): void {
  const { points, place, found } = from;
  if (tree.kind === "leaf") {
    for (const member of tree.members) {
      if (member !== place) enter(found, member, distanceOf(points[place]!, points[member]!));
    }
    return;
  }
  const away = points[place]![tree.axis]! - tree.at;
  const [near, far] = away < 0 ? [tree.below, tree.above] : [tree.above, tree.below];
  visit(near, from);
  const worst = found.distances[found.count - 1] ?? Infinity;
  if (away * away <= worst) visit(far, from);
}

function enter({ places, distances, count }: Found, place: number, distance: number): void {
  let at = places.length;
  while (
    at > 0 &&
    (distance < distances[at - 1]! || (distance === distances[at - 1] && place < places[at - 1]!))
  ) at--;
  if (at >= count) return;
  places.splice(at, 0, place);
  distances.splice(at, 0, distance);
  places.length = distances.length = Math.min(places.length, count);
}

function distanceOf(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i]! - other[i]!) * (one[i]! - other[i]!);
  return sum;
}
