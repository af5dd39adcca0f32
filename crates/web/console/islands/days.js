// Days on the map that the server drew: a slider, and a button that lets them pass, beside the server's links. The numbers come
// from the page's own table; a day that is not in it is missing, never 0. The address follows, so that a part that is asked for
// again shows the same day.
//
// <section data-island="days" data-shaded data-most="40" data-word-none> with a[data-day][data-said], [data-now], a table of
// tr[data-row] > td[data-n], input[type=range], button[data-play][data-word-stop], and path|circle[data-code], g[data-label]; the
// small map in a link has one path|use[data-codes] for each class

import { showDrawn } from './drawn.js';

const STEP_MS = 900;
/** As `drawing::radius` has them. */
const RADIUS_MAX = 26;
const RADIUS_MIN = 3.5;

/** Whether days pass: a part that the server sent anew goes on where the last one stood. */
let playing = false;

/** @param {HTMLElement} element */
export function mount(element) {
  const links = [...element.querySelectorAll('a[data-day]')];
  const slider = element.querySelector('input[type=range]');
  const button = element.querySelector('[data-play]');
  const now = element.querySelector('[data-now]');
  if (links.length === 0 || !slider || !button || !now) return undefined;
  const rows = rowsOf(element);
  const shaded = element.dataset.shaded !== undefined;
  const most = Number(element.dataset.most) || 1;
  const none = element.dataset.wordNone ?? '';
  const play = button.textContent;
  let at = Math.max(0, links.findIndex((link) => link.getAttribute('aria-current') === 'true'));
  let timer = 0;

  function show(next) {
    at = next;
    for (const [index, link] of links.entries()) {
      if (index === at) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    const link = links[at];
    slider.value = String(at);
    slider.setAttribute('aria-valuetext', link.dataset.said ?? '');
    if (now.textContent !== link.dataset.said) now.textContent = link.dataset.said ?? '';
    const small = new Map();
    // Outlines of which the duty reads nothing stay as they are.
    for (const group of link.querySelectorAll('[data-codes]:not(.out)')) {
      for (const code of group.dataset.codes.split(' ')) small.set(code, group.getAttribute('class'));
    }
    for (const drawn of element.querySelectorAll('svg.map [data-code]')) {
      const { code } = drawn.dataset;
      const circle = drawn.tagName === 'circle';
      // A place that is not in the table had nothing on any day, or nothing was known of it; the small map tells which.
      const row = rows.get(code);
      const n = row?.days[at] ?? null;
      if (circle) drawn.setAttribute('r', String(radius(n ?? 0, most)));
      else if (!shaded || !small.has(code)) continue;
      else drawn.setAttribute('class', small.get(code));
      const gone = circle ? n === null : small.get(code).endsWith(' none');
      for (const label of element.querySelectorAll(`svg.map [data-label="${code}"] .sub`)) label.textContent = gone ? '–' : String(n ?? 0);
      const title = drawn.querySelector('title');
      const words = `${row?.name ?? title?.textContent.split(':')[0] ?? code}: ${gone ? none : (n ?? 0)}`;
      if (title) title.textContent = words;
      const way = drawn.closest('a');
      way?.setAttribute('aria-label', words);
      way?.setAttribute('href', way.getAttribute('href').replace(/day=[^#]*/, `day=${link.dataset.day}`));
    }
    history.replaceState(history.state, '', link.href);
  }
  function stop() {
    playing = false;
    clearInterval(timer);
    button.textContent = play;
    button.setAttribute('aria-pressed', 'false');
  }
  function begin() {
    playing = true;
    button.textContent = button.dataset.wordStop ?? play;
    button.setAttribute('aria-pressed', 'true');
    clearInterval(timer);
    timer = setInterval(() => {
      // The day that runs has no figures, so the last whole one is the end.
      if (at + 1 >= links.length - 1) stop();
      else show(at + 1);
    }, STEP_MS);
  }
  const onInput = () => {
    stop();
    show(Number(slider.value));
  };
  const onPlay = () => {
    if (playing) {
      stop();
      return;
    }
    if (at >= links.length - 2) show(0);
    begin();
  };
  const onLink = (event) => {
    const link = event.target.closest('a[data-day]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    stop();
    show(links.indexOf(link));
  };
  slider.max = String(links.length - 1);
  slider.value = String(at);
  slider.setAttribute('aria-valuetext', links[at].dataset.said ?? '');
  slider.addEventListener('input', onInput);
  button.addEventListener('click', onPlay);
  element.addEventListener('click', onLink);
  showDrawn(element);
  if (playing) begin();
  return () => {
    clearInterval(timer);
    slider.removeEventListener('input', onInput);
    button.removeEventListener('click', onPlay);
    element.removeEventListener('click', onLink);
  };
}

/** Name and numbers of each row; null where nothing is known. @param {HTMLElement} element */
function rowsOf(element) {
  const rows = new Map();
  for (const row of element.querySelectorAll('tr[data-row]')) {
    // the first cell is the sum
    const days = [...row.querySelectorAll('td')].slice(1).map((cell) => (cell.dataset.n === undefined ? null : Number(cell.dataset.n)));
    rows.set(row.dataset.row, { name: row.querySelector('th')?.textContent ?? '', days });
  }
  return rows;
}

function radius(figure, most) {
  if (figure <= 0) return 0;
  return Math.min(RADIUS_MAX, Math.max(RADIUS_MIN, RADIUS_MAX * Math.sqrt(figure / Math.max(most, 1))));
}
