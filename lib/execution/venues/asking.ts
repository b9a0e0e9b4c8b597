import { z } from "zod";
import { Refusal } from "../../core/errors.ts";
import type { LookUpAnswer, SubmitAnswer, VenueOrder } from "../../core/trading.ts";
import { type ExactJson, parseExactJson } from "./exact_json.ts";
import type { Line, Returned } from "./line.ts";

/** A whole answer as JSON, whatever its status. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: ExactJson;
}

/** One question to a venue, sent once by a client library. */
export type Question = () => Promise<Returned>;

/** A JSON answer, or why there is none. */
export type Heard =
  | { readonly kind: "heard"; readonly answer: JsonAnswer }
  | { readonly kind: "lost"; readonly found: string }
  | { readonly kind: "unsent"; readonly found: string };

/** A read that a venue does not know: there is no such thing to be asked for, or not in this way. */
export class NotServed extends Refusal {}

/** What a read is answered with; undefined where the venue does not serve it. */
export async function whereServed<Value>(asking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof NotServed) return undefined;
    throw error;
  }
}

const UNSERVED = [400, 404, 405, 422, 501];
const TRIES = 4;
const FIRST_WAIT_MS = 250;

/** Asks once. */
export async function hear(question: Question): Promise<Heard> {
  const returned = await question();
  if (returned.kind !== "answer") return returned;
  const { status, text } = returned;
  try {
    const body = text === "" && status === 204 ? null : parseExactJson(text);
    return { kind: "heard", answer: { status, body } };
  } catch {
    return { kind: "lost", found: `something else than JSON (status ${status})` };
  }
}

/** Reads: asked again after a while when the answer is lost or the venue is out of order. Throws a Refusal in the end. */
export async function read<Shape extends z.ZodType>(
  line: Line,
  { venue, what, question, shape, again }: {
    readonly venue: string;
    /** For refusals, as in `Cannot read the account at alpaca`. */
    readonly what: string;
    readonly question: Question;
    readonly shape: Shape;
    /** Why a good answer says that the venue is out of order for now. */
    again?(value: z.output<Shape>): string | undefined;
  },
): Promise<z.output<Shape>> {
  for (let attempt = 1;; attempt++) {
    await line.ready();
    const heard = await hear(question);
    let trouble = heard.kind === "heard" ? troubleOf(heard.answer) : passing(heard.found);
    if (heard.kind === "heard" && trouble === undefined) {
      const value = shaped(shape, heard.answer.body, `Cannot read ${what} at ${venue}`);
      const words = again?.(value);
      if (words === undefined) return value;
      trouble = passing(`"${oneLine(words)}"`);
    }
    if (!trouble!.again || attempt >= TRIES) {
      const tries = attempt > 1 ? ` (${attempt} tries)` : "";
      const isServed = heard.kind !== "heard" || !UNSERVED.includes(heard.answer.status);
      throw new (isServed ? Refusal : NotServed)(
        `Cannot read ${what} at ${venue}: found ${trouble!.found}${tries}, expected an answer`,
      );
    }
    await line.wait(FIRST_WAIT_MS << (attempt - 1));
  }
}

/** The first of several ways to read the same thing that is answered; the first one's refusal when none is. */
export async function firstAnswer<Value>(
  way: () => Promise<Value>,
  ...others: readonly (() => Promise<Value>)[]
): Promise<Value> {
  try {
    return await way();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    for (const other of others) {
      try {
        return await other();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
    throw refusal;
  }
}

interface Trouble {
  readonly found: string;
  /** Whether it may be gone after a while. */
  readonly again: boolean;
}

function passing(found: string): Trouble {
  return { found, again: true };
}

/** What is wrong with an answer by its status; undefined when nothing is. */
function troubleOf({ status, body }: JsonAnswer): Trouble | undefined {
  if (status >= 200 && status < 300) return undefined;
  const again = [408, 418, 425, 429].includes(status) || status >= 500;
  const { code, message } = errorOf(body);
  const words = message === "" ? "" : `, "${message}"`;
  return { found: `status ${status}${code === "" ? "" : `, code ${code}`}${words}`, again };
}

const ERROR = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  msg: z.string().optional(),
});

