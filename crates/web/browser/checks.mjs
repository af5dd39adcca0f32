// What must hold on every page: no finding of axe-core, everything reached by keyboard alone with the focus in sight,
// and no sideways scrolling. Each gives a list of findings as text; an empty list is good.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TABS_MAX = 600;
/** Presses of Tab that are sent without waiting for each. */
const PRESSES_AT_ONCE = 24;
/** Stops inside one field of date and time: year, month, day, hour, minute, the calendar's button. */
const STOPS_MAX = 6;

/** @param {import('playwright-core').Page} page @param {{colours?: boolean}} options `colours`: contrast as well, the dearest rule */
export async function axe(page, { colours = true } = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axeSource);
  const violations = await page.evaluate(
    async ([tags, contrast]) => {
      const options = {
        runOnly: { type: 'tag', values: tags },
        // The size of targets is off by default, and part of AA.
        rules: { 'target-size': { enabled: true }, 'color-contrast': { enabled: contrast } },
        resultTypes: ['violations'],
      };
      return (await globalThis.axe.run(document, options)).violations;
    },
    [WCAG_22_AA, colours],
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary?.split('\n').slice(1, 3).join(' ').trim() ?? ''}`));
}

/** Tabs through the page, some presses at a time: before each press the page itself writes down where the focus is.
 * @param {import('playwright-core').Page} page */
export async function keyboardReaches(page) {
  const found = await tabThrough(page);
  // a live page may be drawn anew while it is tabbed through; what cannot be reached cannot be reached twice
  return found.length > 0 ? tabThrough(page) : found;
}

async function tabThrough(page) {
  const wanted = await page.evaluate(collectInteractive, STOPS_MAX);
  if (wanted > TABS_MAX) return [`${wanted} places to tab through, at most ${TABS_MAX}`];
  const keys = await page.context().newCDPSession(page);
  const tab = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  for (let left = wanted * (STOPS_MAX + 1) + 5; left > 0; left -= PRESSES_AT_ONCE) {
    const presses = [];
    for (let press = 0; press < PRESSES_AT_ONCE; press += 1) {
      presses.push(keys.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...tab }), keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...tab }));
    }
    await Promise.all(presses);
    if (await page.evaluate(() => globalThis.tabbing.look())) break;
  }
  await keys.detach();
  return page.evaluate(() => globalThis.tabbing.end());
}

/** Runs in the page. Remembers everything that a person could press or fill in, with its looks without the focus, and looks at
 * the focus before each press of Tab, until it has been everywhere, came round, or is trapped. */
function collectInteractive(stops) {
  const SELECTOR = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable=true]';
  const looks = (element) => {
    const style = getComputedStyle(element);
    return [style.outline, style.boxShadow, style.border, style.backgroundColor, style.textDecoration].join('|');
  };
  const name = (element) => {
    const label = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 30) ?? '';
    return `<${element.localName}${element.id ? ` id=${element.id}` : ''}${element.name ? ` name=${element.name}` : ''}> ${label}`;
  };
  const groups = new Set();
  const elements = [...document.querySelectorAll(SELECTOR)].filter((element) => {
    if (element.disabled || element.tabIndex < 0 || element.closest('[inert]')) return false;
    if (!element.checkVisibility({ visibilityProperty: true }) || element.getClientRects().length === 0) return false;
    if (element.localName === 'summary' && element.parentElement?.querySelector('summary') !== element) return false;
    if (element.type !== 'radio' || !element.name) return true;
    // A group of radio buttons is one stop: the one that is chosen, or the first.
    const chosen = document.querySelector(`input[type=radio][name="${CSS.escape(element.name)}"]:checked`);
    if (groups.has(element.name) || (chosen && chosen !== element)) return false;
    groups.add(element.name);
    return true;
  });
  // A focus that is let go still is where the next Tab goes on from, and sometimes is not: begin at the body.
  document.body.tabIndex = -1;
  document.body.focus({ preventScroll: true });
  document.body.removeAttribute('tabindex');
  window.scrollTo(0, 0);
  getSelection()?.removeAllRanges();
  const before = elements.map(looks);
  const findings = [];
  const reached = new Set();
  let last = -2;
  let first;
  let stays = 0;
  let done = false;

  /** What is wrong with how the focus looks. */
  function fault(active, index) {
    const box = active.getBoundingClientRect();
    // Hidden boxes with a drawn label show the focus there.
    const drawn = box.width > 2 && box.height > 2 ? active : active.closest('label') ?? active;
    if (drawn === active && looks(active) === before[index]) return `no visible focus: ${name(active)}`;
    const place = drawn.getBoundingClientRect();
    const out = place.bottom <= 0 || place.right <= 0 || place.top >= innerHeight || place.left >= innerWidth;
    return out ? `focused out of sight: ${name(active)}` : undefined;
  }

  /** Where the focus is now; true once there is nothing more to see. */
  function look() {
    const active = document.activeElement;
    const index = active && active !== document.body ? elements.indexOf(active) : -1;
    if (done || index < 0) {
      last = done ? last : -1;
      return done;
    }
    stays = index === last ? stays + 1 : 0;
    const inside = ['date', 'datetime-local', 'time', 'month', 'week'].includes(active.type) ? stops : 0;
    if (stays > inside) {
      findings.push(`the focus is trapped at ${name(active)}`);
      done = true;
      return done;
    }
    const wrong = reached.has(index) ? undefined : fault(active, index);
    if (wrong) findings.push(wrong);
    // All the way round, or everywhere and on from the last: whoever is trapped is so at the second look.
    done = stays === 0 && (index === first || reached.size === elements.length);
    first ??= index;
    last = index;
    reached.add(index);
    return done;
  }

  // Before the first press nothing has the focus, which is no stay.
  const onKey = (event) => { if (event.key === 'Tab') look(); };
  globalThis.tabbing?.forget();
  addEventListener('keydown', onKey, true);
  const forget = () => removeEventListener('keydown', onKey, true);
  const end = () => {
    forget();
    const missed = elements.filter((element, index) => !reached.has(index) && element.isConnected);
    return [...findings, ...missed.map((element) => `not reached by Tab: ${name(element)}`)];
  };
  // After the presses of a turn the same place is looked at again by the first press of the next turn.
  globalThis.tabbing = { look: () => { const over = look(); last = over ? last : -2; return over; }, forget, end };
  return elements.length;
}

/** Nothing but a box that scrolls by itself (a wide table, a map) is wider than the page.
 * @param {import('playwright-core').Page} page */
export async function noSidewaysScroll(page, width = 320) {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: before?.height ?? 800 });
  const findings = await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const own = (element) => element.parentElement && (getComputedStyle(element.parentElement).overflowX !== 'visible' || own(element.parentElement));
    const wide = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !own(element))
      .slice(0, 5)
      .map((element) => `<${element.localName} class="${element.getAttribute('class') ?? ''}"> ${element.textContent.trim().slice(0, 30)}`);
    return [`the page is ${root.scrollWidth} px wide on ${root.clientWidth} px: ${wide.join('; ')}`];
  });
  if (before) await page.setViewportSize(before);
  return findings;
}
