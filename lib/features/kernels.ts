export type { KernelOptions } from "./kernels/arguments.ts";
export { atr, trueRange } from "./kernels/atr.ts";
export { bollinger, type BollingerBands } from "./kernels/bollinger.ts";
export { ema } from "./kernels/ema.ts";
export { momentum } from "./kernels/momentum.ts";
export { rollingStd, type RollingStdOptions } from "./kernels/rolling_std.ts";
export { rsi } from "./kernels/rsi.ts";
export { sma } from "./kernels/sma.ts";
