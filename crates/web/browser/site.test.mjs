// The sampling site with the network taken away, in a real browser: what is filled is there once when the network is back, whatever
// happened in between; what a tube may not be is refused in words; another person on the phone sees nothing of it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cardHolds, addPerson, closeTube, openTube, readPerson, undoLast } from '../console/islands/site_tube.js';
import { accountOf, axe, journey, keyboardReaches, noSidewaysScroll, theServer } from './harness.mjs';
import { cuttable } from './network.mjs';
import { LANGUAGES, WIDTHS } from './session.mjs';

let reached;
const server = () => (reached ??= theServer().then(cuttable));
after(async () => (await reached?.catch(() => null))?.cut());

const part = (page, name) => page.locator(`[data-part="${name}"]`);
const text = async (page, name) => (await part(page, name).innerText()).trim();

async function api(at, who, path) {
  const answer = await fetch(new URL(path, at.url), { headers: { authorization: `Bearer ${accountOf(at, who).token}` } });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
const tubeOf = async (at, tube) => (await api(at, 'district', `/api/v1/tubes?tube=${tube}`)).rows;

/** Opens the page, chooses what is offered first without a round, and waits until the page can do without a network. */
async function begin(page, open, { size = '10' } = {}) {
  await open('/site');
  await part(page, 'setup').waitFor();
  await page.locator('#s-round').selectOption('');
  await page.locator('#s-purpose').selectOption('area_screening');
  await page.locator('#s-size').selectOption(size);
  await page.locator('#s-site').fill('Gate 3');
  await part(page, 'setup').locator('button').click();
  await part(page, 'start').waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(async () => (await caches.keys()).length === 1
    && (await (await caches.open((await caches.keys())[0])).keys()).length > 5));
}

async function openCode(page, code) {
  await page.locator('#s-tube').fill(code);
  await page.locator('#s-tube').press('Enter');
}
async function add(page, who) {
  const before = Number(await part(page, 'filled').textContent());
  await page.locator('#s-person').fill(who);
  await page.locator('#s-person').press('Enter');
  await page.waitForFunction((n) => Number(document.querySelector('[data-part=filled]').textContent) === n + 1, before);
}
async function fill(page, code, people) {
  await openCode(page, code);
  await part(page, 'tube').waitFor();
  for (const who of people) await add(page, who);
  await part(page, 'close').click();
  await part(page, 'start').waitFor();
}
/** Waits until the page says what is wrong. @param {RegExp} words */
const told = (page, words) => page.waitForFunction(
  ([source]) => new RegExp(source).test(document.querySelector('[data-part=wrong]').textContent),
  [words.source],
);
async function refuses(page, who, words) {
  await page.locator('#s-person').fill(who);
  await page.locator('#s-person').press('Enter');
  await told(page, words);
}

test('the rules of a tube, by themselves', () => {
  assert.ok(cardHolds('50040119770608003X') && !cardHolds('500401197706080031'));
  for (const [read, expected] of [
    ['P001', { who: { person: 'P001' } }],
    ['50040119770608003x', { who: { document: '50040119770608003X' } }],
    [' 500401 19770608 003X ', { who: { document: '50040119770608003X' } }],
    ['500401197706080031', { wrong: 'card' }],
    ['50040119770608003', { wrong: 'card' }],
    ['H:H01', { wrong: 'household' }],
    ['', { wrong: 'nothing' }],
    ['a'.repeat(65), { wrong: 'unreadable' }],
  ]) assert.deepEqual(readPerson(read), expected, read);
  assert.deepEqual(readPerson('e1234567', 'document'), { who: { document: 'E1234567' } });
  const { tube } = openTube(' N 1 ', 2);
  assert.equal(tube.tube, 'N1');
  assert.deepEqual(closeTube(tube, {}, {}), { wrong: 'empty' });
  const one = addPerson(tube, { person: 'P1' }).tube;
  assert.deepEqual(addPerson(one, { person: 'P1' }), { wrong: 'twice' });
  assert.deepEqual(addPerson(one, { person: 'N1' }), { wrong: 'tube-code' });
  assert.deepEqual(addPerson(one, { person: 'P2' }, true), { wrong: 'seen' });
  const two = addPerson(one, { document: 'P1' }).tube;
  assert.deepEqual(addPerson(two, { person: 'P3' }), { wrong: 'full' });
  assert.deepEqual(undoLast(two).people, one.people);
  const chosen = { division: '500103', purpose: 'community', site: '', round: null };
  const again = { ...two, taken: { wall_ms: 1 }, anchor: null };
  const stamp = { record: 'r', taken: { wall_ms: 2 }, anchor: { server_ms: 3 } };
  assert.equal(closeTube(again, chosen, stamp).record.taken.wall_ms, 1, 'what was closed first keeps its time');
  assert.equal(closeTube(two, chosen, stamp).record.anchor.server_ms, 3);
});

