// Journeys: tests in a real browser against a real server. A file of tests has one server on a fresh demo store and one
// browser; each journey has a window of its own. A journey that fails leaves a picture and the page in `out/browser`.
//
//   journey('a tracer lists contacts', { as: 'tracer' }, async ({ page, server, open, login }) => { ... });
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { pages } from './pages.mjs';
import { startServer } from './program.mjs';
import { LANGUAGES, WIDTHS, login, visit, widen } from './session.mjs';

export { axe, keyboardReaches, noSidewaysScroll } from './checks.mjs';
export { launch } from './chromium.mjs';
export { startServer } from './program.mjs';
export { accountOf, login, loginByForm, settle, visit } from './session.mjs';
export { freshCode } from './totp.mjs';

const OUT = process.env.DAYCLEAR_BROWSER_OUT ?? join(dirname(fileURLToPath(import.meta.url)), '../../../out/browser');
const STEP_MAX_MS = 30_000;
const JOURNEY_MAX_MS = 240_000;
/** Rows of a list that every page is looked at with. */
const ROWS_MAX = 12;

const running = {};
/** @template T @param {string} name @param {() => Promise<T>} start @returns {Promise<T>} */
const once = (name, start) => (running[name] ??= start());
export const theServer = () => once('server', () => startServer());
export const theBrowser = () => once('browser', () => launch());
/** Draws no WebGL, and everything else in half the time. */
const thePlainBrowser = () => once('plain', () => launch({ plain: true }));

after(async () => {
  await (await running.browser?.catch(() => null))?.close();
  await (await running.plain?.catch(() => null))?.close();
  await (await running.server?.catch(() => null))?.stop();
});

/** A window: language, width, theme. Nothing outside the server answers it.
 * @param {{lang?: string, width?: number, height?: number, theme?: 'light' | 'dark', script?: boolean, plain?: boolean}} options
 * `plain`: in the browser that draws no WebGL */
export async function openWindow({ lang = 'en', width = WIDTHS.desktop, height = 900, theme = 'light', script = true, plain = false } = {}) {
  const browser = await (plain ? thePlainBrowser() : theBrowser());
  const context = await browser.newContext({
    locale: lang,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Shanghai',
    javaScriptEnabled: script,
  });
  context.setDefaultTimeout(STEP_MAX_MS);
  return context;
}

/** @param {string} name
 * @param {{as?: string, server?: object} & Parameters<typeof openWindow>[0]} options `as`: a role or a login
 * @param {(stage: object) => Promise<void>} play */
export function journey(name, options, play) {
  test(name, { timeout: JOURNEY_MAX_MS }, async () => {
    const server = options.server ? await options.server() : await theServer();
    const context = await openWindow(options);
    const page = await context.newPage();
    const faults = watch(page);
    try {
      await onPage(name, page, faults, async () => {
        if (options.as) await login(page, options.as, server);
        await play({
          page,
          context,
          server,
          faults,
          login: (other, who) => login(other, who, server),
          open: (path) => opened(page, new URL(path, server.url).href),
          another: async (who) => {
            const other = await (await openWindow(options)).newPage();
            if (who) await login(other, who, server);
            return other;
          },
        });
      });
    } finally {
      await context.close();
    }
  });
}

/** Opens a page and waits until it was drawn: what is laid out late has no inner text before the first frame. */
async function opened(page, address) {
  const answer = await page.goto(address);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return answer;
}

/** Plays on a page; it fails where the page complains, and then leaves a picture. */
async function onPage(name, page, faults, play) {
  try {
    await play();
    if (faults.length > 0) throw new Error(`the page reported:\n${faults.join('\n')}`);
  } catch (error) {
    await keep(name, page).catch(() => {});
    throw error;
  }
}

/** What a page complains about: errors of script, and everything that the content policy refused. */
function watch(page) {
  const faults = [];
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    // A status that a journey asks for on purpose (404, 409) is no fault of the page.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) faults.push(text);
  });
  return faults;
}

async function keep(name, page) {
  await mkdir(OUT, { recursive: true });
  const file = join(OUT, name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80));
  await writeFile(`${file}.html`, `<!-- ${page.url()} -->\n${await page.content()}`);
  await page.screenshot({ path: `${file}.png`, fullPage: true });
}

/** Runs in the page. Rows of a list come from one template: what is wrong with one is wrong with all of them. */
function fewRows(most) {
  for (const body of document.querySelectorAll('table.list > tbody')) [...body.rows].slice(most).forEach((row) => row.remove());
}

/** A window in which one person goes from page to page, so that fonts and scripts are fetched once. */
async function openDesk(options, role) {
  const context = await openWindow(options);
  const page = await context.newPage();
  const faults = watch(page);
  if (role) await login(page, role, await theServer());
  return { page, faults };
}

/** A test for each page and language: loaded on a telephone, and widened to a desk without loading it again. One window for
 * each role and language.
 * @param {string} what
 * @param {(stage: object) => Promise<string[]>} check gives findings, at each width
 * @param {{share?: [number, number]}} options `share`: every n-th page only, from which on */
export function everyPage(what, check, options = {}) {
  const { languages = LANGUAGES, widths = [WIDTHS.narrow, WIDTHS.desktop], share: [from, step] = [0, 1] } = options;
  for (const { name, path, role, first, below, before, webgl = false } of pages.filter((_, at) => at % step === from)) {
    for (const lang of languages) {
      const title = `${what}: ${name}, ${lang}`;
      test(title, { timeout: JOURNEY_MAX_MS }, async () => {
        const server = await theServer();
        const { page, faults } = await once(`desk ${lang} ${role} ${webgl}`, () => openDesk({ lang, width: widths[0], plain: !webgl }, role));
        faults.length = 0;
        await onPage(title, page, faults, async () => {
          await page.setViewportSize({ width: widths[0], height: 900 });
          await visit(page, server, { path, first, below, before });
          await page.evaluate(fewRows, ROWS_MAX);
          const shown = await page.evaluate(() => document.documentElement.lang);
          if (shown !== lang) throw new Error(`the page is in '${shown}', not in '${lang}'`);
          const findings = [];
          for (const width of widths) {
            if (width !== widths[0]) await widen(page, width);
            findings.push(...(await check({ page, lang, width })).map((finding) => `${width} px: ${finding}`));
          }
          if (findings.length > 0) throw new Error(`${findings.length} findings:\n${findings.join('\n')}`);
        });
      });
    }
  }
}
