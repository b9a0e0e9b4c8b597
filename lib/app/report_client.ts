import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CLIENT_MODULES, CLIENT_STYLE, clientScript } from "../report/sheet/client_script.ts";
import type { PageClient } from "../report/sheet/page.ts";

/** Script and style of the pages, as they lie beside the code that writes pages. */
export async function loadPageClient(): Promise<PageClient> {
  const [style, ...modules] = await Promise.all(
    [CLIENT_STYLE, ...CLIENT_MODULES.map((name) => `${name}.js`)].map(clientFile),
  );
  return { script: clientScript(modules), style: style! };
}

async function clientFile(name: string): Promise<string> {
  return await readFile(
    fileURLToPath(new URL(`../report/sheet/client/${name}`, import.meta.url)),
    "utf8",
  );
}