/** Code and words of a venue's error, empty where it gives none. */
export function errorOf(body: ExactJson): { readonly code: string; readonly message: string } {
  const { code = "", message, msg } = ERROR.safeParse(body).data ?? {};
  return { code, message: oneLine(message ?? msg ?? "") };
}

/** A value of a shape; a Refusal that begins with `doing` for any other. */
export function shaped<Shape extends z.ZodType>(
  shape: Shape,
  body: unknown,
  doing: string,
): z.output<Shape> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Refusal(
    `${doing}: found an answer of another shape (${
      path.map(String).join(".")
    }: ${message}), expected one as documented`,
  );
}

/** Words of a stranger, short and on one line. */
export function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029"]+/g, " ").trim();
  return plain.length > 120 ? `${plain.slice(0, 120)}…` : plain;
}

/** What is known of an order's sending when the answer is not the plain yes. */
export interface Verdicts {
  /** Reads an order of a good answer. */
  order(body: ExactJson): VenueOrder;
  /** Whether an error is on the list of those after which nothing was accepted. */
  isRefusal(answer: JsonAnswer): boolean;
  /** Whether an error says that the id has been used: an order under it is known already. */
  isDuplicate(answer: JsonAnswer): boolean;
  find(): Promise<LookUpAnswer>;
}

/** Sends an order once and says what came of it; code `not_sent` when nothing left this machine. Never throws. */
export async function submitOnce(
  line: Line,
  clientOrderId: string,
  question: Question,
  verdicts: Verdicts,
): Promise<SubmitAnswer> {
  try {
    await line.ready();
  } catch (error) {
    return { kind: "refused", code: "not_sent", message: (error as Error).message };
  }
  const heard = await hear(question);
  if (heard.kind === "unsent") return { kind: "refused", code: "not_sent", message: heard.found };
  if (heard.kind === "lost") return { kind: "unknown", message: heard.found };
  const { status, body } = heard.answer;
  const { code, message } = errorOf(body);
  if (status >= 200 && status < 300) return acknowledged(clientOrderId, body, verdicts);
  const told = `status ${status}${code === "" ? "" : `, code ${code}`}: ${message}`;
  if (verdicts.isDuplicate(heard.answer)) {
    const found = await verdicts.find();
    if (found.kind === "found") return { kind: "acknowledged", order: found.order };
    return { kind: "unknown", message: `${told}; the order under that id was not shown` };
  }
  return verdicts.isRefusal(heard.answer)
    ? { kind: "refused", code: code === "" ? String(status) : code, message }
    : { kind: "unknown", message: told };
}

function acknowledged(clientOrderId: string, body: ExactJson, verdicts: Verdicts): SubmitAnswer {
  try {
    const order = verdicts.order(body);
    return order.clientOrderId === clientOrderId
      ? { kind: "acknowledged", order }
      : { kind: "unknown", message: `an answer for another order, "${order.clientOrderId}"` };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "unknown", message: error.message };
  }
}

/** Looks an order up once. Never throws. */
export async function lookUp(
  question: Question,
  { order, isMissing }: {
    order(body: ExactJson): VenueOrder;
    isMissing(answer: JsonAnswer): boolean;
  },
): Promise<LookUpAnswer> {
  const heard = await hear(question);
  if (heard.kind !== "heard") return { kind: "unknown", message: heard.found };
  const { status, body } = heard.answer;
  if (isMissing(heard.answer)) return { kind: "missing" };
  const trouble = troubleOf({ status, body });
  if (trouble) return { kind: "unknown", message: trouble.found };
  try {
    return { kind: "found", order: order(body) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "unknown", message: error.message };
  }
}

/** What a venue's word for where an order stands means. Throws a Refusal for a word that nobody knows: trading stops. */
export function statusOf<Status extends string>(
  statuses: Readonly<Record<string, Status>>,
  word: string,
  venue: string,
): Status {
  const status = Object.hasOwn(statuses, word) ? statuses[word] : undefined;
  if (status !== undefined) return status;
  throw new Refusal(
    `Cannot trade at ${venue}: found an order status "${
      oneLine(word)
    }", expected one that is known`,
  );
}
