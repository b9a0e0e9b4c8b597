import { Refusal } from "../core/errors.ts";
import { memoryOf } from "./feature_shares.ts";
import { readPulse } from "./pulse.ts";
import type { SandboxReply, SandboxRequest } from "./requests.ts";
import { trialPlan } from "./sweep/trial_plan.ts";
import { namesOf, type Watch, watcher } from "./watch.ts";

/** One worker without any permission, which answers what it is asked in the order in which it was asked. */
export interface Channel {
  /** The worker's answer, unless it stands still, is interrupted, or fails. */
  ask(request: SandboxRequest, watch: Watch): Promise<SandboxReply>;
  /** Ends the worker; whoever still waits for an answer is told why. */
  end(why: string): void;
}

/** One request on its way. */
interface Waiting {
  readonly request: SandboxRequest;
  settle(reply: SandboxReply): void;
  fail(why: Error): void;
}

/** Nobody will answer any more, as the worker was ended on purpose. */
export class Ended extends Refusal {}

const LOOK_EVERY_MS = 20;

/** Starts a worker; `onFall` hears when it has ended by itself, perhaps between two requests. */
export function openChannel(
  module: URL,
  { onFall }: { onFall(why: string): void },
): Channel {
  const worker = new Worker(module, { type: "module", deno: { permissions: "none" } });
  const queue: Waiting[] = [];
  let fell: string | undefined;
  worker.onmessage = ({ data }: MessageEvent<SandboxReply>) => queue.shift()?.settle(data);
  worker.onerror = (event) => {
    const why = fell = fallen(event);
    for (const { request, fail } of queue.splice(0)) fail(blame(request, why));
    onFall(why);
  };
  return {
    ask: (request, watch) =>
      new Promise((resolve, reject) => {
        // Nobody is left to answer; a worker that was started ahead may fall before it is asked for anything.
        if (fell !== undefined) return reject(blame(request, fell));
        const stop = (end: () => void) => {
          clearInterval(timer);
          watch.signal?.removeEventListener("abort", onAbort);
          end();
        };
        const onAbort = () => stop(() => reject(new Refusal("Interrupted")));
        const look = watcher(
          (trial) => trialPlan(request, trial),
          watch,
          () => readPulse(request.pulse),
        );
        const timer = setInterval(() => {
          const overdue = look();
          if (overdue) stop(() => reject(overdue));
        }, LOOK_EVERY_MS);
        queue.push({
          request,
          settle: (reply) => stop(() => resolve(reply)),
          fail: (why) => stop(() => reject(why)),
        });
        watch.signal?.addEventListener("abort", onAbort);
        worker.postMessage(request, memoryOf(request.columns ?? []));
      }),
    end(why) {
      // A worker that is busy does not hear this before it is done, and may never be: such a one ends with the process.
      worker.terminate();
      for (const { fail } of queue.splice(0)) fail(new Ended(why));
    },
  };
}

function fallen(event: ErrorEvent): string {
  event.preventDefault();
  return `The sandbox failed: ${oneLine(event.message.split("\n")[0]!)}`;
}

/** Why a run ended with its worker, with the name of the model that was being asked, else of all that may have done it. */
function blame(request: SandboxRequest, message: string): Refusal {
  const { model, begun, trial } = readPulse(request.pulse);
  const plan = trialPlan(request, trial);
  if (!begun) return new Refusal(`The models of ${namesOf(plan)} could not be loaded. ${message}`);
  return new Refusal(`${plan.models[model]?.name ?? namesOf(plan)} ended its run. ${message}`);
}

/** Words of a model, fit to be printed: on one line, without codes that move a terminal's cursor, and not endless. */
export function oneLine(text: string): string {
  const shown = text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
  return shown.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
