import { z } from "zod";
import type { Path } from "./located.ts";

/**
 * The same keys and types with everything optional and no defaults: what one file of several may hold.
 * Rules between keys are left out, as the other key may stand in another file.
 */
export function partialOf(schema: z.core.$ZodType): z.ZodType {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNullable) return partialOf(inner.def.innerType).nullable();
  if (inner instanceof z.ZodRecord) {
    return z.partialRecord(inner.def.keyType, partialOf(inner.def.valueType));
  }
  if (!(inner instanceof z.ZodObject)) return inner as z.ZodType;
  return z.strictObject(Object.fromEntries(
    Object.entries(inner.shape).map(([key, field]) => [key, partialOf(field).optional()]),
  ));
}

/** The schema without its optional and default wrappers. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault || schema instanceof z.ZodReadonly;
  return wrapped ? unwrap(schema.def.innerType) : schema;
}

/** The schema of the value at `path`, or undefined when the path leaves what is known. */
export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const inner = withoutNull(schema);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.def.valueType, rest);
  if (inner instanceof z.ZodArray) return schemaAt(inner.def.element, rest);
  if (!(inner instanceof z.ZodObject) || !Object.hasOwn(inner.shape, step)) return undefined;
  return schemaAt(inner.shape[step]!, rest);
}

/** Keys that a mapping of this schema may have; empty when they are free. */
export function knownKeys(schema: z.core.$ZodType | undefined): string[] {
  const inner = schema && withoutNull(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Whether a mapping of this schema takes names as keys. */
export function takesNames(schema: z.core.$ZodType): boolean {
  return withoutNull(schema) instanceof z.ZodRecord;
}

/** Whether a value of this schema may be a list. */
export function takesLists(schema: z.core.$ZodType): boolean {
  const inner = withoutNull(schema);
  if (inner instanceof z.ZodUnion) return inner.options.some(takesLists);
  return [z.ZodArray, z.ZodTuple, z.ZodAny, z.ZodUnknown].some((kind) => inner instanceof kind);
}

function withoutNull(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = unwrap(schema);
  return inner instanceof z.ZodNullable ? withoutNull(inner.def.innerType) : inner;
}

/** What a value of this schema looks like, in words: `a number from 0 to 1 or null`. */
export function expectation(schema: z.core.$ZodType): string | undefined {
  const inner = unwrap(schema);
  const told = (inner instanceof z.ZodType ? inner.meta() : undefined)?.expected;
  if (typeof told === "string") return told;
  if (inner instanceof z.ZodNullable) return withOr(expectation(inner.def.innerType), "null");
  if (inner instanceof z.ZodNumber) return numberExpectation(inner);
  if (inner instanceof z.ZodString) return "text";
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodEnum) return oneOf(inner.options);
  if (inner instanceof z.ZodLiteral) return oneOf([...inner.values]);
  if (inner instanceof z.ZodArray) return listExpectation(inner);
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return "a mapping";
  if (!(inner instanceof z.ZodUnion)) return undefined;
  return inner.options.map(expectation).reduce((words, word) => word && withOr(words, word));
}

function withOr(words: string | undefined, word: string): string | undefined {
  return words && `${words} or ${word}`;
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => typeof value === "string" ? `"${value}"` : String(value));
  return words.length === 1 ? words[0]! : `one of ${words.join(", ")}`;
}

function listExpectation(schema: z.ZodArray): string {
  const item = expectation(schema.def.element);
  return item === undefined ? "a list" : `a list, each item ${item}`;
}

function numberExpectation(schema: z.ZodNumber): string {
  const checks = (schema.def.checks ?? []).map((check) => check._zod.def as NumberCheck);
  const low = checks.find((check) => check.check === "greater_than");
  const high = checks.find((check) => check.check === "less_than");
  const kind = schema.isInt ? "a whole number" : "a number";
  const from = low && (low.inclusive ? `${low.value}` : `above ${low.value}`);
  const to = high && (high.inclusive ? `${high.value}` : `below ${high.value}`);
  if (from && to) return `${kind} from ${from} to ${to}`;
  if (from) return low.inclusive ? `${kind} of at least ${from}` : `${kind} ${from}`;
  if (to) return high.inclusive ? `${kind} of at most ${to}` : `${kind} ${to}`;
  return kind;
}

interface NumberCheck {
  readonly check: string;
  readonly value: number;
  readonly inclusive: boolean;
}
