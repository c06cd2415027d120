// The inbox by keyboard: j and k move, Enter opens (the link has the focus), / searches, ? shows or hides the line below.
// It can be turned off; the choice stays in this browser.
const KEY = 'siskop-keys';
const line = document.getElementById('papan-ketik');
const links = [...document.querySelectorAll('[data-module~="keyboard"] tbody th[scope="row"] a')];
let off = false;
try { off = localStorage.getItem(KEY) === 'off'; } catch { off = false; }

function typing(target) {
  return target.closest('input, textarea, select, [contenteditable]') !== null;
}

function move(step) {
  const at = links.findIndex((link) => link.closest('tr').hasAttribute('aria-current'));
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  if (!next) return;
  for (const link of links) link.closest('tr').removeAttribute('aria-current');
  next.closest('tr').setAttribute('aria-current', 'true');
  next.focus();
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  '/': () => document.getElementById('q')?.focus(),
  '?': () => { if (line) line.hidden = !line.hidden; },
};

document.addEventListener('keydown', (event) => {
  if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = ACTS[event.key];
  if (act) { event.preventDefault(); act(); }
});

function show() {
  const button = line.querySelector('button');
  line.hidden = false;
  line.querySelector('[data-keys-on]').hidden = off;
  button.textContent = off ? button.dataset.on : button.dataset.off;
}

if (line) {
  show();
  line.querySelector('button').addEventListener('click', () => {
    off = !off;
    try { localStorage.setItem(KEY, off ? 'off' : 'on'); } catch { /* only until the page is left */ }
    show();
  });
}
