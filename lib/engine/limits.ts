import type { ExposureLimits } from "../portfolio/instructions.ts";
import { assetCap, classCap, leverageCap, netCap, type Rule } from "../risk/rules.ts";
import type { Plan } from "./plan.ts";

/** Places in the plan's assets of each class, classes in order of name. */
export function assetsByClass(plan: Plan): ReadonlyMap<string, readonly number[]> {
  const classes = [...new Set(plan.assets.map(({ assetClass }) => assetClass))].sort();
  return new Map(
    classes.map((name) => [
      name,
      plan.assets.flatMap(({ assetClass }, place) => assetClass === name ? [place] : []),
    ]),
  );
}

/** The plan's limits as rules, in the order in which they apply. */
export function riskRules(plan: Plan): readonly Rule[] {
  const { risk } = plan;
  const classes = [...assetsByClass(plan)].flatMap(([name, members]) => {
    const cap = risk.classCaps[name];
    return cap === null || cap === undefined ? [] : [classCap(name, members, cap)];
  });
  return [
    ...(risk.perAssetCap === null ? [] : [assetCap(risk.perAssetCap)]),
    ...classes,
    ...(risk.maxLeverage === null ? [] : [leverageCap(risk.maxLeverage)]),
    ...(risk.maxNetLeverage === null ? [] : [netCap(risk.maxNetLeverage)]),
  ];
}

/** The same limits as numbers, Infinity where there is none. */
export function exposureLimits(plan: Plan): ExposureLimits {
  const names = [...assetsByClass(plan).keys()];
  return {
    asset: plan.risk.perAssetCap ?? Infinity,
    classes: names.map((name) => plan.risk.classCaps[name] ?? Infinity),
    classOf: Int32Array.from(plan.assets, ({ assetClass }) => names.indexOf(assetClass)),
    gross: plan.risk.maxLeverage ?? Infinity,
    net: plan.risk.maxNetLeverage ?? Infinity,
  };
}
