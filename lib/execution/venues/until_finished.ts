import type { LookUpAnswer } from "../../core/trading.ts";
import type { Wait } from "./line.ts";

const LOOKS = 6;
const FIRST_WAIT_MS = 50;

/** Looks an order up until it is finished, for 1.5 s at most; false when it is not, or cannot be seen. */
export async function untilFinished(
  look: () => Promise<LookUpAnswer>,
  wait: Wait,
): Promise<boolean> {
  for (let tried = 1; tried <= LOOKS; tried++) {
    const answer = await look();
    if (answer.kind === "found" && answer.order.status !== "working") return true;
    if (tried < LOOKS) await wait(FIRST_WAIT_MS << (tried - 1));
  }
  return false;
}
