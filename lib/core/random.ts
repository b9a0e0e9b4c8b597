/** A seeded stream of chance: the same seed gives the same numbers on every machine. */
export interface Random {
  /** A float in [0, 1) with 32 random bits. */
  next(): number;
  /** An integer in [0, below). */
  integer(below: number): number;
  /** A new independent stream named by `label`, so that adding one use does not shift another. */
  fork(label: string): Random;
}

/** Chance from a seed: sfc32 (Chris Doty-Humphrey, PractRand), started by a 32-bit FNV-1a hash of seed and label. */
export function seededRandom(seed: number | string): Random {
  const key = String(seed);
  let a = fnv1a(key, 0x811c9dc5);
  let b = fnv1a(key, 0x01000193);
  let c = fnv1a(key, 0x9e3779b9);
  let counter = 1;
  const bits = () => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result | 0;
    return result >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  return {
    next: () => bits() / 0x1_0000_0000,
    integer: (below) => Math.floor((bits() / 0x1_0000_0000) * below),
    fork: (label) => seededRandom(`${key}/${label}`),
  };
}

function fnv1a(text: string, start: number): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash;
}
