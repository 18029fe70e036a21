/**
 * Script of the HTML report. Shows the filter, which is hidden while scripts are off, and hides clauses by verdict,
 * basis, level and text. Following a link to a clause expands it and shows it even if the filter has hidden it. Leads
 * from failure to failure, with buttons and with the keys `n` and `p`.
 */
export const SCRIPT = `
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const filter = byId('filter');
  const boxes = [...filter.querySelectorAll('input[type=checkbox]')];
  const [basis, level, search] = [byId('basis'), byId('level'), byId('search')];
  const clauses = [...document.querySelectorAll('.clause')];
  const shown = byId('shown');
  const texts = new Map();
  const textOf = (clause) => {
    if (!texts.has(clause)) texts.set(clause, clause.textContent.toLowerCase());
    return texts.get(clause);
  };
  const isEmpty = (one) => one.querySelector('.clause:not([hidden])') === null;
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    const fits = (select, value) => select === null || select.value === '' || select.value === value;
    for (const one of clauses)
      one.hidden = !(one.dataset.verdicts.split(' ').some((verdict) => wanted.has(verdict)) && fits(basis, one.dataset.basis)
        && fits(level, one.dataset.level) && words.every((word) => textOf(one).includes(word)));
    for (const one of document.querySelectorAll('.chapter, .cause, #failures')) one.hidden = isEmpty(one);
    const count = clauses.filter((one) => !one.hidden).length;
    shown.textContent = count === clauses.length ? 'all ' + count + ' shown' : count + ' of ' + clauses.length + ' shown';
  };
  const showAll = () => {
    for (const box of boxes) box.checked = true;
    for (const select of [basis, level]) if (select !== null) select.value = '';
    search.value = '';
    apply();
  };
  const open = () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)))?.closest('.clause');
    if (target == null) return;
    if (target.hidden) showAll();
    target.closest('.cause')?.setAttribute('open', '');
    target.querySelector('details').open = true;
    byId(decodeURIComponent(location.hash.slice(1))).scrollIntoView();
  };

  let at = null;
  const go = (step) => {
    const failures = clauses.filter((one) => one.classList.contains('findings') && !one.hidden);
    if (failures.length === 0) return;
    const now = failures.indexOf(at);
    const next = now < 0 ? (step > 0 ? 0 : failures.length - 1) : (now + step + failures.length) % failures.length;
    if (at !== null && at !== failures[next]) at.querySelector('details').open = false;
    at = failures[next];
    at.closest('.cause').open = true;
    at.querySelector('details').open = true;
    at.scrollIntoView();
    at.querySelector('summary').focus({ preventScroll: true });
    shown.textContent = 'failure ' + (next + 1) + ' of ' + failures.length;
  };
  byId('next')?.addEventListener('click', () => go(1));
  byId('previous')?.addEventListener('click', () => go(-1));
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, select, textarea')) return;
    if (event.key === 'n') go(1);
    if (event.key === 'p') go(-1);
  });

  filter.hidden = false;
  filter.addEventListener('change', apply);
  search.addEventListener('input', apply);
  addEventListener('hashchange', open);
  apply();
  open();
})();
`;
