// People at work: what happens at one desk is seen at the next. Evidence of machines comes by the API, as theirs would.
import assert from 'node:assert/strict';
import { accountOf, freshCode, journey } from './harness.mjs';

/** Asks the API as an account's machine does. */
async function api(server, who, path, body) {
  const answer = await fetch(new URL(path, server.url), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${accountOf(server, who).token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text.slice(0, 600)}`);
  return JSON.parse(text);
}

/** Sends a form of the page by a button, and waits for the page that answers. */
const send = (page, button) => Promise.all([page.waitForEvent('load'), button.click()]);

journey('a laboratory posts a positive tube and its members are recalled', { as: 'district' }, async ({ page, server, open }) => {
  const lab = accountOf(server, 'laboratory');
  const district = accountOf(server, 'district').division;
  const tubes = await api(server, 'laboratory', '/api/v1/tubes?limit=500&finding=none');
  const tube = tubes.rows.find((one) => one.members > 1 && one.received_at && one.division.startsWith(district))
    ?? tubes.rows.find((one) => one.members > 1 && one.received_at);
  assert.ok(tube, 'the laboratory of the demo has no pool without a result');
  const clock = await api(server, 'laboratory', '/api/v1/results?limit=1');
  await api(server, 'laboratory', '/api/v1/evidence/results', {
    laboratory: lab.site,
    tube: tube.tube,
    version: 'F',
    finding: 'positive',
    ct_n: 27.5,
    ct_orf: 28.1,
    reported_at: clock.rows[0].reported_at,
  });
  // the members are pending at once, by name, wherever they live
  const items = await api(server, 'city', '/api/v1/items?worklist=recall&open=true&sort=opened&limit=500');
  const recalled = items.rows.filter((item) => item.subject.startsWith(`${tube.tube}/`));
  assert.equal(recalled.length, tube.members, `${recalled.length} of ${tube.members} members are recalled`);
  const own = recalled.find((item) => item.division.startsWith(district));
  if (own) {
    await open(`/items/${encodeURIComponent(own.id)}`);
    assert.ok((await page.locator('main').innerText()).includes(own.subject.split('/')[1]));
  }
});

journey('two dispatchers take the last bed and one is told who has it', { as: 'dispatcher' }, async ({ page, server, open }) => {
  const booked = (await api(server, 'dispatcher', '/api/v1/transfers?state=booked&limit=100')).rows;
  const [one, other] = booked.filter((transfer) => transfer.class === booked[0]?.class && transfer.bed);
  assert.ok(one && other, 'the journey needs two people with a bed that is held');
  await api(server, 'dispatcher', `/api/v1/transfers/${encodeURIComponent(one.id)}/release`, { reason: 'The bed is needed again.' });
  await open(`/transfers/${encodeURIComponent(one.id)}`);
  const claim = page.locator('button[name="claim:bed"]').first();
  const bed = await claim.getAttribute('value');
  await Promise.all([page.waitForEvent('load'), claim.click()]);
  const held = await api(server, 'dispatcher', `/api/v1/beds/${encodeURIComponent(bed)}`);
  assert.equal(held.transfer, one.id, 'the bed is held for the first');
  // the second asks for the same bed, a moment later
  const answer = await fetch(new URL(`/api/v1/transfers/${encodeURIComponent(other.id)}/claim`, server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${accountOf(server, 'dispatcher').token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ bed }),
  });
  const problem = await answer.json();
  assert.equal(answer.status, 409, JSON.stringify(problem));
  assert.ok(problem.detail.includes(bed) && problem.detail.includes(accountOf(server, 'dispatcher').account) || problem.detail.includes(one.id),
    `the second is told who has it: ${problem.detail}`);
});

journey('a resident makes a request and a worker answers it', {}, async ({ page, server, open, another }) => {
  await open('/public/request');
  await page.locator('input[name=kind][value=food]').check();
  const division = accountOf(server, 'community').division;
  await page.locator('select[name=place]').selectOption(division);
  await page.locator('textarea[name=text]').fill('Rice for two days, please.');
  await send(page, page.locator('form.ask button'));
  let body = await page.locator('main').innerText();
  let number = /\bR[\w-]{3,}\b|\b[QP][\w-]{5,}\b/.exec(body)?.[0];
  if (!number) {
    // the place may be asked for more exactly
    const street = page.locator('select[name=place] optgroup option').first();
    if ((await street.count()) > 0) {
      await page.locator('select[name=place]').selectOption(await street.getAttribute('value'));
      await send(page, page.locator('form.ask button'));
      body = await page.locator('main').innerText();
    }
  }
  const open_ = await api(server, 'community', '/api/v1/requests?open=true&kind=food&limit=100');
  const made = open_.rows.find((one) => one.text === 'Rice for two days, please.');
  assert.ok(made, `the request is not in the worker's list; the page said: ${body.slice(0, 300)}`);
  assert.ok(body.includes(made.request), 'the resident is told the number');
  const worker = await another('community');
  await worker.goto(new URL(`/requests/${encodeURIComponent(made.request)}`, server.url).href);
  assert.ok((await worker.locator('main').innerText()).includes('Rice for two days'));
  await api(server, 'community', `/api/v1/requests/${encodeURIComponent(made.request)}/answer`, {
    answer: 'Brought to the door.',
    confirmed: 'yes',
  });
  const after = await api(server, 'community', `/api/v1/requests/${encodeURIComponent(made.request)}`);
  assert.equal(after.open, false);
});

