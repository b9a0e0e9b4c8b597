import type { VerifiedCard } from "./verify_card.ts";
import type { Finding } from "./verify_finding.ts";

type CardCode = Omit<VerifiedCard["code"], "packages"> & {
  readonly packages: readonly string[];
};

/** How the code and the runtime differ from those a run was made with; empty when its fingerprints are the same. */
export function codeFindings(expected: CardCode, found: CardCode): readonly Finding[] {
  const same = found.fingerprint === expected.fingerprint &&
    found.artefacts === expected.artefacts && found.deno === expected.deno;
  // The fingerprints alone decide; a card whose explanations were changed is found as a damaged card.
  if (same) return [];
  const findings = [
    ...runtimeFindings(expected.deno, found.deno),
    ...packageFindings(expected.packages, found.packages),
    ...moduleFindings(expected.modules, found.modules),
  ];
  if (findings.length > 0) return findings;
  return [{
    kind: "code",
    message: "the fingerprint of the code is another, though no module, package or version is",
    expected: `${expected.fingerprint} ${expected.artefacts}`,
    found: `${found.fingerprint} ${found.artefacts}`,
  }];
}

function runtimeFindings(expected: string, found: string): readonly Finding[] {
  if (found === expected) return [];
  const message = `the run was made with Deno ${expected}, this is Deno ${found}`;
  return [{ kind: "runtime", message, expected, found }];
}

function packageFindings(
  expected: readonly string[],
  found: readonly string[],
): readonly Finding[] {
  const [then, now] = [expected, found].map(versionsByName);
  return changes(then!, now!).map(({ name, expected, found }) => {
    const message = found === undefined
      ? `package ${name} ${expected} was used by the run and is not used now`
      : expected === undefined
      ? `package ${name} ${found} is used now and was not by the run`
      : `package ${name}: found ${found}, expected ${expected}`;
    return codeFinding({ message, expected, found });
  });
}

function moduleFindings(
  expected: CardCode["modules"],
  found: CardCode["modules"],
): readonly Finding[] {
  const [then, now] = [expected, found].map((modules) => new Map(Object.entries(modules)));
  return changes(then!, now!).map(({ name, expected, found }) => {
    const what = found === undefined
      ? "was removed"
      : expected === undefined
      ? "was added"
      : "was changed";
    return codeFinding(
      { message: `${name} ${what} since the run was made`, expected, found },
      name,
    );
  });
}

interface Change {
  readonly name: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** Names in order whose values are not the same. */
function changes(then: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): Change[] {
  return [...new Set([...then.keys(), ...now.keys()])].sort().map((name) => ({
    name,
    expected: then.get(name),
    found: now.get(name),
  })).filter(({ expected, found }) => expected !== found);
}

/** Several versions of one package may be in use at once. */
function versionsByName(packages: readonly string[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const item of packages) {
    const at = item.indexOf("@", 1);
    const [name, version] = at < 0 ? [item, ""] : [item.slice(0, at), item.slice(at + 1)];
    const known = versions.get(name);
    versions.set(name, known === undefined ? version : `${known}, ${version}`);
  }
  return versions;
}

function codeFinding(
  { message, expected, found }: Omit<Change, "name"> & { readonly message: string },
  file?: string,
): Finding {
  return {
    kind: "code",
    message,
    ...(file === undefined ? {} : { file }),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  };
}
