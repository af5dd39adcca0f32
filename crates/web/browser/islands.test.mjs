// The islands in a real browser, and the harness itself, against the stand-in of `stage.mjs`.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe, journey, keyboardReaches, launch, noSidewaysScroll, settle, startServer } from './harness.mjs';
import { codeOf, fromBase32 } from './totp.mjs';

const here = dirname(fileURLToPath(import.meta.url));
let started;
const server = () => (started ??= startServer({ program: join(here, 'stage.mjs') }));
after(async () => (await started)?.stop());

/** Opens a page of rows and waits until its islands listen: a key pressed before that goes nowhere. */
async function openRows(page, open) {
  await open('/');
  await page.waitForFunction(() => document.querySelector('[data-live-state=live]'));
  await settle(page);
}
const post = async (path) => fetch(new URL(path, (await server()).url), { method: 'POST' });

test('one-time codes are those of RFC 6238', () => {
  const secret = Buffer.from('12345678901234567890');
  for (const [time, code] of [[59, '94287082'], [1111111109, '07081804'], [2000000000, '69279037']]) {
    assert.equal(codeOf(secret, Math.floor(time / 30), 8), code);
  }
  assert.deepEqual(fromBase32('GEZD GNBV gy3t qojq'), Buffer.from('1234567890'));
});

journey('login by password and code, once for each account', { server, as: 'tracer' }, async ({ page, another, open }) => {
  await open('/');
  assert.equal(await page.title(), 'rows');
  const other = await another('tracer');
  await other.goto(page.url());
  assert.equal(await other.title(), 'rows');
});

journey('checks find what is wrong', { server }, async ({ page, open, faults }) => {
  await open('/bad');
  const axeFindings = await axe(page);
  assert.ok(axeFindings.some((finding) => finding.startsWith('image-alt')), axeFindings.join('\n'));
  assert.ok(axeFindings.some((finding) => finding.startsWith('button-name')));
  assert.equal((await noSidewaysScroll(page)).length, 1);
  assert.ok(faults.some((fault) => /style/.test(fault)), 'the policy refused the inline style');
  faults.length = 0;
  await page.addStyleTag({ url: '/assets/stage.css' });
  await page.evaluate(() => {
    const trap = document.createElement('button');
    trap.textContent = 'trap';
    trap.addEventListener('keydown', (event) => event.preventDefault());
    document.querySelector('main').prepend(trap);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('nav a:focus-visible { outline: none }');
    document.adoptedStyleSheets.push(sheet);
  });
  const found = await keyboardReaches(page);
  for (const wanted of ['trapped', 'no visible focus', 'not reached by Tab']) {
    assert.ok(found.some((finding) => finding.includes(wanted)), `${wanted}: ${found.join('\n')}`);
  }
});

journey('a good page has no findings', { server, as: 'tracer' }, async ({ page, open }) => {
  await open('/');
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(await keyboardReaches(page), []);
  assert.deepEqual(await noSidewaysScroll(page), []);
});

journey('keys move, select, filter, go and explain', { server, as: 'tracer' }, async ({ page, open }) => {
  await openRows(page, open);
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('href') ?? document.activeElement.name);
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await press('j', 'j');
  assert.equal(await focused(), '/case/1');
  await press('ArrowDown', 'k', 'k');
  assert.equal(await focused(), '/case/0');
  await press('x');
  assert.equal(await page.locator('#bulk output').innerText(), '1 row');
  await press('/', 'j', '?', 'g', 'm');
  assert.equal(await page.locator('[data-filter]').inputValue(), 'j?gm');
  await page.locator('#row-0 a').focus();
  await press('?');
  assert.ok(await page.locator('dialog[open]').isVisible());
  await page.locator('[data-keys-switch]').uncheck();
  await press('Escape');
  await press('j');
  assert.equal(await focused(), '/case/0', 'single keys are off');
  await page.evaluate(() => localStorage.clear());
  await press('ArrowDown', 'Enter');
  await page.waitForURL('**/case/1');
  await settle(page);
  await press('g', 'm');
  await page.waitForURL('**/map');
});

journey('rows are selected one by one, in ranges and all', { server, as: 'tracer' }, async ({ page, open }) => {
  await openRows(page, open);
  const count = () => page.locator('#bulk output').innerText();
  await page.locator('[name=key]').nth(0).check();
  await page.locator('[name=key]').nth(2).click({ modifiers: ['Shift'] });
  assert.equal(await count(), '3 rows');
  await page.locator('[name=key]').nth(1).uncheck();
  assert.equal(await count(), '2 rows');
  assert.ok(await page.locator('[data-select-all]').evaluate((box) => box.indeterminate));
  await page.locator('[data-select-all]').check();
  await page.locator('[data-select-all]').uncheck();
  assert.ok(await page.locator('#bulk').isHidden());
});

journey('a live part hears of what happened before it listened', { server, as: 'tracer' }, async ({ page, open }) => {
  // the page is read, then something happens, then it listens
  await page.route('**/live?*', async (route) => {
    await post('/stage/change');
    await route.continue();
  }, { times: 1 });
  await open('/');
  const shown = () => page.locator('#board tbody tr').count();
  const before = await shown();
  await page.waitForFunction((count) => document.querySelectorAll('#board tbody tr').length === count, before + 1);
});

