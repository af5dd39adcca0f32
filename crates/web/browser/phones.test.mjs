// The pages of drivers and tracers with the network taken away, in a real browser: what was reported or told is there once when the network
// is back; a page holds nothing of anybody in what its worker keeps, and forgets its people when somebody leaves the phone. One file,
// because each file has a city of its own to make.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { answers, days, names, typed, without } from '../console/islands/interviews_told.js';
import { isOnRoad, runOf, standing, stepsOf } from '../console/islands/trip_stops.js';
import { accountOf, axe, journey, keyboardReaches, noSidewaysScroll, theServer } from './harness.mjs';
import { cuttable } from './network.mjs';
import { LANGUAGES, WIDTHS } from './session.mjs';

let reached;
const server = () => (reached ??= theServer().then(cuttable));
after(async () => (await reached?.catch(() => null))?.cut());

const part = (page, name) => page.locator(`[data-part="${name}"]`);
const shown = (page, name) => part(page, name).waitFor({ state: 'visible', timeout: 30_000 });

async function transfer(at, id) {
  const { token } = accountOf(at, 'driver');
  const answer = await fetch(new URL(`/api/v1/transfers/${encodeURIComponent(id)}`, at.url), { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${id} answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

test('the rules of a trip, by themselves', () => {
  const stop = (transfer, at_ms, state = 'booked', door = 'A') => ({ transfer, state, at_ms, door, name: transfer });
  const trips = [{ id: 'T1', departs_ms: 10, stops: [stop('a', 20), stop('b', 20), stop('c', 30, 'booked', 'B')] }];
  let run = runOf(trips, []);
  assert.deepEqual([run.next.people.length, run.later.length, run.aboard.length], [2, 1, 0], 'who waits at one door is one stop');
  const said = (transfer, step) => ({ transfer, step });
  run = runOf(trips, [said('a', 'no_answer'), said('b', 'refused')]);
  assert.equal(run.next.people[0].transfer, 'c', 'a door where everybody was tried waits behind the others');
  run = runOf(trips, [said('a', 'no_answer'), said('a', 'picked_up'), said('a', 'worse'), said('a', 'handed_over')]);
  assert.deepEqual(run.aboard.map(({ stop: { state, tried, worse } }) => [state, tried, worse]), [['handed_over', null, true]]);
  assert.equal(standing(stop('a', 20), [said('a', 'handed_over')]).state, 'booked', 'nobody is handed over who was not picked up');
  assert.deepEqual(stepsOf('handed_over'), [], 'nothing that a crew does admits anybody');
  assert.ok(!isOnRoad(runOf(trips, []), 9) && isOnRoad(runOf(trips, []), 10));
  assert.ok(!isOnRoad(runOf([{ id: 'T', departs_ms: 10, stops: [stop('a', 20, 'handed_over')] }], []), 99));
});

for (const lang of LANGUAGES) {
  for (const width of Object.values(WIDTHS)) {
    journey(`the driver's page is clean: ${lang}, ${width} px`, { server, as: 'driver', lang, width }, async ({ page, open }) => {
      await open('/trip');
      await shown(page, 'work');
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(await noSidewaysScroll(page, width), []);
    });
  }
}

// the last one of a driver: it leaves the phone, and with it the session
journey('reported without a network, the page closed and opened: there once, and no admission', { server, as: 'driver' }, async ({ page, context, open, server: at }) => {
  await open('/trip');
  await shown(page, 'work');
  const next = part(page, 'next');
  if (await next.isHidden()) return; // the day of the demo has no open trip for this vehicle
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(async () => (await caches.keys()).some((name) => name.startsWith('trip-'))));
  const id = await page.evaluate(async () => (await (await fetch('/trip/here')).json()).trips.flatMap(({ stops }) => stops).find(({ state }) => state === 'booked').transfer);
  await at.cut();
  await context.setOffline(true);
  await part(page, 'next-stop').locator('.road-person .site-close').first().click();
  await shown(page, 'kept');
  assert.match(await part(page, 'net').innerText(), /No network/);
  await page.close();
  const again = await context.newPage();
  await again.goto(new URL('/trip', at.url).href);
  await shown(again, 'aboard');
  assert.match(await part(again, 'count').innerText(), /not yet sent: 1/);
  await at.mend();
  await context.setOffline(false);
  await part(again, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  const row = await transfer(at, id);
  assert.deepEqual([row.state, row.admitted_at ?? null], ['underway', null]);
  const left = await again.evaluate(async () => {
    const name = (await caches.keys()).find((one) => one.startsWith('trip-'));
    const cache = await caches.open(name);
    return { urls: (await cache.keys()).map(({ url }) => new URL(url).pathname), page: await (await cache.match('/trip')).text() };
  });
  assert.ok(left.urls.every((path) => path === '/trip' || path.startsWith('/assets/')), left.urls.join(' '));
  assert.ok(!left.page.includes('name="csrf"') && !left.page.includes('class="account"'), 'the shell tells of nobody');
  await again.locator('details.fold summary').first().click();
  await part(again, 'leave').click();
  await again.waitForFunction(async () => {
    const db = await new Promise((resolve) => { indexedDB.open('dayclear-trip').onsuccess = ({ target }) => resolve(target.result); });
    return new Promise((resolve) => { db.transaction('trips').objectStore('trips').count().onsuccess = ({ target }) => resolve(target.result === 0); });
  });
});

async function answersTo(at, question) {
  const { token } = accountOf(at, 'tracer');
  const answer = await fetch(new URL(`/api/v1/answers?question=${question}&limit=500`, at.url), { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`answers: ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).rows;
}

test('the rules of an interview, by themselves', () => {
  const sheet = {
    parts: [{ questions: [
      { id: 'a', version: '2', word: 'A?', options: [['x', 'X'], ['y', 'Y']] },
      { id: 'b', version: '1', word: 'B?', options: [] },
    ] }],
    days: [{ day: '2022-11-19', word: '19 November' }],
  };
  const say = (key, values) => `${key} ${Object.values(values).join(' ')}`;
  const draft = { 'q:a': ['x', 'y'], 'q:b': ' ', 'd:2022-11-19:place': 'N7', 'd:2022-11-19:people': 'P1，13800000000、P3', 'd:2022-11-19:class': 'other' };
  const [one, ...none] = answers(sheet, draft);
  assert.deepEqual([one.said.answer, one.about, none.length], [{ question: 'a', version: '2', answer: 'x;y' }, 'A?: X, Y', 0]);
  const told = days(sheet, draft, say);
  assert.deepEqual(told.map(({ said: { stay, met } }) => stay?.place ?? met.who), ['N7', 'P1', '13800000000', 'P3']);
  assert.deepEqual([told[1].said.met.class, told[1].said.met.setting, told[1].said.met.last], ['other', 'N7', '2022-11-19']);
  assert.deepEqual(days(sheet, {}, say), []);
  assert.deepEqual(Object.keys(without(draft, 'd')), ['q:a', 'q:b']);
  assert.equal(typed({ 'd:2022-11-19:people': 'P1' }, told[2].said)['d:2022-11-19:people'], 'P1 13800000000', 'what is to be put right joins what is typed');
  assert.deepEqual(names(' a;b\n c，d '), ['a', 'b', 'c', 'd']);
});

for (const lang of LANGUAGES) {
  for (const width of Object.values(WIDTHS)) {
    journey(`an interview is clean: ${lang}, ${width} px`, { server, as: 'tracer', lang, width }, async ({ page, open }) => {
      await open('/interviews');
      await shown(page, 'list');
      assert.deepEqual(await axe(page), []);
      await part(page, 'cases').locator('button').first().click();
      await shown(page, 'case');
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(await noSidewaysScroll(page, width), []);
      if (lang === 'en') assert.deepEqual(await keyboardReaches(page), []);
    });
  }
}

// the last one of a tracer, for the same reason
journey('told without a network, the page closed and opened: there once', { server, as: 'tracer' }, async ({ page, context, open, server: at }) => {
  await open('/interviews');
  await shown(page, 'list');
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(async () => (await caches.keys()).some((name) => name.startsWith('interviews-'))));
  const before = (await answersTo(at, 'source')).length;
  await at.cut();
  await context.setOffline(true);
  await part(page, 'cases').locator('button').first().click();
  const source = part(page, 'questions').locator('[name="q:source"]');
  await source.waitFor();
  const kind = await source.evaluate((control) => control.localName);
  if (kind === 'select') await source.selectOption({ index: 1 });
  else await source.fill('a meal on Friday');
  await part(page, 'days').locator('[name$=":people"]').first().fill('13900000000');
  await part(page, 'questions').locator('button').click();
  await shown(page, 'kept');
  assert.match(await part(page, 'net').innerText(), /No network/);
  await page.close();
  const again = await context.newPage();
  await again.goto(new URL('/interviews', at.url).href);
  await shown(again, 'list');
  assert.match(await part(again, 'count').innerText(), /not yet sent: 1/);
  await part(again, 'cases').locator('button').first().click();
  await shown(again, 'case');
  const people = part(again, 'days').locator('[name$=":people"]').first();
  assert.equal(await people.inputValue(), '13900000000', 'what is typed outlives the page');
  await at.mend();
  await context.setOffline(false);
  await part(again, 'kept').waitFor({ state: 'hidden', timeout: 60_000 });
  assert.equal((await answersTo(at, 'source')).length, before + 1, 'there once');
  // nobody has this telephone: it stays, and goes back into the form
  await part(again, 'days').locator('button').click();
  await shown(again, 'right');
  assert.match(await part(again, 'right-list').innerText(), /Nobody on the roster/);
  await part(again, 'right-list').getByRole('button', { name: 'Correct' }).click();
  await part(again, 'right').waitFor({ state: 'hidden' });
  assert.equal(await people.inputValue(), '13900000000');
  const left = await again.evaluate(async () => {
    const name = (await caches.keys()).find((one) => one.startsWith('interviews-'));
    const cache = await caches.open(name);
    return { urls: (await cache.keys()).map(({ url }) => new URL(url).pathname), page: await (await cache.match('/interviews')).text() };
  });
  assert.ok(left.urls.every((path) => path === '/interviews' || path.startsWith('/assets/')), left.urls.join(' '));
  assert.ok(!left.page.includes('name="csrf"') && !left.page.includes('class="account"'), 'the shell tells of nobody');
  await again.locator('details.fold summary').first().click();
  await part(again, 'leave').click();
  await again.waitForFunction(async () => {
    const db = await new Promise((resolve) => { indexedDB.open('dayclear-interviews').onsuccess = ({ target }) => resolve(target.result); });
    const counts = ['cases', 'drafts'].map((name) => new Promise((resolve) => {
      db.transaction(name).objectStore(name).count().onsuccess = ({ target }) => resolve(target.result);
    }));
    return (await Promise.all(counts)).every((count) => count === 0);
  });
});
