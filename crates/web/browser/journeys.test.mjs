// People at work: what happens at one desk is seen at the next. Evidence of machines comes by the API, as theirs would.
import assert from 'node:assert/strict';
import { accountOf, journey } from './harness.mjs';

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