journey('a live part follows, keeps focus and ticks, waits for typing, reconnects', { server, as: 'tracer' }, async ({ page, open, faults }) => {
  await openRows(page, open);
  const rows = () => page.locator('#board tbody tr').count();
  const before = await rows();
  await page.locator('[name=key]').nth(1).check();
  await page.locator('#row-2 a').focus();
  await post('/stage/change');
  await page.waitForFunction((count) => document.querySelectorAll('#board tbody tr').length === count, before + 1);
  assert.ok(await page.locator('[name=key]').nth(1).isChecked());
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '/case/2');
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '/case/3');

  await post('/stage/drop');
  await page.waitForFunction(() => document.querySelector('[data-live-age]').textContent.startsWith('since '));
  await post('/stage/change');
  await page.waitForFunction((count) => document.querySelectorAll('#board tbody tr').length === count, before + 2);
  await page.waitForFunction(() => document.querySelector('[data-live-age]').textContent === 'live');
  faults.length = 0;

  // The session ends: nothing old is shown as current.
  await page.context().clearCookies();
  await post('/stage/change');
  await page.waitForFunction(() => document.querySelector('[data-live-age]').textContent === 'ended');
});

journey('the map draws, opens by key, hides a layer', { server }, async ({ page, open }) => {
  await open('/map');
  await page.waitForSelector('.map-place[data-ready]');
  assert.ok(await page.locator('[data-fallback]').isHidden());
  await page.locator('.map-place canvas').focus();
  await page.keyboard.press('Enter');
  assert.match(await page.locator('.maplibregl-popup').innerText(), /Facility 1\s+400 of 400/);
  assert.equal(await page.locator('.maplibregl-popup a').getAttribute('href'), '/case/8');
  assert.deepEqual(await axe(page), []);
  if (process.env.DAYCLEAR_KEEP) await page.screenshot({ path: `${process.env.DAYCLEAR_KEEP}/map.png` });
  await page.keyboard.press('Escape');
  await page.locator('input[data-layer=area]').uncheck();
  assert.deepEqual(await keyboardReaches(page), []);
});

journey('the map in the dark', { server, theme: 'dark', width: 320 }, async ({ page, open }) => {
  await open('/map');
  await page.waitForSelector('.map-place[data-ready]');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await noSidewaysScroll(page), []);
});

journey('chains draw, and answer to keys and buttons', { server }, async ({ page, open }) => {
  await open('/chains');
  await page.waitForSelector('.chains-place[data-ready="13"]');
  await page.locator('[data-chains=in]').click();
  await page.locator('.chains-place').focus();
  for (const key of ['+', 'ArrowLeft', '0']) await page.keyboard.press(key);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(await keyboardReaches(page), []);
  if (process.env.DAYCLEAR_KEEP) await page.screenshot({ path: `${process.env.DAYCLEAR_KEEP}/chains.png` });
});

journey('curves draw from a table and from JSON', { server }, async ({ page, open }) => {
  await open('/curve');
  await settle(page);
  await page.waitForSelector('.curve-place[data-ready="6"]');
  await page.waitForSelector('.curve-place[data-ready="3"]');
  assert.ok(await page.locator('figure table').first().isVisible());
  assert.deepEqual(await axe(page), []);
  if (process.env.DAYCLEAR_KEEP) await page.screenshot({ path: `${process.env.DAYCLEAR_KEEP}/curve.png` });
});

journey('days pass on the map by keys, by links and by themselves', { server }, async ({ page, open }) => {
  await open('/days');
  await page.waitForSelector('[data-drawn]');
  const drawn = (code) => page.locator(`path[data-code="${code}"]`);
  await page.locator('input[type=range]').focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('[data-now]').innerText(), 'day 0');
  assert.equal(await drawn(0).getAttribute('class'), 'region s-2');
  assert.equal(await drawn(0).locator('title').textContent(), 'A: 4');
  // What is not known is no nought.
  assert.equal(await drawn(1).getAttribute('class'), 'region none');
  assert.equal(await drawn(1).locator('title').textContent(), 'B: not known');
  assert.equal(await page.locator('circle[data-code="0"]').getAttribute('r'), String(26 * Math.sqrt(4 / 9)));
  assert.match(page.url(), /day=0$/);
  // A part that is asked for again asks for the day that is shown; the day that runs has no figures.
  await page.locator('a[data-day]').last().click();
  assert.equal(await page.locator('input[type=range]').inputValue(), '2');
  assert.equal(await page.locator('[data-label="0"] .sub').textContent(), '–');
  await page.locator('[data-play]').click();
  await page.waitForFunction(() => document.querySelector('[data-now]').textContent === 'day 1');
  await page.waitForFunction(() => document.querySelector('[data-play]').getAttribute('aria-pressed') === 'false');
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(await keyboardReaches(page), []);
});

test('without WebGL the picture of the server stays', async () => {
  const browser = await launch({ webgl: false });
  try {
    const page = await browser.newPage();
    await page.goto(new URL('/map', (await server()).url).href);
    await page.waitForTimeout(1_000);
    assert.ok(await page.locator('[data-fallback]').isVisible());
    assert.equal(await page.locator('.map-place').count(), 0);
  } finally {
    await browser.close();
  }
});
