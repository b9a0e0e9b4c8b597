/** A dot of a scatter plot. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Ends of an axis. */
export type Span = readonly [low: number, high: number];

/** So many dots are drawn at most: more cover each other. */
const MOST_DOTS = 2_500;

/**
 * Dots that draw nearly the same picture as all: the first in every square of a mesh, which grows coarser until `most` are
 * left. Those outside the spans are left out.
 */
export function sparse<Item extends Dot>(
  dots: readonly Item[],
  { x, y, width, height, most = MOST_DOTS }: {
    readonly x: Span;
    readonly y: Span;
    readonly width: number;
    readonly height: number;
    readonly most?: number;
  },
): readonly Item[] {
  const inside = dots.filter((dot) =>
    dot.x >= x[0] && dot.x <= x[1] && dot.y >= y[0] && dot.y <= y[1]
  );
  if (inside.length <= most) return inside;
  for (let mesh = 2;; mesh++) {
    const columns = Math.ceil(width / mesh) + 1;
    const taken = new Set<number>();
    const kept = inside.filter((dot) => {
      const column = Math.floor((dot.x - x[0]) / (x[1] - x[0] || 1) * width / mesh);
      const row = Math.floor((dot.y - y[0]) / (y[1] - y[0] || 1) * height / mesh);
      const square = row * columns + column;
      if (taken.has(square)) return false;
      taken.add(square);
      return true;
    });
    if (kept.length <= most) return kept;
  }
}

/** Ends of an axis on which a few values far below do not flatten all others: those may lie outside. */
export function steadySpan(values: readonly number[]): Span {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const body = high - at(0.1);
  const bottom = body > 0 && low < at(0.1) - 1.5 * body ? at(0.1) - 0.4 * body : low;
  const air = (high - bottom) * 0.05 || Math.abs(high) * 0.05 || 0.5;
  return [bottom - air, high + air];
}