journey('two tubes without a network, the page closed and opened: all there exactly once', { server, as: 'community' }, async ({ page, context, open, server: at }) => {
  await begin(page, open);
  await at.cut();
  await context.setOffline(true);
  await fill(page, 'OFF1', ['OX01', 'OX02', 'OX03']);
  assert.match(await text(page, 'done'), /OFF1.*closed.*3/);
  assert.match(await text(page, 'net'), /No network/);
  await openCode(page, 'OFF2');
  await part(page, 'tube').waitFor();
  await add(page, 'OX04');
  // closed in the middle of a tube, and opened again: still without a network
  await page.close();
  const again = await context.newPage();
  await again.goto(new URL('/site', at.url).href);
  await part(again, 'tube').waitFor();
  assert.equal(await text(again, 'code'), 'OFF2');
  assert.match(await text(again, 'count'), /not yet sent: 1/);
  await add(again, '110101199003077715');
  assert.ok(!(await again.locator('main').innerText()).includes('110101199003077715'), 'a document number stands nowhere whole');
  await part(again, 'close').click();
  await part(again, 'start').waitFor();
  assert.match(await text(again, 'count'), /not yet sent: 2/);
  await at.mend();
  await context.setOffline(false);
  await part(again, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  for (const [code, members] of [['OFF1', 3], ['OFF2', 2]]) {
    const [row, ...more] = await tubeOf(at, code);
    assert.deepEqual([row.members, more.length, row.given_by !== null], [members, 0, true]);
    assert.ok(row.within_s <= 600, `${row.within_s}`);
  }
  // nothing of it is left on the phone, and nothing but the shell was ever kept by the worker
  const left = await again.evaluate(async () => {
    const db = await new Promise((resolve) => { indexedDB.open('dayclear-site').onsuccess = ({ target }) => resolve(target.result); });
    const all = (store) => new Promise((resolve) => { db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result); });
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    const urls = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    return { kept: [await all('queue'), await all('open')], seen: JSON.stringify(await all('seen')), urls, page: await (await cache.match('/site')).text() };
  });
  assert.deepEqual(left.kept, [[], []]);
  assert.ok(!/OX0|1101011/.test(left.seen));
  assert.ok(left.urls.every((path) => path === '/site' || path.startsWith('/assets/')), left.urls.join(' '));
  assert.ok(!left.page.includes('name="csrf"') && !left.page.includes('class="account"'), 'the shell tells of nobody');
});

