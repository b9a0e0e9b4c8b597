import { killPage, killStatusPage, killSwitch, Refusal } from "../lib/mod.ts";
import { json, parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task kill on|off|status [CONFIG…] [--confirm ACCOUNT[,ACCOUNT…]] [--flatten] " +
  "[--operator ID] [--reason TEXT] [--json]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    config: { type: "string", multiple: true },
    confirm: { type: "string" },
    flatten: { type: "boolean" },
    operator: { type: "string" },
    reason: { type: "string" },
    json: { type: "boolean" },
  }, USAGE);
  const [verb = "", ...files] = positionals;
  const { operator = "operator", reason = "", flatten = false } = flags;
  const trade = killSwitch({
    configs: [...files, ...flags.config ?? []],
    environment: (name) => Deno.env.get(name),
  });
  if (verb === "on") {
    const report = await trade.on({ operator, reason, flatten });
    const text = flags.json ? json(report) : killPage(report);
    if (report.verified) return text;
    console.log(text);
    Deno.exit(1);
  }
  if (verb === "status") {
    const status = await trade.status();
    return flags.json ? json(status) : killStatusPage(status);
  }
  if (verb === "off") {
    if (flags.confirm === undefined) {
      throw new Refusal(`off needs --confirm ACCOUNT; usage: ${USAGE}`, { exitCode: 2 });
    }
    await trade.off({ confirm: flags.confirm, operator, reason });
    return flags.json ? json({ kill: false }) : "The kill switch is off: trading may go on";
  }
  throw new Refusal(`found "${verb}", expected on, off or status; usage: ${USAGE}`, {
    exitCode: 2,
  });
});
