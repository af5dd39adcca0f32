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
import { freshCode } from './totp.mjs';

export { axe, keyboardReaches, noSidewaysScroll } from './checks.mjs';
export { launch } from './chromium.mjs';
export { startServer } from './program.mjs';
export { freshCode } from './totp.mjs';

export const LANGUAGES = ['en', 'zh-Hans', 'zh-Hant'];
export const WIDTHS = { desktop: 1280, narrow: 320 };
const OUT = process.env.DAYCLEAR_BROWSER_OUT ?? join(dirname(fileURLToPath(import.meta.url)), '../../../out/browser');
const STEP_MAX_MS = 15_000;
const JOURNEY_MAX_MS = 120_000;

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
    const page = await context.newPage();
    const faults = watch(page);
    try {
      if (options.as) await login(page, options.as, server);
      await play({
        page,
        context,
        server,
        faults,
        login: (other, who) => login(other, who, server),
        open: (path) => page.goto(new URL(path, server.url).href),
        another: async (who) => {
          const other = await (await openWindow(options)).newPage();
          if (who) await login(other, who, server);
          return other;
        },
      });
      if (faults.length > 0) throw new Error(`the page reported:\n${faults.join('\n')}`);
    } catch (error) {
      await keep(name, page).catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  });
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

/** @param {object} server @param {string} who a role or a login */
export function accountOf(server, who) {
  const account = server.accounts.find(({ login }) => login === who) ?? server.accounts.find(({ role }) => role === who);
  if (!account) throw new Error(`accounts.json has nobody who is or does '${who}'`);
  return account;
}

/** Cookies of accounts that are logged in, by server: a session is made once and shared by windows. */
const sessions = new Map();

/** Logs in, by the form the first time. @param {import('playwright-core').Page} page @param {string} who */
export async function login(page, who, server) {
  const account = accountOf(server, who);
  const key = `${server.url} ${account.login}`;
  if (sessions.has(key)) {
    await page.context().addCookies(sessions.get(key));
    return account;
  }
  await loginByForm(page, account, server);
  sessions.set(key, await page.context().cookies(server.url));
  return account;
}

/** The form at /login: `login` and `password`, then `code` on the same or the next page. */
export async function loginByForm(page, account, server) {
  await page.goto(new URL('/login', server.url).href);
  await page.locator('input[name=login]').fill(account.login);
  await page.locator('input[name=password]').fill(account.password);
  const code = page.locator('input[name=code]');
  const together = (await code.count()) > 0;
  if (together) await code.fill(await freshCode(account.otp));
  await submit(page);
  if (!together && (await code.count()) > 0) {
    await code.fill(await freshCode(account.otp));
    await submit(page);
  }
  if (new URL(page.url()).pathname.startsWith('/login')) {
    throw new Error(`login of ${account.login} failed: ${await page.locator('[role=alert]').allInnerTexts()}`);
  }
}

async function submit(page) {
  await Promise.all([
    page.waitForEvent('load'),
    page.locator('form:has(input[name=login]), form:has(input[name=code])').first().locator('button:not([type=button]), input[type=submit]').first().click(),
  ]);
}

/** One journey for each page, language and width. @param {string} what
 * @param {(stage: object) => Promise<string[]>} check gives findings */
export function everyPage(what, check, { languages = LANGUAGES, widths = Object.values(WIDTHS), server } = {}) {
  for (const { name, path, role, first } of pages) {
    for (const lang of languages) {
      for (const width of widths) {
        journey(`${what}: ${name}, ${lang}, ${width} px`, { as: role, lang, width, server }, async (stage) => {
          await visit(stage.page, stage.server, { path, first });
          const shown = await stage.page.evaluate(() => document.documentElement.lang);
          if (shown !== lang) throw new Error(`the page is in '${shown}', not in '${lang}'`);
          const findings = await check(stage);
          if (findings.length > 0) throw new Error(`${findings.length} findings:\n${findings.join('\n')}`);
        });
      }
    }
  }
}

/** Goes to a page of the list: to its path, and on to the first of its rows where it says so.
 * @param {import('playwright-core').Page} page */
export async function visit(page, server, { path, first }) {
  const answer = await page.goto(new URL(path, server.url).href);
  if (!answer?.ok()) throw new Error(`${path} answers ${answer?.status()}`);
  if (first) {
    await Promise.all([page.waitForEvent('load'), page.locator(first).first().click()]);
  }
  await settle(page);
}

/** Waits for islands that draw. Live pages keep a connection open, so the network never falls silent. */
export async function settle(page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[data-drawn]')].every((island) => island.querySelector('[data-ready]'))
    && [...document.images].every((image) => image.complete));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