journey('an answer is lost, and two tabs send: taken once', { server, as: 'community' }, async ({ page, context, open, server: at }) => {
  await begin(page, open);
  at.lose('POST /api/v1/site/tubes');
  await fill(page, 'LOST1', ['LX01', 'LX02']);
  await page.waitForFunction(() => /No network/.test(document.querySelector('[data-part=net]').textContent));
  assert.match(await text(page, 'count'), /not yet sent: 1/);
  const [there] = await tubeOf(at, 'LOST1');
  assert.equal(there.members, 2, 'the server has it already');
  at.lose('');
  const other = await context.newPage();
  await other.goto(new URL('/site', at.url).href);
  await Promise.all([part(page, 'send').click().catch(() => {}), part(other, 'kept').waitFor({ state: 'hidden', timeout: 60_000 })]);
  await part(page, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  const rows = await tubeOf(at, 'LOST1');
  assert.deepEqual([rows.length, rows[0].members, rows[0].collected_at], [1, 2, there.collected_at]);
});

journey('what a tube may not be is refused in words', { server, as: 'community' }, async ({ page, open, server: at }) => {
  await begin(page, open);
  await openCode(page, 'FULL1');
  await part(page, 'tube').waitFor();
  await part(page, 'close').click();
  await told(page, /Nobody is in this tube/);
  await add(page, 'FX01');
  await refuses(page, 'FX01', /in this tube already/);
  await refuses(page, '500401197706080031', /wrong/);
  await refuses(page, 'H:H01', /household/);
  await part(page, 'undo').click();
  await page.waitForFunction(() => document.querySelector('[data-part=filled]').textContent === '0');
  for (let n = 1; n <= 10; n += 1) await add(page, `FX${String(n).padStart(2, '0')}`);
  await refuses(page, 'FX11', /full \(10\)/);
  assert.equal(await part(page, 'filled').textContent(), '10');
  await part(page, 'close').click();
  await part(page, 'start').waitFor();
  // the same tube, and the same person in the next one
  await openCode(page, 'FULL1');
  await told(page, /used on this phone/);
  await openCode(page, 'FULL2');
  await part(page, 'tube').waitFor();
  await refuses(page, 'FX03', /in this round on this phone already/);
  await part(page, 'change').click();
  await told(page, /A tube is open/);
  await part(page, 'empty').click();
  await part(page, 'start').waitFor();
  // a tube that somebody else has used: the server says so, and it waits here to be put right
  const used = (await api(at, 'district', '/api/v1/tubes?limit=500')).rows.find((one) => one.given_by === null);
  await fill(page, used.tube, ['FX20', 'FX21']);
  await part(page, 'right').waitFor();
  assert.match(await text(page, 'right-list'), /Another tube has the code/);
  assert.deepEqual(await axe(page), []);
  await part(page, 'right-list').locator('button').first().click();
  await part(page, 'tube').waitFor();
  assert.equal(await part(page, 'filled').textContent(), '2');
  await part(page, 'people').locator('button').first().click();
  await page.waitForFunction(() => document.querySelector('[data-part=filled]').textContent === '1');
  await part(page, 'undo').click();
  await part(page, 'empty').click();
  await part(page, 'start').waitFor();
});

journey('somebody else on the phone sees nothing of it, and it is not lost', { server, as: 'community' }, async ({ page, context, open, server: at, login }) => {
  await begin(page, open);
  await at.cut();
  await fill(page, 'MINE1', ['MX01']);
  // the page is left before there is a network, or it would send it by itself
  await page.goto('about:blank');
  await at.mend();
  // signed out in the console before it was sent
  await open('/');
  const mine = await context.cookies(at.url);
  await page.evaluate(() => localStorage.removeItem('dayclear-site-here'));
  await context.clearCookies();
  await login(page, 'district');
  await open('/site');
  await part(page, 'foreign').waitFor();
  assert.match(await text(page, 'foreign'), /somebody else.*: 1/);
  assert.ok(!(await page.locator('main').innerText()).includes('MINE1'));
  assert.equal((await tubeOf(at, 'MINE1')).length, 0);
  // the one whose it is comes back
  await context.clearCookies();
  await context.addCookies(mine);
  await open('/site');
  await part(page, 'work').waitFor();
  await page.waitForFunction(() => document.querySelector('[data-part=kept]').hidden, undefined, { timeout: 60_000 });
  assert.equal((await tubeOf(at, 'MINE1'))[0].members, 1);
});

/** A camera that shows a drawn picture, and a detector that reads what lies before it: `hold(code)` puts a code there. */
function seesCodes({ camera = true } = {}) {
  globalThis.seen = { before: null, streams: [], formats: null };
  globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ['qr_code', 'code_128', 'pdf417']; }
    constructor({ formats }) { globalThis.seen.formats = formats; }
    async detect(video) {
      if (video.readyState < 2 || !globalThis.seen.before) return [];
      return [{ rawValue: globalThis.seen.before }];
    }
  };
  Object.defineProperty(navigator, 'mediaDevices', { value: {
    async getUserMedia({ video }) {
      if (!camera) throw new DOMException('nobody allowed it', 'NotAllowedError');
      if (video.facingMode !== 'environment') throw new TypeError('not the camera at the back');
      const canvas = document.createElement('canvas');
      const draw = () => { canvas.getContext('2d').fillRect(Math.random() * 200, 0, 40, 40); };
      draw();
      setInterval(draw, 40);
      const stream = canvas.captureStream(25);
      globalThis.seen.streams.push(stream);
      return stream;
    },
  } });
}
const runs = (page) => page.evaluate(() => globalThis.seen.streams.filter((stream) => stream.active).length);

