import type { AuditFinding, Certificate, Checkpoint } from "../core/proofs.ts";
import { formatNumber } from "./format.ts";
import { formatTable } from "./table.ts";

/** A run's causality certificate: its checkpoints, what was compared, and each finding in a line of its own. */
export function certificatePage(certificate: Certificate): string {
  const { checkpoints, compared, findings } = certificate;
  const rows = checkpoints.map(({ time, why, decisions, cut, garbage }) => [
    minute(time),
    why,
    formatNumber(decisions, 0),
    cut,
    garbage,
  ]);
  return [
    certificateLine(certificate),
    "",
    formatTable(rows, {
      header: ["Checkpoint (UTC)", "Why", "Decisions", "Cut", "Garbage"],
      align: ["left", "left", "right", "left", "left"],
    }),
    "",
    `Compared: ${
      [
        counted(compared.feature_values, "feature value"),
        counted(compared.regime_values, "regime value"),
        counted(compared.decisions, "decision"),
        counted(compared.orders, "order"),
        counted(compared.fills, "fill"),
      ].join(", ")
    }`,
    `Features alone were cut at ${counted(certificate.feature_cuts, "moment")}`,
    ...(findings.length === 0 ? [] : ["", ...findings.map(findingLine)]),
  ].join("\n");
}

/** The certificate in one line. */
export function certificateLine(certificate: Certificate): string {
  const { verdict, checkpoints, feature_cuts, compared, findings } = certificate;
  const [first] = findings;
  if (verdict === "failed" && first) {
    const more = findings.length - 1;
    const rest = more === 0 ? "" : ` (and ${counted(more, "more finding")})`;
    return `Causality: FAILED – ${inShort(first)}${rest}`;
  }
  const scope = `at ${counted(checkpoints.length, "checkpoint")}, cut and garbage, features at ${
    formatNumber(feature_cuts, 0)
  } more (${
    [
      counted(compared.feature_values, "feature value"),
      counted(compared.decisions, "decision"),
      counted(compared.fills, "fill"),
    ].join(", ")
  })`;
  return verdict === "optimistic"
    ? `Causality: OPTIMISTIC – no future seen ${scope}, but fills are at the close that the decision was made on: ` +
      "it cannot be promoted"
    : `Causality: passed ${scope}`;
}

/** What differs, without the values. */
function inShort(finding: AuditFinding): string {
  const { what, where, variant, found } = finding;
  if (what === "failure") return `the run fails ${when(finding)}: ${found}`;
  if (variant === "rule") return `${what} of ${where} is against the plan's rules`;
  return `${what} of ${where} differs ${when(finding)}`;
}

function findingLine(finding: AuditFinding): string {
  const { what, where, time, variant, expected, found } = finding;
  if (what === "failure") return inShort(finding);
  const subject = `${what} of ${where} at ${minute(time)}`;
  return variant === "rule"
    ? `${subject}: the plan's rules expect ${expected}, found ${found}`
    : `${subject}: expected ${expected}, found ${found} ${when(finding)}`;
}

/** What had been done with all that came after the checkpoint. */
function when({ variant, checkpoint }: AuditFinding): string {
  if (checkpoint === "") return "when it is made again";
  const time = minute(checkpoint);
  return {
    cut: `when all after ${time} is cut off`,
    garbage: `when all after ${time} is replaced by garbage`,
    again: `when the run up to ${time} is made again`,
    rule: `at ${time}`,
  }[variant];
}

/** An ISO time to the minute: 2024-03-01 04:00. */
function minute(time: Checkpoint["time"]): string {
  return time.slice(0, 16).replace("T", " ");
}

function counted(count: number, noun: string): string {
  return `${formatNumber(count, 0)} ${noun}${count === 1 ? "" : "s"}`;
}
