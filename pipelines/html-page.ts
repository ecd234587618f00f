import { printable } from "./printable";

/** What a page of this program shows. All of it is HTML: text must be escaped before. */
export interface HtmlPage {
  /** Plain text. */
  readonly title: string;
  /** Style rules beside those that all pages share. */
  readonly style: string;
  readonly header: string;
  readonly main: string;
}

/**
 * One HTML page that refers to nothing outside itself: one column at a phone's width, dark where wanted. What it shows may
 * be the user's data, so it may neither run scripts nor load anything.
 */
export function htmlPage({ title, style, header, main }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${COMMON_STYLE}${style}</style>
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in which it can neither be a tag, end an attribute, nor turn round what follows. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A share from 0 to 1, as HTML: `12.5 %`; what is more than nothing never shows as 0. */
export function percentHtml(share: number): string {
  const tenths = Math.round(share * 1000) / 10;
  return tenths === 0 && share > 0 ? "&lt;0.1 %" : `${tenths} %`;
}

/** A share from 0 to 1 as a width. */
export function cssPercent(share: number): string {
  return `${Math.max(0, Math.min(100, Math.round(share * 1000) / 10))}%`;
}

const COMMON_STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#d9dfe7;--paper:#fff;--back:#f4f6f9;--bar:#2f6fed}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#9aa7b8;--line:#2f3a48;--paper:#18202b;--back:#10161e;--bar:#6ea0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
header,main{max-width:1200px;margin:0 auto;padding:12px}
h1{font-size:1.4rem;margin:.3em 0}h2{font-size:1.15rem;margin:1.2em 0 .2em}
p{margin:.3em 0}header p,section>p,figcaption{color:var(--soft)}
code{font-family:ui-monospace,monospace;font-size:.92em}
ul{padding-left:1.2em}
.warnings{border:1px solid #d9a400;border-radius:6px;padding:2px 12px;background:var(--paper)}
`;