journey('codes are read by the camera, without a network, and it is off afterwards', { server, as: 'community' }, async ({ page, context, open, server: at }) => {
  await context.addInitScript(seesCodes);
  await begin(page, open);
  await at.cut();
  await context.setOffline(true);
  assert.deepEqual(await page.evaluate(() => globalThis.seen.formats), ['qr_code', 'code_128']);
  const scan = async (button, code) => {
    await page.evaluate((text) => { globalThis.seen.before = text; }, code);
    await part(page, button).click();
    await part(page, 'camera').waitFor({ state: 'hidden' });
  };
  await scan('scan-tube', 'CAM1');
  await part(page, 'tube').waitFor();
  assert.equal(await text(page, 'code'), 'CAM1');
  await scan('scan-person', 'KC01');
  await page.waitForFunction(() => document.querySelector('[data-part=filled]').textContent === '1');
  await scan('scan-person', 'KC01');
  await told(page, /in this tube already/);
  await scan('scan-person', 'H:H01');
  await told(page, /household/);
  assert.equal(await runs(page), 0, 'no camera runs on');
  // closed without a code: nothing is added, and the camera is off
  await page.evaluate(() => { globalThis.seen.before = null; });
  await part(page, 'scan-person').click();
  await part(page, 'camera').waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await runs(page), 1);
  await part(page, 'camera').locator('button').click();
  await part(page, 'camera').waitFor({ state: 'hidden' });
  await page.waitForFunction(() => globalThis.seen.streams.every((stream) => !stream.active));
  assert.equal(await part(page, 'filled').textContent(), '1');
  await part(page, 'close').click();
  await part(page, 'start').waitFor();
  await at.mend();
  await context.setOffline(false);
  await part(page, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  assert.equal((await tubeOf(at, 'CAM1'))[0].members, 1);
});

journey('a camera that nobody allowed is said, and a browser without one offers none', { server, as: 'community' }, async ({ page, context, open }) => {
  await context.addInitScript(seesCodes, { camera: false });
  await begin(page, open);
  await part(page, 'scan-tube').click();
  await told(page, /camera cannot be used/);
  await openCode(page, 'CAM2');
  await part(page, 'tube').waitFor();
  await part(page, 'empty').click();
  await part(page, 'start').waitFor();
  const other = await context.newPage();
  await other.addInitScript(() => { delete globalThis.BarcodeDetector; });
  await other.goto(page.url());
  await part(other, 'start').waitFor();
  assert.equal(await part(other, 'scan-tube').isVisible(), false);
});

