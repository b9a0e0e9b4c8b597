/** The modules of the page's script, each after those it imports. */
export const CLIENT_MODULES = [
  ...["columns", "dates", "text", "curves", "ticks", "thin", "position", "day"],
  ...["dom", "view", "frame", "marks", "time_chart", "pointer", "histogram"],
  ...["run_data", "run_charts", "lanes", "trades_table", "day_panel", "why_panel"],
  ...["compare_charts", "sort_table", "toolbar", "main"],
] as const;

/** The page's style. */
export const CLIENT_STYLE = "sheet.css";

/** The modules as one script: without imports and exports, in a scope of their own. */
export function clientScript(modules: readonly string[]): string {
  const bodies = modules.map((text) =>
    text.replaceAll(/^import [^;]*;\n/gm, "").replaceAll(
      /^export (?=(?:async )?(?:function|const|let|class) )/gm,
      "",
    )
  );
  return `"use strict";\n(() => {\n${bodies.join("\n").trim()}\n})();\n`;
}
