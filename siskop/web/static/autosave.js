// Keeps what is typed while one types. The page works without it: each button saves as well.
// Unsent words stay in memory and are sent when the network is back; the server never lets a late save overwrite a newer one.

const WAIT = 800;

function start(form) {
  const line = document.getElementById('tersimpan');
  const words = line && line.querySelector('span');
  let timer = 0;
  let running = null;
  let dirty = false;
  let leaving = false;

  const say = (text) => { if (words) words.textContent = text; };

  function body() {
    const data = new FormData(form);
    for (const input of form.querySelectorAll('input[type=file]')) data.delete(input.name);
    for (const name of ['_add', '_remove', '_later']) data.delete(name);
    return new URLSearchParams([...data.entries()].filter(([, value]) => typeof value === 'string'));
  }

  async function save(last = false) {
    clearTimeout(timer);
    if (leaving || !dirty || (running && !last)) return;
    dirty = false;
    say(line ? line.dataset.writing : '');
    running = new AbortController();
    const mine = running;
    try {
      const response = await fetch(form.action, {
        method: 'POST', body: body(), signal: mine.signal, keepalive: last, redirect: 'error', credentials: 'same-origin',
        headers: { 'X-Autosave': '1', Accept: 'application/json' },
      });
      if (!response.ok) { say(line.dataset.refused); return; }
      const answer = await response.json();
      form.elements._seen.value = answer.seen;
      say(line.dataset.saved.replace('{at}', answer.saved));
    } catch (error) {
      if (error.name === 'AbortError') return;
      dirty = true;
      say(line.dataset.waiting);
      timer = setTimeout(save, 5000);
    } finally {
      if (running === mine) running = null;
      if (dirty && !leaving) { clearTimeout(timer); timer = setTimeout(save, WAIT); }
    }
  }

  // What was typed before this script had come, on a slow network, or put back by the browser.
  function isTyped(input) {
    if (input.type === 'hidden' || input.type === 'file') return false;
    if (input.type === 'checkbox' || input.type === 'radio') return input.checked !== input.defaultChecked;
    if (input.options) return [...input.options].some((o, n) => o.selected !== o.defaultSelected && (n > 0 || !o.selected));
    return input.defaultValue !== undefined && input.value !== input.defaultValue;
  }

  form.addEventListener('input', (event) => {
    if (event.target.type === 'file') return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  form.addEventListener('change', () => save());
  // A press on a button sends everything that stands in the page now, the last letter too.
  form.addEventListener('submit', () => {
    leaving = true;
    clearTimeout(timer);
    if (running) running.abort();
  });
  window.addEventListener('pageshow', () => { leaving = false; });
  window.addEventListener('online', () => save());
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') save(true); });
  if ([...form.elements].some(isTyped)) {
    dirty = true;
    timer = setTimeout(save, WAIT);
  }
}

for (const form of document.querySelectorAll('form[data-module~=autosave]')) start(form);