journey('the whole of it by keyboard alone', { server, as: 'community' }, async ({ page, open, server: at }) => {
  await begin(page, open);
  await page.locator('#s-tube').focus();
  await page.keyboard.type('KEYS1');
  await page.keyboard.press('Enter');
  await part(page, 'tube').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 's-person');
  for (const who of ['KX01', 'KX02']) {
    const before = Number(await part(page, 'filled').textContent());
    await page.keyboard.type(who);
    await page.keyboard.press('Enter');
    await page.waitForFunction((n) => Number(document.querySelector('[data-part=filled]').textContent) === n + 1, before);
  }
  const tabTo = async (name) => {
    for (let press = 0; press < 20; press += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement.dataset.part === wanted, name)) return;
    }
    throw new Error(`${name} is not reached by Tab`);
  };
  await tabTo('close');
  await page.keyboard.press('Enter');
  await part(page, 'start').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 's-tube');
  await part(page, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  assert.equal((await tubeOf(at, 'KEYS1'))[0].members, 2);
});

journey('a sheet is entered with its time, and one that cannot be comes back', { server, as: 'community' }, async ({ page, open, server: at }) => {
  const day = (await api(at, 'district', '/api/v1/tubes?limit=1')).rows[0].collected_at.slice(0, 10);
  await open('/site/enter');
  const send = () => Promise.all([page.waitForEvent('load'), page.locator('main form button').click()]);
  const give = async (tube, time, people) => {
    await page.locator('#e-round').selectOption('');
    await page.locator('#e-purpose').selectOption('community');
    await page.locator('#e-size').selectOption('5');
    await page.locator('#e-tube').fill(tube);
    await page.locator('#e-at').fill(time);
    await page.locator('#e-people').fill(people);
    await send();
  };
  const wrong = () => page.locator('[role=alert]').innerText();
  await give('SHEET1', `${Number(day.slice(0, 4)) + 1}${day.slice(4)}T09:00`, 'SX01');
  assert.match(await wrong(), /future/);
  assert.equal(await page.locator('#e-people').inputValue(), 'SX01', 'what was typed is kept');
  await give('SHEET1', `${day}T06:00`, 'SX01\nSX02\nSX01');
  assert.match(await wrong(), /SX01 is in the tube twice/);
  await give('SHEET1', `${day}T06:00`, 'SX01\nH:H01');
  assert.match(await wrong(), /household/);
  await give('SHEET1', `${day}T06:00`, 'SX01\nSX02\n110101199003077715');
  assert.match(await page.locator('.note.good').innerText(), /SHEET1 is entered.*3/);
  assert.deepEqual(await axe(page), []);
  const [row] = await tubeOf(at, 'SHEET1');
  assert.deepEqual([row.members, row.within_s, row.collected_at.slice(11, 16)], [3, 0, '06:00']);
  assert.ok(!page.url().includes('SX01'));
  await give('SHEET1', `${day}T06:10`, 'SX03');
  assert.match(await wrong(), /Another tube has the code SHEET1/);
  await page.locator('input[name=doubled]').check();
  await send();
  assert.match(await page.locator('.note.good').innerText(), /SHEET1 is entered/);
});

for (const lang of LANGUAGES) {
  for (const width of Object.values(WIDTHS)) {
    journey(`the open tube is clean: ${lang}, ${width} px`, { server, as: 'community', lang, width }, async ({ page, open }) => {
      await open('/site');
      await part(page, 'setup').waitFor();
      assert.deepEqual(await axe(page), []);
      await page.locator('#s-round').selectOption('');
      await page.locator('#s-purpose').selectOption('area_screening');
      await part(page, 'setup').locator('button').click();
      await part(page, 'start').waitFor();
      await openCode(page, `C${lang}${width}`);
      await part(page, 'tube').waitFor();
      await add(page, `C${lang}${width}P`);
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(await noSidewaysScroll(page, width), []);
      assert.deepEqual(await keyboardReaches(page), []);
    });
  }
}
