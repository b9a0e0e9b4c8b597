import { openSandbox, type Sandbox, type SandboxOptions } from "../../engine/sandbox.ts";

/** A sandbox that outlives a model which had to be stopped: the next decision finds a new one, until it is closed. */
export function lastingSandbox(options: SandboxOptions): Sandbox {
  let sandbox = openSandbox(options);
  let isClosed = false;
  return {
    run: (...asked) => sandbox.run(...asked),
    runForProof: (...asked) => sandbox.runForProof(...asked),
    timeframes: (...asked) => sandbox.timeframes(...asked),
    async decide(...asked) {
      try {
        return await sandbox.decide(...asked);
      } catch (error) {
        sandbox.close();
        // Closed meanwhile, a new one would be nobody's to close, and its worker would outlive the session.
        if (!isClosed) sandbox = openSandbox(options);
        throw error;
      }
    },
    close() {
      isClosed = true;
      sandbox.close();
    },
  };
}
