// What must hold on every page: no finding of axe-core, everything reached by keyboard alone with the focus in sight,
// and no sideways scrolling. Each gives a list of findings as text; an empty list is good.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TABS_MAX = 600;
/** Stops inside one field of date and time: year, month, day, hour, minute, the calendar's button. */
const STOPS_MAX = 6;

/** @param {import('playwright-core').Page} page */
export async function axe(page) {
  await page.evaluate(await axeSource);
  const violations = await page.evaluate(async (tags) => {
    const options = {
      runOnly: { type: 'tag', values: tags },
      // Off by default, and part of AA.
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations'],
    };
    return (await globalThis.axe.run(document, options)).violations;
  }, WCAG_22_AA);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary?.split('\n').slice(1, 3).join(' ').trim() ?? ''}`));
}

/** Tabs through the page. @param {import('playwright-core').Page} page */
export async function keyboardReaches(page) {
  const wanted = await page.evaluate(collectInteractive);
  if (wanted > TABS_MAX) return [`${wanted} places to tab through, at most ${TABS_MAX}`];
  const findings = [];
  const reached = new Set();
  let last = -2;
  let first;
  let stays = 0;
  for (let press = 0; press < wanted * (STOPS_MAX + 1) + 5; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(lookAtFocus, STOPS_MAX);
    if (at.finding && !reached.has(at.index)) findings.push(at.finding);
    stays = at.index >= 0 && at.index === last ? stays + 1 : 0;
    if (stays > at.inside) {
      findings.push(`the focus is trapped at ${at.name}`);
      break;
    }
    // All the way round.
    if (at.index >= 0 && at.index === first && stays === 0) break;
    first ??= at.index >= 0 ? at.index : undefined;
    last = at.index;
    if (at.index >= 0) reached.add(at.index);
    if (reached.size === wanted) break;
  }
  return [...findings, ...(await page.evaluate(namesOfMissed, [...reached]))];
}

/** Runs in the page. Remembers everything that a person could press or fill in, with its looks without the focus. */
function collectInteractive() {
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
  document.activeElement?.blur?.();
  window.scrollTo(0, 0);
  getSelection()?.removeAllRanges();
  globalThis.tabbing = { elements, before: elements.map(looks), looks, name };
  return elements.length;
}

/** Runs in the page. Where the focus is, and what is wrong with how it looks. */
function lookAtFocus(stops) {
  const { elements, before, looks, name } = globalThis.tabbing;
  const active = document.activeElement;
  const index = elements.indexOf(active);
  if (!active || active === document.body) return { index: -1, inside: 0 };
  if (index < 0) return { index: -1, inside: 0, name: name(active) };
  const inside = ['date', 'datetime-local', 'time', 'month', 'week'].includes(active.type) ? stops : 0;
  const box = active.getBoundingClientRect();
  // Hidden boxes with a drawn label show the focus there.
  const drawn = box.width > 2 && box.height > 2 ? active : active.closest('label') ?? active;
  if (drawn === active && looks(active) === before[index]) return { index, inside, name: name(active), finding: `no visible focus: ${name(active)}` };
  const place = drawn.getBoundingClientRect();
  if (place.bottom <= 0 || place.right <= 0 || place.top >= innerHeight || place.left >= innerWidth) {
    return { index, inside, name: name(active), finding: `focused out of sight: ${name(active)}` };
  }
  return { index, inside, name: name(active) };
}

/** Runs in the page. */
function namesOfMissed(reached) {
  const { elements, name } = globalThis.tabbing;
  const seen = new Set(reached);
  return elements.filter((element, index) => !seen.has(index) && element.isConnected).map((element) => `not reached by Tab: ${name(element)}`);
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
