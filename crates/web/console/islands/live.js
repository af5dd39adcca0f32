// Keeps a part of a page current: listens to the server's events, and when one of the part's topics changed, asks for
// the same page again and replaces the part. Focus, scroll, open details and ticked rows stay; while somebody types in
// the part it waits. Without script the page has a link to reload.
//
// The page says the number of the last event that it shows (data-live-after on the body), so that what happens before
// the first connection is told too.
//
// <section id="board" data-island="live" data-live-topics="worklists books">
// <p data-live-age role="status" data-word-live data-word-since="... {time}" data-word-paused data-word-ended>

import { replaceContents, isBusy } from './morph.js';

const FRAGMENT = 'Dayclear-Fragment';
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;
const SETTLE_MS = 300;
const GAP_MIN_MS = 1_000;
const BUSY_MS = 1_000;
const HIDDEN_MS = 20_000;

/** @typedef {{element: HTMLElement, topics: string[], refresh: () => void}} Part */

/** @type {Set<Part>} */
const parts = new Set();
/** @type {EventSource | null} */
let source = null;
let tries = 0;
let ended = false;
let lostAt = 0;
let timer = 0;
let hiddenTimer = 0;

/** @param {HTMLElement} element */
export function mount(element) {
  const topics = (element.dataset.liveTopics ?? '').split(/[\s,]+/).filter(Boolean);
  if (!element.id || topics.length === 0) return undefined;
  const part = { element, topics, refresh: refresher(element) };
  parts.add(part);
  reopen();
  return () => {
    parts.delete(part);
    if (parts.size === 0) close();
  };
}

/** One connection for the page, on every topic that a part of it wants. */
function open() {
  close();
  if (ended || parts.size === 0) return;
  const topics = [...new Set([...parts].flatMap((part) => part.topics))].sort();
  // Whoever comes back asks for everything anyway.
  const after = lostAt ? undefined : document.body.dataset.liveAfter;
  const opened = new EventSource(`/live?topics=${encodeURIComponent(topics.join(','))}${after ? `&after=${after}` : ''}`);
  source = opened;
  opened.onopen = () => {
    // What was sent while nobody listened is lost, so everything is asked for once.
    if (lostAt) for (const part of parts) part.refresh();
    tries = 0;
    lostAt = 0;
    say('live');
  };
  for (const topic of topics) {
    opened.addEventListener(topic, () => {
      for (const part of parts) if (part.topics.includes(topic)) part.refresh();
    });
  }
  // The server could not keep up with us: anything may have changed.
  opened.addEventListener('reset', () => {
    for (const part of parts) part.refresh();
  });
  opened.onerror = () => {
    // The browser's own retry has no jitter: a restarted server would meet every screen of a city in one second.
    close();
    lostAt ||= Date.now();
    say('since');
    const longest = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** tries);
    tries += 1;
    timer = setTimeout(open, longest / 2 + (Math.random() * longest) / 2);
  };
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

let opening = false;
/** Parts are mounted one after the other; the connection is made once for all of them. */
function reopen() {
  if (opening) return;
  opening = true;
  setTimeout(() => {
    opening = false;
    if (!document.hidden) open();
  });
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => {
      close();
      lostAt ||= Date.now();
      say('paused');
    }, HIDDEN_MS);
  } else if (!source) {
    open();
  }
});

/** @param {'live' | 'since' | 'paused' | 'ended'} state */
function say(state) {
  for (const line of document.querySelectorAll('[data-live-age]')) {
    line.dataset.liveState = state;
    const word = line.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`] ?? '';
    const time = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const text = word.replace('{time}', lostAt ? time.format(lostAt) : '');
    // A status line that is written again is read out again.
    if (line.textContent !== text) line.textContent = text;
  }
}

/** A function that asks for the part again: soon, not more often than allowed, never twice at a time. */
function refresher(element) {
  let waiting = 0;
  let running = false;
  let again = false;
  let last = 0;
  const later = (ms) => {
    clearTimeout(waiting);
    waiting = setTimeout(run, ms);
  };
  async function run() {
    if (!element.isConnected || ended) return;
    if (running) {
      again = true;
      return;
    }
    if (isBusy(element)) {
      later(BUSY_MS);
      return;
    }
    running = true;
    last = Date.now();
    try {
      await fetchInto(element, () => isBusy(element) || !element.isConnected);
    } catch {
      // The network is away; the connection's own retry refreshes when it is back.
    } finally {
      running = false;
      if (again) {
        again = false;
        later(GAP_MIN_MS);
      }
    }
  }
  return () => later(Math.max(SETTLE_MS * (1 + Math.random()), last + GAP_MIN_MS - Date.now()));
}

/** @param {HTMLElement} element @param {() => boolean} mustWait */
async function fetchInto(element, mustWait) {
  const answer = await fetch(location.href, {
    headers: { [FRAGMENT]: element.id, Accept: 'text/html' },
    credentials: 'same-origin',
    cache: 'no-store',
  });
  if (answer.redirected || answer.status === 401 || answer.status === 403 || answer.status === 404) {
    // The session is over, or the object left this person's jurisdiction: nothing of it is shown as current.
    ended = true;
    close();
    say('ended');
    return;
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const next = page.getElementById(element.id);
  if (!next) return;
  if (mustWait()) return;
  replaceContents(element, next);
  document.dispatchEvent(new CustomEvent('dayclear:replaced', { detail: { id: element.id } }));
}
