import { WIRE_STYLE } from '../../evidence/page/wireSection';
import { PAGE_STYLE } from '../../pages/style';

/** Style sheet of the HTML report for light and dark themes, narrow and wide screens, and paper. */
export const STYLE = `${PAGE_STYLE}${WIRE_STYLE}
:root {
  --pass: #17794a; --fail: #b3261e; --skip: #5d6472; --blocked: #8a5a00; --error: #8a2be2; --waived: #0b6478;
  --pass-soft: #e4f4eb; --fail-soft: #fbe9e7; --skip-soft: #eef0f3; --blocked-soft: #fbf0d9; --error-soft: #f3e8fd; --waived-soft: #dff2f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --pass: #5fcf95; --fail: #ff8a80; --skip: #a3acba; --blocked: #f0bd5b; --error: #cf9bff; --waived: #6fcbe0;
    --pass-soft: #15301f; --fail-soft: #3a1b1a; --skip-soft: #262b34; --blocked-soft: #33270f; --error-soft: #2c1c3d; --waived-soft: #102f39;
  }
}
.pass { --own: var(--pass); --own-soft: var(--pass-soft); }
.fail { --own: var(--fail); --own-soft: var(--fail-soft); }
.skip { --own: var(--skip); --own-soft: var(--skip-soft); }
.blocked { --own: var(--blocked); --own-soft: var(--blocked-soft); }
.error { --own: var(--error); --own-soft: var(--error-soft); }
.waived { --own: var(--waived); --own-soft: var(--waived-soft); }
.verdict { display: inline-block; color: var(--own); background: var(--own-soft); border-radius: 999px; padding: 0 .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }

.incomplete { border: 2px solid var(--fail); border-radius: 6px; background: var(--fail-soft); color: var(--fail); margin: .75rem 0; padding: .5rem .9rem; font-weight: 600; overflow-wrap: anywhere; }
.incomplete details { font-weight: 400; }
.summary { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; padding: 0; list-style: none; }
.summary .verdict { font-size: .95rem; padding: .15rem .8rem; }
.filter { position: sticky; top: 0; z-index: 1; background: var(--page); border: 0; border-bottom: 1px solid var(--line); margin: 0; padding: .5rem 0; min-width: 0; font-size: .9rem; }
.filter legend { float: left; padding: 0; margin-right: .75rem; line-height: 1.9; color: var(--faint); }
.filter div { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .8rem; line-height: 1.9; }
.filter label { display: inline-flex; align-items: center; gap: .3rem; cursor: pointer; white-space: nowrap; color: var(--own); }
.filter input { width: 1rem; height: 1rem; margin: 0; accent-color: var(--own); }

.matrix th, .matrix td { padding: .3rem .4rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
.matrix thead th { font-size: .8rem; color: var(--own, var(--faint)); vertical-align: bottom; }
.matrix th:first-child, .matrix td.strip { text-align: left; }
.matrix tbody th { font-weight: 600; }
.matrix tbody th small { font-weight: 400; color: var(--faint); }
.matrix tr.counts > * { border-bottom: 0; padding-bottom: 0; }
.matrix .none { color: var(--line); }
.matrix td.some { color: var(--own); font-weight: 600; }
.matrix .targets th { text-align: center; }
.strip div { display: flex; flex-wrap: wrap; gap: 4px; padding-bottom: .35rem; align-items: center; }
.strip .target { min-width: 3.5rem; color: var(--faint); font-size: .875rem; }
.matrix.several thead .word { display: none; }
.cell { display: inline-flex; align-items: center; justify-content: center; min-width: 2.4rem; height: 1.7rem; padding: 0 .3rem; border-radius: 4px; background: var(--own-soft); color: var(--own); font-size: .8rem; text-decoration: none; white-space: nowrap; }
.cell:hover { outline: 1px solid var(--own); }

.clause { border: 1px solid var(--line); border-left: 4px solid var(--own); border-radius: 6px; margin: .6rem 0; padding: .6rem .9rem; }
.clause > details > summary { display: flex; flex-wrap: wrap; gap: .15rem .6rem; align-items: baseline; cursor: pointer; list-style: none; }
.clause > details > summary::-webkit-details-marker { display: none; }
.clause > details > summary::before { content: '▸'; color: var(--faint); width: .8rem; }
.clause > details[open] > summary::before { content: '▾'; }
.clause > details > summary h3 { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; }
.clause .id { color: var(--faint); font-weight: 400; }
.tags { display: flex; flex-wrap: wrap; gap: 0 .9rem; margin: .4rem 0 0; font-size: .85rem; color: var(--faint); }
.tags span { white-space: nowrap; }
.clause ol { margin: .25rem 0; padding-left: 1.4rem; }
.outcome { border-top: 1px solid var(--line); margin-top: .8rem; padding-top: .6rem; }
.check { display: grid; grid-template-columns: max-content 1fr; gap: .25rem .9rem; margin: .4rem 0; padding: .6rem .8rem; background: var(--own-soft); border-radius: 4px; }
.check dt { font-weight: 600; color: var(--own); }
.check dd { margin: 0; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--mono); font-size: .85rem; }
.waiver-note { color: var(--waived); font-weight: 600; overflow-wrap: anywhere; }

.wire > summary { cursor: pointer; margin-top: .7rem; color: var(--accent); font-size: .9rem; }

.waivers td, .waivers th { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; font-size: .9rem; }
.waivers th { color: var(--faint); font-size: .8rem; }
.waivers .long { overflow-wrap: anywhere; }
.waivers .short { white-space: nowrap; }

@media (max-width: 40rem) {
  .matrix th, .matrix td { padding: .25rem .2rem; }
  .filter { position: static; }
  .matrix thead .word { display: none; }
  .matrix tbody th small { display: block; }
  .clause { padding: .5rem .6rem; }
  .check { grid-template-columns: 1fr; gap: 0; }
  .check dd { margin-bottom: .4rem; }
  .waivers thead { display: none; }
  .waivers tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .waivers td { display: block; border: 0; padding: .05rem 0; }
}
@page { margin: 14mm; }
@media print {
  :root { --page: #fff; --text: #000; --faint: #444; --line: #bbb; --soft: #f4f4f4; --accent: #000;
    --pass: #0a5c33; --fail: #9b1c15; --skip: #444; --blocked: #6b4500; --error: #5b1a99; --waived: #0b4a5c;
    --pass-soft: #fff; --fail-soft: #fff; --skip-soft: #fff; --blocked-soft: #fff; --error-soft: #fff; --waived-soft: #fff; color-scheme: light; }
  body { font-size: 10pt; }
  main, header { max-width: none; padding: 0; }
  .filter { display: none !important; }
  .clause[hidden], .chapter[hidden] { display: block !important; }
  .clause > details::details-content, .findings .wire::details-content, .findings .frame details::details-content { content-visibility: visible; display: block; block-size: auto; }
  .clause:not(.findings) .wire:not([open]) { display: none; }
  .clause > details > summary::before { content: none !important; }
  .clause > details > summary, .check, .timeline > .event { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; }
  .cell, .verdict { border: 1px solid currentColor; }
}
`;
