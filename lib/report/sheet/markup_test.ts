import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { jsonBlock, markup, markupOf, scriptText } from "./markup.ts";

Deno.test("FR-061 text in a page stays text: tags, quotes, controls and direction marks", () => {
  const name = `<script>alert("1")</script>&'`;
  strictEqual(
    markupOf(markup`<p title="${name}">${name}</p>`),
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;">' +
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</p>",
  );
  strictEqual(markupOf(markup`${"a\u202eb\u0000"}`), "a\ufffdb\ufffd");
  strictEqual(markupOf(markup`${[markup`<i>x</i>`, false, undefined, 3, "<"]}`), "<i>x</i>3&lt;");
});

Deno.test("SC-008 JSON comes back from its block byte for byte, and nothing in it ends the block", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("</script><script>alert(1)</script>", "<!--", "\\u003c", "\\\\u003c", "<\\"),
  );
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), text, (value, word) => {
      const json = JSON.stringify([JSON.parse(value), word]);
      const block = jsonBlock("x", json).markup;
      const inside = block.slice(block.indexOf(">") + 1, block.lastIndexOf("</script>"));
      ok(!inside.includes("<"), inside);
      strictEqual(scriptText(inside), json);
      deepStrictEqual(JSON.parse(inside), JSON.parse(json));
    }),
    { seed: 1 },
  );
});
