/**
 * Script of the components of all pages: buttons that copy, and folds that open where a link leads into them. Without it
 * the page still shows everything.
 */
export const COMPONENT_SCRIPT = `
'use strict';
(() => {
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // A page that was opened from a disk may not have the clipboard: copy a selection instead.
      const area = document.createElement('textarea');
      area.value = text;
      area.style.position = 'fixed';
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  };
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  status.className = 'unseen';
  document.body.append(status);
  for (const button of document.querySelectorAll('button[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const done = await copied(button.parentElement.querySelector('pre').textContent);
      status.textContent = button.textContent = done ? 'Copied' : 'Cannot copy';
      button.focus();
      setTimeout(() => { button.textContent = 'Copy'; status.textContent = ''; }, 2000);
    });
  }
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', open);
  open();
})();
`;
