/**
 * Houses whose numbers, or their order, reach a result or the name of one. Not among them: `config` and `data` hand
 * values on as they found them (the plan sorts its assets and models), `report` and `monitor` only show, `app` only
 * puts together.
 */
const RESULT_BEARING = [
  "core",
  "stats",
  "features",
  "regime",
  "learn",
  "models",
  "portfolio",
  "risk",
  "execution",
  "engine",
  "results",
];

const TESTS = /_test\.ts$|(?:^|\/)test_\w+\.ts$/;
const FIXTURES = /fixtures?\.ts$|_contract\.ts$/;

/** Files of `lib/` that one rule leaves alone, each for the reason beside it. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "exact-math": ["engine/lockdown.ts"], // takes Math.random away
  "no-clock": [
    "core/clock.ts", // the one place that asks the machine for the time
    "engine/lockdown.ts", // takes clocks away by their names
  ],
  "no-chance": ["engine/lockdown.ts"], // takes sources of chance away
  "no-locale": ["engine/lockdown.ts"], // takes locale functions away
  "fixed-order": ["engine/lockdown.ts"], // visits everything there is, in whatever order
};

/** Whether `rule` holds in a file: all of `lib/` or its result-bearing houses, without tests and exceptions. */
export function applies(rule: string, filename: string, reach: "lib" | "results"): boolean {
  const path = /^(?:.*\/)?lib\/(.+)$/.exec(filename.replaceAll("\\", "/"))?.[1];
  if (path === undefined || TESTS.test(path)) return false;
  if (EXCEPTIONS[rule]?.includes(path)) return false;
  if (reach === "lib") return true;
  return RESULT_BEARING.includes(path.split("/")[0]!) && !FIXTURES.test(path);
}
