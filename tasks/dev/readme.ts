// Puts what the base backtest and the leak corpus print now into the README, and draws its pictures anew.
import { writeReadmeFiles } from "./readme_page.ts";

await writeReadmeFiles();
