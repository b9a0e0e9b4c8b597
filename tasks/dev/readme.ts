// Puts the page that the base backtest prints now into the README.
import { currentReadme, readmeFile } from "./readme_page.ts";

const { expected } = await currentReadme();
await Deno.writeTextFile(readmeFile(), expected);
