import { fileURLToPath } from "node:url";
import type { AssetClass } from "../../lib/core/asset.ts";
import { readBars } from "../../lib/data/mod.ts";

// Reads and checks the bundled bars of four assets and prints how many there are: what a cold process costs.

const root = fileURLToPath(new URL("../../data/", import.meta.url));
const classes: Readonly<Record<string, AssetClass>> = {
  BTC: "crypto",
  ETH: "crypto",
  QQQ: "equity",
  SPY: "equity",
};

const counts = await Promise.all(
  Object.entries(classes).flatMap(([symbol, assetClass]) =>
    (["h4", "daily"] as const).map(async (timeframe) => {
      const asset = {
        symbol,
        assetClass,
        venue: "",
        minOrderSize: 0,
        quantityPrecision: null,
        pricePrecision: null,
      };
      const { bars } = await readBars(root, asset, timeframe, { maxGapBars: 5 });
      return bars.openTime.length;
    })
  ),
);
console.log(counts.reduce((sum, count) => sum + count, 0));
