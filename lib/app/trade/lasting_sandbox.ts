import { openSandbox, type Sandbox, type SandboxOptions } from "../../engine/sandbox.ts";

/** A sandbox that outlives a model which had to be stopped: the next decision finds a new one. */
export function lastingSandbox(options: SandboxOptions): Sandbox {
  let sandbox = openSandbox(options);
  return {
    run: (...asked) => sandbox.run(...asked),
    runForProof: (...asked) => sandbox.runForProof(...asked),
    timeframes: (...asked) => sandbox.timeframes(...asked),
    async decide(...asked) {
      try {
        return await sandbox.decide(...asked);
      } catch (error) {
        sandbox.close();
        sandbox = openSandbox(options);
        throw error;
      }
    },
    close: () => sandbox.close(),
  };
}
