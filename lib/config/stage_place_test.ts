import { strictEqual, throws } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { findStage, withStage } from "./stage_place.ts";

const BASE = `\
# The models.
models:
  # Rides trends.
  Trend_v1:
    version: 1.0.0   # exact
    lifecycle_stage: research   # so far
    budget_fraction: 0.5
  Dip_v1: { budget_fraction: 0.2 }

  Cross_v1:
    # What it may use.
    budget_fraction: 0.1
`;

const edit = (text: string, model: string) => withStage({ text, name: "a.yaml" }, model, "paper");

Deno.test("FR-019 the stage is changed where it stands, every other character stays", () => {
  strictEqual(edit(BASE, "Trend_v1"), BASE.replace("stage: research ", "stage: paper "));
  const quoted = 'models: { Trend_v1: { lifecycle_stage: "research", budget_fraction: 0.5 } }\n';
  strictEqual(edit(quoted, "Trend_v1"), quoted.replace('"research"', "paper"));
  strictEqual(edit(BASE.replaceAll("\n", "\r\n"), "Trend_v1").match(/\r\n/g)!.length, 12);
});

Deno.test("FR-019 a stage that was not written is added in the style of its neighbours", () => {
  strictEqual(
    edit(BASE, "Dip_v1"),
    BASE.replace("{ budget_fraction: 0.2", "{ lifecycle_stage: paper, budget_fraction: 0.2"),
  );
  strictEqual(
    edit(BASE, "Cross_v1"),
    BASE.replace(
      "    budget_fraction: 0.1",
      "    lifecycle_stage: paper\n    budget_fraction: 0.1",
    ),
  );
});

Deno.test("FR-019 a model that leaves no safe place for its stage is refused in one line", () => {
  const refused = /^a\.yaml: found models\.Trend_v1 in a form that cannot be edited safely/;
  for (
    const text of [
      "models: { Trend_v1: null }\n",
      "models: { Trend_v1: {} }\n",
      "base: &base { budget_fraction: 0.5 }\nmodels: { Trend_v1: *base }\n",
      "models: { Other_v1: { budget_fraction: 0.5 } }\n",
    ]
  ) {
    throws(
      () => edit(text, "Trend_v1"),
      (error) => error instanceof Refusal && refused.test(error.message),
    );
  }
});

Deno.test("FR-019 the stage stands in the last file that writes it, or in the last that configures the model", () =>
  inTestFolder(async (folder) => {
    const file = async (name: string, text: string) => {
      await writeFile(`${folder}${name}`, text);
      return `${folder}${name}`;
    };
    const base = [await file("base.yaml", BASE)];
    const budget = await file("budget.yaml", "models: { Trend_v1: { budget_fraction: 0.3 } }\n");
    const stage = await file("stage.yaml", "models: { Trend_v1: { lifecycle_stage: live } }\n");
    const afresh = await file(
      "afresh.yaml",
      "replace: [models]\nmodels: { Trend_v1: { budget_fraction: 1 } }\n",
    );
    const found = async (...files: string[]) => {
      const place = await findStage(files, "Trend_v1", { base });
      return `${place?.name.slice(folder.length)}:${place?.line} ${place?.written}`;
    };
    strictEqual(await found(), "base.yaml:6 research");
    strictEqual(await found(budget), "base.yaml:6 research");
    strictEqual(await found(stage, budget), "stage.yaml:1 live");
    strictEqual(await found(stage, afresh), "afresh.yaml:2 undefined");
    strictEqual(await findStage([], "Nobody_v1", { base }), undefined);
  }));
