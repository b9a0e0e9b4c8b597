/** What a part of a card must look like. */
export interface Shape<Value> {
  /** One line about the first thing that is wrong, beginning with its key path; undefined when nothing is. */
  complaint(value: unknown, path: string): string | undefined;
  /** Never there: it carries the type. */
  readonly shaped?: Value;
}

/** The type of what has a shape. */
export type Shaped<Any> = Any extends Shape<infer Value> ? Value : never;

export const text = simple<string>("text", (value) => typeof value === "string");
export const number = simple<number>("a number", Number.isFinite);
export const count = simple<number>(
  "a whole number, 0 or more",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const flag = simple<boolean>("true or false", (value) => typeof value === "boolean");
/** Anything that JSON can say. */
export const anything: Shape<unknown> = { complaint: () => undefined };

/** What passes a test of its own; `expected` says it in words. */
export function simple<Value>(
  expected: string,
  passes: (value: unknown) => boolean,
): Shape<Value> {
  return {
    complaint: (value, path) => passes(value) ? undefined : complaintAbout(value, path, expected),
  };
}

/** Text of a pattern. */
export function matching(pattern: RegExp, expected: string): Shape<string> {
  return simple(expected, (value) => typeof value === "string" && pattern.test(value));
}

/** One of a few texts. */
export function oneOf<const Value extends string>(...values: readonly Value[]): Shape<Value> {
  const expected = values.map((value) => `"${value}"`).join(" or ");
  return simple(expected, (value) => values.includes(value as Value));
}

export function orNull<Value>(shape: Shape<Value>): Shape<Value | null> {
  return { complaint: (value, path) => value === null ? undefined : shape.complaint(value, path) };
}

/** A list of any length, or of `least` items and more. */
export function list<Value>(
  shape: Shape<Value>,
  { least = 0 }: { readonly least?: number } = {},
): Shape<readonly Value[]> {
  return {
    complaint(value, path) {
      if (!Array.isArray(value) || value.length < least) {
        return complaintAbout(value, path, least > 0 ? "a list that is not empty" : "a list");
      }
      return first(value.map((item, place) => () => shape.complaint(item, `${path}.${place}`)));
    },
  };
}

/** Values of one shape by any names, or by names that match a pattern. */
export function byName<Value>(
  shape: Shape<Value>,
  names: Shape<string> = text,
): Shape<Readonly<Record<string, Value>>> {
  return {
    complaint(value, path) {
      if (!isRecord(value)) return complaintAbout(value, path, "an object");
      return first(
        Object.entries(value).map(([name, item]) => () =>
          names.complaint(name, path) ?? shape.complaint(item, keyPath(path, name))
        ),
      );
    },
  };
}

type Shapes = Readonly<Record<string, Shape<unknown>>>;

type Fields<Own extends Shapes> = { readonly [Name in keyof Own]: Shaped<Own[Name]> };

/** An object with exactly these fields. */
export function fields<Own extends Shapes>(own: Own): Shape<Fields<Own>> {
  return someFields(own, { absent: false, others: false });
}

/** An object with these fields and perhaps others. */
export function openFields<Own extends Shapes>(own: Own): Shape<Fields<Own>> {
  return someFields(own, { absent: false, others: true });
}

/** An object with some of these fields and no others. */
export function optionalFields<Own extends Shapes>(own: Own): Shape<Partial<Fields<Own>>> {
  return someFields(own, { absent: true, others: false });
}

function someFields(
  own: Shapes,
  may: { readonly absent: boolean; readonly others: boolean },
): Shape<never> {
  return {
    complaint(value, path) {
      if (!isRecord(value)) return complaintAbout(value, path, "an object");
      const stranger = Object.keys(value).find((name) => !Object.hasOwn(own, name));
      if (stranger !== undefined && !may.others) {
        return complaintAbout(value[stranger], keyPath(path, stranger), "no such key");
      }
      return first(
        Object.entries(own).map(([name, shape]) => () => {
          if (Object.hasOwn(value, name)) return shape.complaint(value[name], keyPath(path, name));
          return may.absent ? undefined : `${keyPath(path, name)}: found nothing, expected it`;
        }),
      );
    },
  };
}

function first(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const complaint = look();
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function complaintAbout(value: unknown, path: string, expected: string): string {
  const shown = JSON.stringify(value) ?? "nothing";
  const short = shown.length <= 80 ? shown : `${shown.slice(0, 80)}…`;
  return `${path === "" ? "the document" : path}: found ${short}, expected ${expected}`;
}

function keyPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
