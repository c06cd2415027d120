// Keeps what is typed while one types. The page works without it: each button saves as well.
// Unsent words stay in memory and are sent when the network is back; the server never lets a late save overwrite a newer one.

const WAIT = 800;

function start(form) {
  const line = document.getElementById('tersimpan');
  const words = line && line.querySelector('span');
  let timer = 0;
  let running = null;
  let dirty = new Set();
  let leaving = false;

  const say = (text) => { if (words) words.textContent = text; };
  const part = (input) => input.closest('[data-keep]');
  const seen = (place) => [...place.querySelectorAll('input[name=_seen]')].find((input) => part(input) === place);

  // Only the answers and rows in which something was typed: a long list is not sent for one of its rows.
  function body(parts) {
    const data = new URLSearchParams();
    for (const input of form.elements) {
      if (!input.name || input.disabled || ['file', 'submit', 'button'].includes(input.type)) continue;
      if (['checkbox', 'radio'].includes(input.type) && !input.checked) continue;
      if (input.name === 'csrf_token' || parts.has(part(input))) data.append(input.name, input.value);
    }
    return data;
  }

  // What the page stands on now. Nothing is touched that was typed into meanwhile: its text differs from the mark.
  function stand(parts, marks) {
    for (const place of parts) {
      const input = seen(place);
      const mark = input && marks[input.value.split(':')[0]];
      if (mark) input.value = mark;
    }
  }

  async function save(last = false) {
    clearTimeout(timer);
    if (leaving || !dirty.size || (running && !last)) return;
    const parts = dirty;
    dirty = new Set();
    say(line ? line.dataset.writing : '');
    running = new AbortController();
    const mine = running;
    try {
      const response = await fetch(form.action, {
        method: 'POST', body: body(parts), signal: mine.signal, keepalive: last, redirect: 'error', credentials: 'same-origin',
        headers: { 'X-Autosave': '1', Accept: 'application/json' },
      });
      if (!response.ok) { say(line.dataset.refused); return; }
      const answer = await response.json();
      stand(parts, answer.seen);
      say(line.dataset.saved.replace('{at}', answer.saved));
    } catch (error) {
      if (error.name === 'AbortError') return;
      dirty = new Set([...dirty, ...parts]);
      say(line.dataset.waiting);
      timer = setTimeout(save, 5000);
    } finally {
      if (running === mine) running = null;
      if (dirty.size && !leaving) { clearTimeout(timer); timer = setTimeout(save, WAIT); }
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
    const place = part(event.target);
    if (event.target.type === 'file' || !place) return;
    dirty.add(place);
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
  for (const input of form.elements) if (part(input) && isTyped(input)) dirty.add(part(input));
  if (dirty.size) {
    timer = setTimeout(save, WAIT);
  }
}

for (const form of document.querySelectorAll('form[data-module~=autosave]')) start(form);
