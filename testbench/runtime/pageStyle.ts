/** Style sheet that all pages share, for light and dark themes: colours of page and text, and plain elements. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1d2330; --faint: #5b6475; --line: #d9dde5; --soft: #f5f6f9; --accent: #1f5fbf;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root { --page: #14171d; --text: #e4e8f0; --faint: #9aa4b5; --line: #2e3440; --soft: #1c2129; --accent: #86b4ff; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; }
main, header { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; }
h4 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--faint); font-weight: 600; }
p { margin: .25rem 0; }
a { color: var(--accent); }
.faint { color: var(--faint); font-size: .875rem; }
code, pre, .id { font-family: var(--mono); font-size: .85rem; }
pre { margin: .25rem 0; overflow-x: auto; background: var(--soft); border-radius: 4px; padding: .5rem .7rem; }
.text, .replay { white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
footer { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
[hidden] { display: none !important; }
`;
