import { strictEqual } from "node:assert/strict";
import { element, escaped, type MarkupNode, markupOf } from "./markup.ts";

const textNode = (nodeValue: string): MarkupNode => ({ nodeType: 3, nodeValue, childNodes: [] });

Deno.test("escaped() leaves no way out of text or attribute, nor what XML cannot hold", () => {
  strictEqual(escaped(`<script>&"`), "&lt;script&gt;&amp;&quot;");
  strictEqual(escaped("a\x00b\ud800\ufffe\tc"), "a\ufffdb\ufffd\ufffd\tc");
});

Deno.test("element() leaves undefined attributes out and rounds numbers", () => {
  strictEqual(
    element("path", { d: 'M"', x: 1.23456, y: undefined, z: 2 }),
    '<path d="M&quot;" x="1.23" z="2"/>',
  );
  strictEqual(element("g", {}, "<a/>", "b"), "<g><a/>b</g>");
});

Deno.test("markupOf() writes attributes by name, tenths of a pixel, and no style sheet of another", () => {
  const node: MarkupNode = {
    ...{ nodeType: 1, nodeValue: null, localName: "g" },
    attributes: [
      { name: "stroke", value: "#123456" },
      { name: "class", value: "x" },
      { name: "aria-label", value: "<" },
      { name: "d", value: "M0.12345,-7.96L10,2.5" },
    ],
    childNodes: [
      { nodeType: 1, nodeValue: null, localName: "style", childNodes: [textNode("a{}")] },
      textNode("1 < 2"),
    ],
  };
  strictEqual(markupOf(node), '<g d="M0.1,-8L10,2.5" stroke="#123456">1 &lt; 2</g>');
});
