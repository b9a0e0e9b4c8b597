import { canonicalJson } from "../../core/hash.ts";
import type { Certificate } from "../../core/proofs.ts";
import type { RunCard } from "../../results/mod.ts";
import { formatNumber } from "../format.ts";
import { type Markup, markup, type Piece } from "./markup.ts";
import { plainTable } from "./tables.ts";

/** What a run was made of, and the hashes by which any change of it shows. */
export function provenance(card: RunCard, cardHash: string): Markup {
  const { data, code } = card;
  const facts: readonly (readonly [string, Piece])[] = [
    ["Run", mono(card.run_id)],
    ["Run card, SHA-256", mono(cardHash)],
    ["Plan", mono(card.plan_hash)],
    ["Data", mono(data.fingerprint)],
    ["Code", markup`${mono(code.fingerprint)}, ${code.files} modules`],
    ["Runtime", `Deno ${code.deno}; ${code.packages.join(", ")}`],
    ["Seed", card.seed],
  ];
  return markup`${plainTable(["", ""], facts)}
<details><summary>Data read (${data.files.length} files)</summary>
${
    plainTable(
      ["Asset", "Bars", "Rows", "First", "Last", "SHA-256 of what was seen"],
      data.files.map((file) => [
        file.symbol,
        file.timeframe,
        formatNumber(file.rows, 0),
        file.first.slice(0, 10),
        file.last.slice(0, 10),
        mono(file.hash),
      ]),
    )
  }</details>
<details><summary>Files of the run (${Object.keys(card.artefacts).length})</summary>
${
    plainTable(
      ["File", "SHA-256"],
      Object.entries(card.artefacts).map(([name, hash]) => [name, mono(hash)]),
    )
  }</details>`;
}

/** Where the past was held against two other futures, and what was found; else how a certificate is made. */
export function certificateDetails(
  certificate: Certificate | undefined,
  { run, isDamaged }: { readonly run: string; readonly isDamaged: boolean },
): Markup {
  if (!certificate) {
    const [why, makes] = isDamaged
      ? ["The certificate on file is damaged.", "makes it anew"]
      : ["No certificate was made for this run.", "makes it"];
    return markup`<p class="quiet">${why} <code>deno task audit ${run}</code> ${makes}.</p>`;
  }
  const { checkpoints, compared, findings } = certificate;
  const counts = [
    `${formatNumber(compared.feature_values, 0)} feature values`,
    `${formatNumber(compared.regime_values, 0)} regime values`,
    `${formatNumber(compared.decisions, 0)} decisions`,
    `${formatNumber(compared.orders, 0)} orders`,
    `${formatNumber(compared.fills, 0)} fills`,
  ];
  return markup`<p>Up to each checkpoint the run was made again twice: once with all later data cut off, once with them replaced by garbage. Compared: ${
    counts.join(", ")
  }.</p>
${
    plainTable(
      ["Checkpoint (UTC)", "Why", "Decisions", "Cut off", "Garbage"],
      checkpoints.map(({ time, why, decisions, cut, garbage }) => [
        minute(time),
        why,
        formatNumber(decisions, 0),
        cut,
        garbage,
      ]),
    )
  }${
    findings.length > 0 && plainTable(
      ["Finding", "Where", "When (UTC)", "Expected", "Found"],
      findings.map(({ what, where, time, expected, found }) => [
        what,
        where,
        minute(time),
        expected,
        found,
      ]),
    )
  }`;
}

/** The plan as it would stand in a configuration. */
export function configuration({ plan }: RunCard): Markup {
  return markup`<pre tabindex="0" aria-label="Configuration">${yamlText(plan)}</pre>`;
}

/** A value in the manner of YAML: short lists and records in one line, the others a line each. */
export function yamlText(value: unknown, indent = ""): string {
  const short = inlineText(value);
  if (short !== undefined && short.length + indent.length <= 72) return `${short}\n`;
  if (Array.isArray(value)) {
    return "\n" + value.map((item) => {
      const text = yamlText(item, `${indent}  `);
      return `${indent}- ${text.startsWith("\n") ? text.slice(indent.length + 3) : text}`;
    }).join("");
  }
  if (typeof value === "object" && value !== null) {
    return "\n" + namedFirst(value).map(([key, item]) => {
      const text = yamlText(item, `${indent}  `);
      return `${indent}${keyText(key)}:${text.startsWith("\n") ? text : ` ${text}`}`;
    }).join("");
  }
  return `${scalarText(value)}\n`;
}

const NAMING = ["name", "symbol"];

/** What a thing is called stands before what it is. */
function namedFirst(value: object): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(value);
  const isName = ([key]: readonly [string, unknown]) => NAMING.includes(key);
  return [...entries.filter(isName), ...entries.filter((entry) => !isName(entry))];
}

function inlineText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const isPlain = value.every((item) => typeof item !== "object" || item === null);
    return isPlain ? `[${value.map(scalarText).join(", ")}]` : undefined;
  }
  if (typeof value !== "object" || value === null) return scalarText(value);
  const entries = namedFirst(value);
  if (entries.some(([, item]) => typeof item === "object" && item !== null)) return undefined;
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, item]) => `${keyText(key)}: ${scalarText(item)}`).join(", ")} }`;
}

const PLAIN = /^[A-Za-z_][\w. /@-]*$/;
const WORDS_OF_YAML = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

function scalarText(value: unknown): string {
  if (typeof value === "string" && PLAIN.test(value) && !WORDS_OF_YAML.test(value)) return value;
  return typeof value === "object" && value !== null ? canonicalJson(value) : JSON.stringify(value);
}

function keyText(key: string): string {
  return PLAIN.test(key) ? key : JSON.stringify(key);
}

function mono(text: string): Markup {
  return markup`<span class="mono">${text}</span>`;
}

function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