journey('a correction of a result opens its review', {}, async ({ server }) => {
  const lab = accountOf(server, 'laboratory');
  const tubes = await api(server, 'laboratory', '/api/v1/tubes?limit=500&finding=positive');
  const single = tubes.rows.find((one) => one.size === 1) ?? tubes.rows[0];
  assert.ok(single, 'the laboratory of the demo has no positive tube');
  await api(server, 'laboratory', '/api/v1/evidence/results', {
    laboratory: lab.site,
    tube: single.tube,
    version: 'C',
    finding: 'negative',
    reported_at: single.reported_at,
  });
  const items = await api(server, 'city', '/api/v1/items?worklist=review&open=true&limit=500');
  assert.ok(items.rows.some((item) => item.subject === single.tube), 'no review of the corrected tube');
});

journey('a tracer lists contacts', { as: 'tracer' }, async ({ page, server, open }) => {
  await open('/contacts');
  const line = page.locator('#investigate tbody tr').first();
  const name = (await line.locator('a.id').innerText()).trim();
  const before = Number(await line.locator('td.n').innerText());
  await send(page, line.locator('a.id'));
  const main = page.locator('main');
  assert.equal((await page.locator('section[aria-labelledby=contacts] tbody tr').count()), before, 'both pages count the same');
  // whom the case has met: two people of the roster who are no contacts of it yet, known to the tracer by what they say
  const known = await api(server, 'district', `/api/v1/contacts?case_id=${encodeURIComponent(name)}&limit=500`);
  const taken = new Set(known.rows.map((contact) => contact.person));
  const roster = await api(server, 'district', '/api/v1/people?limit=200');
  const met = roster.rows.filter((person) => !taken.has(person.person)).slice(0, 2).map((person) => person.person);
  assert.equal(met.length, 2);
  const day = (await api(server, 'district', `/api/v1/cases/${encodeURIComponent(name)}`)).sampled_at.slice(0, 10);
  for (const [at, person] of met.entries()) {
    await page.locator(`input[name="${at + 1}:person"]`).fill(person);
    await page.locator(`select[name="${at + 1}:class"]`).selectOption('shared_space');
    await page.locator(`input[name="${at + 1}:first_exposure"]`).fill(day);
    await page.locator(`input[name="${at + 1}:setting"]`).fill('Dinner');
  }
  // what is missing is told, and nothing of the form is lost or taken
  await page.locator('input[name="2:first_exposure"]').fill('');
  await send(page, page.locator('section[aria-labelledby=enter] form button'));
  assert.ok(await page.locator('[role=alert]').count(), 'the fault is told');
  assert.equal(await page.locator('input[name="1:person"]').inputValue(), met[0]);
  assert.equal(await page.locator('section[aria-labelledby=contacts] tbody tr').count(), before, 'all are taken, or none');
  await page.locator('input[name="2:first_exposure"]').fill(day);
  await send(page, page.locator('section[aria-labelledby=enter] form button'));
  assert.ok((await page.locator('.note.good').innerText()).includes('2'), 'two are taken');
  // the line runs and the page keeps itself current
  for (const person of met) await page.locator('section[aria-labelledby=contacts] tbody', { hasText: person }).waitFor({ timeout: 120_000 });
  await open('/contacts');
  const after = page.locator('#investigate tbody tr', { has: page.locator(`a.id:text-is("${name}")`) });
  if (await after.count()) assert.equal(Number(await after.locator('td.n').innerText()), before + 2);
  await open(`/cases/${encodeURIComponent(name)}`);
  for (const person of met) assert.ok((await main.innerText()).includes(person), `${person} is not on the page of ${name}`);
  // what is assigned to nobody or to somebody else does not exist for a tracer
  const own = new Set((await api(server, 'tracer', '/api/v1/cases?limit=500')).rows.map((one) => one.id));
  const other = (await api(server, 'district', '/api/v1/cases?limit=500')).rows.find((one) => !own.has(one.id));
  assert.ok(other, 'every case of the district is assigned to the one tracer');
  for (const path of ['/cases/', '/contacts/cases/']) {
    assert.equal((await open(path + encodeURIComponent(other.id))).status(), 404, path);
  }
});

