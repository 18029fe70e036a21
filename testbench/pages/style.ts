/**
 * Style sheet of all pages, for light and dark themes, wide and narrow screens, and paper: colours, plain elements, and
 * the components of this room.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1d2330; --faint: #5b6475; --line: #d9dde5; --soft: #f5f6f9; --accent: #1f5fbf;
  --good: #17794a; --bad: #b3261e; --quiet: #5d6472; --warn: #8a5a00; --broken: #7a1fd0; --held: #0b6478;
  --good-soft: #e4f4eb; --bad-soft: #fbe9e7; --quiet-soft: #eef0f3; --warn-soft: #fbf0d9; --broken-soft: #f3e8fd; --held-soft: #dff2f7;
  --curve-1: #1f5fbf; --curve-2: #b3541e; --curve-3: #17794a; --curve-4: #8a2be2; --curve-5: #a8720a; --curve-6: #b3261e; --curve-7: #0b7285; --curve-8: #6b7280;
  --band: rgba(31, 95, 191, .10);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171d; --text: #e4e8f0; --faint: #9aa4b5; --line: #2e3440; --soft: #1c2129; --accent: #86b4ff;
    --good: #5fcf95; --bad: #ff8a80; --quiet: #a3acba; --warn: #f0bd5b; --broken: #cf9bff; --held: #6fcbe0;
    --good-soft: #15301f; --bad-soft: #3a1b1a; --quiet-soft: #262b34; --warn-soft: #33270f; --broken-soft: #2c1c3d; --held-soft: #102f39;
    --curve-1: #86b4ff; --curve-2: #f0a45b; --curve-3: #5fcf95; --curve-4: #cf9bff; --curve-5: #f0d15b; --curve-6: #ff8a80; --curve-7: #6fcbe0; --curve-8: #a3acba;
    --band: rgba(134, 180, 255, .14);
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; }
main, header, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
.wide-page > main, .wide-page > header, .wide-page > footer { max-width: 90rem; }
header { padding-top: 1.5rem; }
footer { margin: 2rem auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; }
section > h3 { margin-top: 1.25rem; }
h4, .label { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--faint); font-weight: 600; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
.faint { color: var(--faint); font-size: .875rem; }
code, pre, .id { font-family: var(--mono); font-size: .85rem; }
code { overflow-wrap: anywhere; }
pre { margin: .25rem 0; overflow-x: auto; background: var(--soft); border-radius: 4px; padding: .5rem .7rem; }
.text, .replay { white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
[hidden] { display: none !important; }
button, select, input[type=search] { font: inherit; font-size: .875rem; color: var(--text); background: var(--page); border: 1px solid var(--faint); border-radius: 4px; padding: .15rem .6rem; min-height: 1.75rem; }
button { cursor: pointer; }
button:hover { background: var(--soft); }

.unseen { position: absolute; left: -100rem; }
.unseen:focus { left: 1rem; top: .5rem; background: var(--page); padding: .2rem .6rem; z-index: 2; }
.contents ul { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: .75rem 0 0; padding: 0; font-size: .9rem; }

.good { --own: var(--good); --own-soft: var(--good-soft); }
.bad { --own: var(--bad); --own-soft: var(--bad-soft); }
.quiet { --own: var(--quiet); --own-soft: var(--quiet-soft); }
.warn { --own: var(--warn); --own-soft: var(--warn-soft); }
.broken { --own: var(--broken); --own-soft: var(--broken-soft); }
.held { --own: var(--held); --own-soft: var(--held-soft); }
.badge { display: inline-block; color: var(--own); background: var(--own-soft); border-radius: 999px; padding: 0 .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.summary { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; padding: 0; list-style: none; }
.summary .badge { font-size: .95rem; padding: .15rem .8rem; }
.incomplete { border: 2px solid var(--bad); border-radius: 6px; background: var(--bad-soft); color: var(--bad); margin: .75rem 0; padding: .5rem .9rem; font-weight: 600; overflow-wrap: anywhere; }
.incomplete details { font-weight: 400; }

.command { display: flex; align-items: flex-start; gap: .5rem; margin: .25rem 0; }
.command > pre { flex: 1 1 auto; min-width: 0; margin: 0; }
.command > button { flex: none; }

.fold { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; padding: .5rem .9rem; }
.fold > summary, .subfold > summary { cursor: pointer; }
.fold > summary { display: flex; flex-wrap: wrap; gap: .15rem .6rem; align-items: baseline; list-style: none; }
.fold > summary::-webkit-details-marker { display: none; }
.fold > summary::before { content: '▸'; color: var(--faint); width: .8rem; }
.fold[open] > summary::before { content: '▾'; }
.fold > summary h3 { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; }
.subfold > summary { margin-top: .5rem; color: var(--accent); font-size: .9rem; }

.table th, .table td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-size: .875rem; overflow-wrap: anywhere; }
.table thead th { color: var(--faint); font-size: .8rem; vertical-align: bottom; overflow-wrap: normal; }
.table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.table .short { white-space: nowrap; }
.table tbody th { font-weight: 600; }
.table small { color: var(--faint); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline-offset: 0; }

.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .9rem; margin: .4rem 0; font-size: .9rem; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }

.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; margin: .6rem 0; }
figure { margin: 0; min-width: 0; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .6rem .3rem; break-inside: avoid; }
figcaption { font-size: .9rem; font-weight: 600; margin-bottom: .3rem; }
.plot { width: 100%; min-height: 290px; }
.u-legend { color: var(--text); font-size: .8rem; }

@media (max-width: 40rem) {
  .stack thead { display: none; }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack tr { border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .stack th, .stack td, .stack .number, .stack .short { border: 0; padding: .05rem 0; text-align: left; white-space: normal; }
  .stack td[data-head]:not(:empty)::before { content: attr(data-head) ': '; color: var(--faint); }
  .stack td.number { display: inline-block; margin-right: .9rem; }
  .stack td:empty { display: none; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .3rem; }
  .plot { min-height: 270px; }
  figure { padding: .4rem .3rem .2rem; }
}
@page { margin: 14mm; }
@media print {
  :root { --page: #fff; --text: #000; --faint: #444; --line: #bbb; --soft: #f4f4f4; --accent: #000;
    --good: #0a5c33; --bad: #9b1c15; --quiet: #444; --warn: #6b4500; --broken: #5b1a99; --held: #0b4a5c;
    --good-soft: #fff; --bad-soft: #fff; --quiet-soft: #fff; --warn-soft: #fff; --broken-soft: #fff; --held-soft: #fff; color-scheme: light; }
  body { font-size: 10pt; }
  main, header, footer { max-width: none !important; padding: 0; }
  .scroll { overflow: visible; }
  .contents, .unseen, button { display: none !important; }
  .badge { border: 1px solid currentColor; }
  h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; }
}
`;
