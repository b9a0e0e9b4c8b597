import { PROJECT_ROOT } from "../../lib/mod.ts";
import { GOLDEN_PLANS, goldenOf, type GoldenPlan } from "./golden_runs.ts";
import { movedSince } from "./moved.ts";
import { type Golden, readPin, writePin } from "./pins.ts";

/** How golden runs are compared; other places and runs than the project's are for tests. */
export interface CompareOptions {
  /** Writes what came out as the new pins. */
  readonly repin?: boolean;
  /** Ends in "/". */
  readonly folder?: string;
  readonly plans?: readonly GoldenPlan[];
  run?(plan: GoldenPlan): Promise<Golden>;
}

/** What came of it: a text for each plan, and whether any of them is not as pinned. */
export interface Compared {
  readonly text: string;
  readonly moved: boolean;
}

/** Runs each golden plan and compares it with its pin, bit for bit. */
export async function compareGolden({
  repin = false,
  folder = `${PROJECT_ROOT}tasks/golden/`,
  plans = GOLDEN_PLANS,
  run = goldenOf,
}: CompareOptions = {}): Promise<Compared> {
  const texts: string[] = [];
  let moved = false;
  for (const plan of plans) {
    const now = await run(plan);
    const difference = movedSince(await pinOf(folder, plan, repin), now);
    texts.push(`${plan.name}: ${difference === "" ? "as pinned" : `moved\n${difference}\n`}`);
    if (difference === "") continue;
    moved = true;
    if (repin) await writePin(folder, plan.name, now);
  }
  return { text: texts.join("\n").trimEnd(), moved };
}

/** A damaged pin stops a comparison, but must not stop the command that replaces it. */
async function pinOf(folder: string, { name }: GoldenPlan, repin: boolean) {
  try {
    return await readPin(folder, name);
  } catch (error) {
    if (!repin) throw error;
    return undefined;
  }
}