journey('a facility admits, and both ends see it', { as: 'facility' }, async ({ page, server, open, another }) => {
  await open('/transfers');
  const rows = page.locator('#arrivals tbody tr');
  const due = await rows.count();
  const site = accountOf(server, 'facility').site;
  // somebody of the district whose dispatcher sends them
  const [sent] = (await api(server, 'dispatcher', `/api/v1/transfers?facility=${site}&state=booked,underway&limit=500`)).rows;
  assert.ok(sent, 'nobody of the district is on the way to the facility of the demo');
  const { id, bed } = sent;
  const path = `/transfers/${encodeURIComponent(id)}`;
  const row = page.locator('#arrivals tbody tr', { hasText: bed });
  assert.equal(await row.locator('th a').getAttribute('href'), path);
  assert.match(await row.locator('td').first().innerText(), /\d\d:\d\d/, 'it says when they are due');
  const sender = await another('dispatcher');
  const state = async () => {
    await sender.goto(new URL(path, server.url).href);
    return sender.locator('main').innerText();
  };
  const before = await state();
  assert.ok(before.includes(bed), 'the dispatcher sees for which bed they left');
  assert.notEqual((await api(server, 'dispatcher', `/api/v1/beds/${encodeURIComponent(bed)}`)).state, 'occupied');
  await send(page, row.locator('button'));
  assert.equal(await rows.count(), due - 1, 'they are not due any more');
  assert.ok(!(await page.locator('#arrivals tbody').allInnerTexts()).join().includes(bed));
  // the site: the bed is taken, and the person is in the list of those who are there
  await open(`/facilities/${encodeURIComponent(site)}`);
  // what lies below the first screen may not be laid out yet, and has no inner text then
  assert.ok((await page.locator('section[aria-labelledby=there]').textContent()).includes(bed));
  assert.equal((await api(server, 'facility', `/api/v1/beds/${encodeURIComponent(bed)}`)).state, 'occupied');
  // the other end: the transfer has ended there
  const after = await state();
  assert.notEqual(after, before);
  assert.ok(after.includes('Admitted'), after.slice(0, 400));
  assert.equal((await api(server, 'dispatcher', `/api/v1/transfers/${encodeURIComponent(id)}`)).state, 'admitted');
});

journey('a command post signs the day, once', { as: 'city' }, async ({ page, server, open, another }) => {
  await open('/books');
  const line = page.locator('#rows tbody tr').filter({ hasText: 'Open' }).last();
  await send(page, line.locator('th a'));
  const address = page.url();
  const day = new URL(address).pathname.split('/').at(-1);
  // each hop with what was sent, received and missing; where somebody is missing, the place is named
  const hops = page.locator('section[aria-labelledby=hops] li.hop');
  assert.ok((await hops.count()) >= 5, `${await hops.count()} hops`);
  for (const hop of await hops.all()) {
    const [sent, received, missing] = (await hop.locator('> ul.tally b').allInnerTexts()).map((text) => Number(text.replaceAll(/\D/g, '')));
    const said = await hop.innerText();
    assert.equal(sent, received + missing, said);
    assert.equal(await hop.locator('.sign.good').count() > 0, true, said);
    const named = await hop.locator('details.fold tbody tr td:last-child').allTextContents();
    const sum = named.reduce((all, text) => all + Number(text.replaceAll(/\D/g, '')), 0);
    assert.equal(sum, missing, `where ${missing} are missing is not said: ${said}`);
  }
  // somebody else at the post has the same page open
  const beside = await another('city');
  await beside.goto(address);
  const sign = async (window) => {
    const asked = window.locator('details.confirm a[href^="/step-up"]');
    await window.locator('details.confirm summary').click();
    if (await asked.count()) {
      await send(window, asked);
      await window.locator('input[name=code]').fill(await freshCode(accountOf(server, 'city').otp));
      await send(window, window.locator('main form button'));
      await window.locator('details.confirm summary').click();
    }
    await send(window, window.locator('details.confirm form button'));
    return window.locator('main').innerText();
  };
  const signed = await sign(page);
  assert.equal(page.url(), address);
  assert.match(signed, /Closed and signed by city, \d\d:\d\d/);
  const signature = (await api(server, 'city', `/api/v1/days/${day}`)).signature;
  assert.ok(signature && signed.includes(signature), 'the signature stands on the page');
  assert.equal(await page.locator('details.confirm').count(), 0, 'there is nothing left to sign');
  // whoever presses the button of the page from before is shown who has signed, and signs nothing
  assert.match(await sign(beside), /Closed and signed by city, \d\d:\d\d/);
  assert.equal((await api(server, 'city', `/api/v1/days/${day}`)).signature, signature);
  const events = await api(server, 'city', `/api/v1/events?kind=day.signed&subject=${day}&limit=10`);
  assert.equal(events.rows.length, 1, 'one day, one signature');
});
