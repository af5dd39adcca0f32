// Finds the islands of a page and loads the script of each only where it is needed. An island is an element with
// `data-island="name other"`; its module exports `mount(element)`, which may return a function that takes it down.
// Every page works without this file.

const islands = {
  live: () => import('./live.js'),
  keys: () => import('./keys.js'),
  select: () => import('./select.js'),
  map: () => import('./map.js'),
  chains: () => import('./chains.js'),
  curve: () => import('./curve.js'),
  days: () => import('./days.js'),
  site: () => import('./site.js'),
  trip: () => import('./trip.js'),
  interviews: () => import('./interviews.js'),
  lanes: () => import('./lanes.js'),
  alarm: () => import('./alarm.js'),
};

/** @type {Map<Element, Map<string, (() => void) | undefined>>} */
const mounted = new Map();

/** @param {Element} element @param {string} name */
async function start(element, name) {
  const running = mounted.get(element) ?? new Map();
  if (running.has(name) || !islands[name]) return;
  running.set(name, undefined);
  mounted.set(element, running);
  try {
    const { mount } = await islands[name]();
    if (element.isConnected) running.set(name, await mount(element));
  } catch (error) {
    // What the server rendered stays; the console of the browser says why.
    console.error(`island ${name}:`, error);
  }
  // Begun or given up: nothing more of it is to be waited for but what it marked itself.
  element.dataset.begun = `${element.dataset.begun ?? ''} ${name}`.trim();
}

function startAll() {
  for (const [element, running] of mounted) {
    if (element.isConnected) continue;
    for (const stop of running.values()) stop?.();
    mounted.delete(element);
  }
  for (const element of document.querySelectorAll('[data-island]')) {
    for (const name of element.dataset.island.split(/\s+/)) start(element, name);
  }
}

// Whoever leaves is not here any more for the pages of phones (`phone_kept.js`), which opens without asking the server; whoever
// comes in has a session that nobody wanted to end.
document.addEventListener('submit', ({ target }) => {
  const forget = { '/logout': 'dayclear-site-here', '/login': 'dayclear-site-leaving' }[target.getAttribute('action')];
  try {
    if (forget) localStorage.removeItem(forget);
  } catch {
    // Storage is closed to us, so nothing was kept there.
  }
});

// `live.js` says this after it replaced a part of the page.
document.addEventListener('dayclear:replaced', startAll);
startAll();
