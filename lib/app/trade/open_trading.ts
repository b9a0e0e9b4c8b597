/** Opens the door to paper and live trading, which nothing else has to load. */
export async function openTrading() {
  return await import("./trading.ts");
}
