/** What a symbol, a model's or an experiment's name looks like, in words. */
export const NAME_EXPECTED =
  'a name of at most 64 letters, digits, "_", "-" and ".", without ".." and starting with a letter or digit';

/** Whether `text` may name a symbol, a model or an experiment: harmless as part of a file name too. */
export function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text) && !text.includes("..");
}
