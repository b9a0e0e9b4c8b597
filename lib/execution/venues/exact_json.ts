import { Decimal } from "decimal.js";
import { z } from "zod";
import type { DecimalText } from "../../core/ports.ts";

/** JSON in which every number is its own digits as text, as money must never pass through binary fractions. */
export type ExactJson =
  | string
  | boolean
  | null
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson };

const NUMBER = /^[+-]?\d{1,40}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,2})?$/;

/** Parses JSON with its numbers as text. Throws SyntaxError for anything else, HTML with status 200 among it. */
export function parseExactJson(text: string): ExactJson {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" ? context?.source ?? String(value) : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

/** Decimal digits in plain form: "1.50" is "1.5", "1e-7" is "0.0000001". */
export const decimalText = z.string().regex(NUMBER).transform((text): DecimalText =>
  plainDecimal(text)
);

/** A whole number small enough for a float. */
export const wholeNumber = z.string().regex(/^-?\d{1,15}$/).transform(Number);

/** The shortest plain digits of a decimal; RangeError for anything else. */
export function plainDecimal(text: string): DecimalText {
  if (!NUMBER.test(text)) throw new RangeError(`"${text}" is not decimal digits`);
  const plain = new Decimal(text).toFixed();
  return plain === "-0" ? "0" : plain;
}
