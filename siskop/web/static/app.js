// What every page may use. Nothing here is needed: each page works without it.
// Modules beside this file are imported by pages that need them, through data-module on an element.

// A failed post: the reader starts at the list of what to mend.
function focusFirst() {
  const summary = document.querySelector('.error-summary');
  if (summary) summary.focus();
}

// A second press on the same button does nothing while the first is on its way. The server guards as well.
function guardTwice() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = 'yes';
    setTimeout(() => { delete form.dataset.sending; }, 8000);
  });
  // The page comes back out of the browser's memory: the button works again.
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sending]')) delete form.dataset.sending;
  });
}

// Without a network the bar says so; what was typed stays on the page.
function watchNetwork() {
  const bar = document.getElementById('offline');
  if (!bar) return;
  const show = () => { bar.hidden = navigator.onLine; };
  window.addEventListener('online', show);
  window.addEventListener('offline', show);
  show();
}

function loadModules() {
  const names = new Set();
  for (const element of document.querySelectorAll('[data-module]')) {
    for (const name of element.dataset.module.split(' ')) names.add(name);
  }
  for (const name of names) {
    if (/^[a-z-]+$/.test(name)) import(`./${name}.js`);
  }
}

focusFirst();
guardTwice();
watchNetwork();
loadModules();
