// How a browser comes to a page: accounts of the demo store, the log-in form, and pages of the list with all their
// islands drawn. Used by the tests and by the screenshots.
import { freshCode } from './totp.mjs';

export const LANGUAGES = ['en', 'zh-Hans', 'zh-Hant'];
export const WIDTHS = { desktop: 1280, narrow: 320 };

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

// What the server finds by itself (pairs of people who may be one) is there some time after it has started.
const ROW_WITHIN_MS = 120_000;

/** Goes to a page of the list: to its path, and on to the first of its rows where it says so, and from there
 * to a page below it (`below`). `before` makes what the page is to show.
 * @param {import('playwright-core').Page} page */
export async function visit(page, server, { path, first, below, before }) {
  if (before) await before(server);
  const answer = await page.goto(new URL(path, server.url).href);
  if (!answer?.ok()) throw new Error(`${path} answers ${answer?.status()}`);
  if (first) {
    const until = Date.now() + ROW_WITHIN_MS;
    while ((await page.locator(first).count()) === 0) {
      if (Date.now() > until) throw new Error(`${path} shows nothing to open (${first})`);
      // the server goes on while nobody asks it for anything
      await page.waitForTimeout(3_000);
      await page.reload();
    }
    await Promise.all([page.waitForEvent('load'), page.locator(first).first().click()]);
  }
  if (below) {
    const there = await page.goto(`${page.url()}${below}`);
    if (!there?.ok()) throw new Error(`${page.url()} answers ${there?.status()}`);
  }
  await settle(page);
}

/** Waits for islands that draw. Live pages keep a connection open, so the network never falls silent. */
export async function settle(page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[data-island]')].every(({ dataset }) => dataset.begun?.split(' ').length === dataset.island.split(/\s+/).length)
    && document.querySelector('.map-place:not([data-ready]), .chains-place:not([data-ready]), .curve-place:not([data-ready])') === null
    && [...document.images].every((image) => image.complete));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** Another width for a page that stands, with its islands drawn again, looked at from its top: a head that stays in
 * sight while the page scrolls would else lie on rows. @param {import('playwright-core').Page} page */
export async function widen(page, width) {
  await page.setViewportSize({ width, height: page.viewportSize()?.height ?? 900 });
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); }));
  await settle(page);
}
