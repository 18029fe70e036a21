import { WIRE_STYLE } from '../../evidence/page/wireSection';

/** Rules of the HTML report beside those of all pages. */
export const STYLE = `${WIRE_STYLE}
.pass { --own: var(--good); --own-soft: var(--good-soft); }
.fail { --own: var(--bad); --own-soft: var(--bad-soft); }
.skip { --own: var(--quiet); --own-soft: var(--quiet-soft); }
.blocked { --own: var(--warn); --own-soft: var(--warn-soft); }
.error { --own: var(--broken); --own-soft: var(--broken-soft); }
.waived { --own: var(--held); --own-soft: var(--held-soft); }

.filter { position: sticky; top: 0; z-index: 1; background: var(--page); border: 0; border-bottom: 1px solid var(--line); margin: 0; padding: .5rem 0; min-width: 0; font-size: .9rem; }
.steps-to { white-space: nowrap; margin-left: auto; }
.cause > .clause { margin-left: .2rem; }
.filter legend { float: left; padding: 0; margin-right: .75rem; line-height: 1.9; color: var(--faint); }
.filter div { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .8rem; line-height: 1.9; }
.filter label { display: inline-flex; align-items: center; gap: .3rem; cursor: pointer; white-space: nowrap; color: var(--own); }
.filter input[type=checkbox] { width: 1rem; height: 1rem; margin: 0; accent-color: var(--own); }

.matrix th, .matrix td { padding: .3rem .4rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
.matrix thead th { font-size: .8rem; color: var(--own, var(--faint)); vertical-align: bottom; }
.matrix th:first-child, .matrix td.strip { text-align: left; }
.matrix tbody th { font-weight: 600; }
.matrix tbody th small { font-weight: 400; color: var(--faint); }
.matrix tr.counts > * { border-bottom: 0; padding-bottom: 0; }
.matrix .none { color: var(--faint); }
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
.waiver-note { color: var(--held); font-weight: 600; overflow-wrap: anywhere; }

.wire > summary { cursor: pointer; margin-top: .7rem; color: var(--accent); font-size: .9rem; }

@media (max-width: 40rem) {
  .matrix th, .matrix td { padding: .25rem .2rem; }
  .filter { position: static; }
  .matrix thead .word { display: none; }
  .matrix tbody th small { display: block; }
  .clause { padding: .5rem .6rem; }
  .check { grid-template-columns: 1fr; gap: 0; }
  .check dd { margin-bottom: .4rem; }
}
@media print {
  .filter { display: none !important; }
  .clause[hidden], .chapter[hidden], .cause[hidden], #failures[hidden] { display: block !important; }
  .cause::details-content, .clause > details::details-content, .findings .wire::details-content, .findings .frame details::details-content { content-visibility: visible; display: block; block-size: auto; }
  .clause:not(.findings) .wire:not([open]) { display: none; }
  .clause > details > summary::before { content: none !important; }
  .clause > details > summary, .check, .timeline > .event { break-inside: avoid; }
  .cell { border: 1px solid currentColor; }
}
`;
