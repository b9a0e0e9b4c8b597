import { type Markup, markup, type Piece } from "./markup.ts";

/** A part of a page under a heading of its own. */
export function section(id: string, title: string, pieces: readonly Piece[]): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${pieces}
</section>`;
}

/** A place for a chart, which the script draws, and for the table behind it. */
export function figure(name: string, title: string, note: string): Markup {
  return markup`
    <figure id="chart-${name}" data-chart="${name}" data-title="${title}">
      <figcaption><b>${title}</b> <small>${note}</small></figcaption>
      <noscript><p class="quiet">Charts are drawn by the page's own script, which is switched off here.</p></noscript>
    </figure>
  `;
}

/** The bar on top: what is in view, and how to change it. */
export function toolbar(name: string): Markup {
  return markup`
    <div class="bar" id="bar">
      <div><span class="run mono">${name}</span><span class="range" id="range"></span><span class="tools" id="tools"></span></div>
    </div>
  `;
}
