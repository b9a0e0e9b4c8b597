/** Text for HTML. */
export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

const TOKENS =
  /(?<c>\/\/.*|\/\*[^]*?\*\/)|(?<t>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<w>\b(?:import|from|export|const|let|for|of|in|await|async|return|if|else|new|function|typeof|true|false|null|undefined)\b)|(?<n>\b\d[\d_.]*\b)/g;

/** TypeScript as HTML: comments, texts, words of the language and numbers in classes c, t, w and n. */
export function highlighted(code: string): string {
  const parts: string[] = [];
  let done = 0;
  for (const match of code.matchAll(TOKENS)) {
    parts.push(escaped(code.slice(done, match.index)));
    const [kind] = Object.entries(match.groups!).find(([, text]) => text !== undefined)!;
    parts.push(`<span class="${kind}">${escaped(match[0])}</span>`);
    done = match.index + match[0].length;
  }
  return parts.join("") + escaped(code.slice(done));
}
