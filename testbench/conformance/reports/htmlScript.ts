/**
 * Script of the HTML report. Shows the filter, which is hidden while scripts are off, and hides clauses by
 * verdict. Following a link to a clause expands it and shows it even if the filter has hidden it.
 */
export const SCRIPT = `
'use strict';
(() => {
  const filter = document.getElementById('filter');
  const boxes = [...filter.querySelectorAll('input')];
  const clauses = [...document.querySelectorAll('.clause')];
  const shown = document.getElementById('shown');
  const apply = () => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const one of clauses) one.hidden = !one.dataset.verdicts.split(' ').some((verdict) => wanted.has(verdict));
    for (const one of document.querySelectorAll('.chapter')) one.hidden = one.querySelector('.clause:not([hidden])') === null;
    const count = clauses.filter((one) => !one.hidden).length;
    shown.textContent = count === clauses.length ? 'all ' + count + ' shown' : count + ' of ' + clauses.length + ' shown';
  };
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target === null || !target.classList.contains('clause')) return;
    for (const verdict of target.dataset.verdicts.split(' ')) {
      const box = boxes.find((one) => one.value === verdict);
      if (target.hidden && box !== undefined) box.checked = true;
    }
    apply();
    target.querySelector('details').open = true;
    target.scrollIntoView();
  };
  filter.hidden = false;
  filter.addEventListener('change', apply);
  addEventListener('hashchange', open);
  apply();
  open();
})();
`;
