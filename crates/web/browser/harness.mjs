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

const running = {};
/** @template T @param {string} name @param {() => Promise<T>} start @returns {Promise<T>} */
const once = (name, start) => (running[name] ??= start());
export const theServer = () => once('server', () => startServer());
export const theBrowser = () => once('browser', () => launch());

after(async () => {
  await (await running.browser?.catch(() => null))?.close();
  await (await running.server?.catch(() => null))?.stop();
});

/** A window: language, width, theme. Nothing outside the server answers it.
 * @param {{lang?: string, width?: number, height?: number, theme?: 'light' | 'dark', script?: boolean}} options */
export async function openWindow({ lang = 'en', width = WIDTHS.desktop, height = 900, theme = 'light', script = true } = {}) {
  const browser = await theBrowser();
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
    try {
      await onPage(name, context, async (stage) => {
        if (options.as) await login(stage.page, options.as, server);
        await play({
          ...stage,
          server,
          login: (other, who) => login(other, who, server),
          open: (path) => stage.page.goto(new URL(path, server.url).href),
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

/** Plays on a new page of a window; it fails where the page complains, and then leaves a picture. */
async function onPage(name, context, play) {
  const page = await context.newPage();
  const faults = watch(page);
  try {
    await play({ page, context, faults });
    if (faults.length > 0) throw new Error(`the page reported:\n${faults.join('\n')}`);
  } catch (error) {
    await keep(name, page).catch(() => {});
    throw error;
  } finally {
    await page.close();
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

/** A test for each page and language: loaded on a telephone, and widened to a desk without loading it again. One window for
 * each role and language, so that fonts and scripts are fetched once, as for a person at work.
 * @param {string} what
 * @param {(stage: object) => Promise<string[]>} check gives findings, at each width
 * @param {{share?: [number, number]}} options `share`: every n-th page only, from which on */
export function everyPage(what, check, options = {}) {
  const { languages = LANGUAGES, widths = [WIDTHS.narrow, WIDTHS.desktop], share: [from, step] = [0, 1] } = options;
  for (const { name, path, role, first, below, before } of pages.filter((_, at) => at % step === from)) {
    for (const lang of languages) {
      const title = `${what}: ${name}, ${lang}`;
      test(title, { timeout: JOURNEY_MAX_MS }, async () => {
        const server = await theServer();
        const context = await once(`window ${lang} ${role}`, () => openWindow({ lang, width: widths[0] }));
        await onPage(title, context, async ({ page }) => {
          if (role) await login(page, role, server);
          await visit(page, server, { path, first, below, before });
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
