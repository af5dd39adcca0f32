// Sends the records of a phone (tubes of a site, reports of a crew), in the order in which they were made, and takes note of what
// became of each. One tab sends at a time. A record leaves the phone when the server says that it has it, and in no other way: when the page dies or an answer is lost, the
// same record goes again under the same id, and the server knows it.

const BATCH = 20;

/** One page, one name: the time since it began tells how long ago something was. */
const page = crypto.randomUUID();
export const reading = () => ({ wall_ms: Date.now(), page_ms: Math.round(performance.now()), page });

/** Asks who is here, and what the server's time is. @param {string} door @returns {Promise<{here?: object, left?: boolean, denied?: boolean}>} nothing: no network */
export async function askHere(door) {
  try {
    const answer = await fetch(door, { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (answer.status === 401) return { left: true };
    if (answer.status === 403 || answer.status === 404) return { denied: true };
    if (!answer.ok) return {};
    const here = await answer.json();
    return { here: { ...here, anchor: { server_ms: here.server_ms, ...reading() } } };
  } catch {
    return {};
  }
}

/** Ends the session; whether it is ended. @param {object} here */
export async function signOut(here) {
  const body = new URLSearchParams({ csrf: here.word });
  return fetch('/logout', { method: 'POST', body, redirect: 'manual' }).then(() => true, () => false);
}

/** Where records go: the address, the field that holds them, the lock under which one tab sends.
 * @typedef {{address: string, field: string, lock: string}} Way */

/** @param {Way} way @param {object} kept @param {object} here @returns {Promise<'sent' | 'later' | 'left' | 'busy'>} */
export function sendAll(way, kept, here) {
  const run = () => send(way, kept, here);
  if (!navigator.locks) return run();
  return navigator.locks.request(way.lock, { ifAvailable: true }, (lock) => (lock ? run() : 'busy'));
}

async function send(way, kept, here) {
  for (;;) {
    const waiting = (await kept.queue()).filter((entry) => entry.account === here.account && entry.state === 'waiting');
    if (waiting.length === 0) return 'sent';
    const batch = waiting.slice(0, BATCH);
    const outcome = await post(way, here, batch.map((entry) => entry.record));
    if (typeof outcome === 'string') {
      if (outcome !== 'refused') return outcome;
      if (batch.length === 1) await putAside(kept, batch[0], { wrong: 'row', what: '' });
      // one of them cannot even be read: each by itself, so that the others go
      else for (const entry of batch) await alone(way, kept, here, entry);
      continue;
    }
    for (const entry of batch) {
      const told = outcome.get(entry.record.record);
      // what the answer does not name stays and goes again
      if (!told) return 'later';
      if (told.state === 'refused') await putAside(kept, entry, { wrong: told.wrong, what: told.what });
      else await kept.sent(entry.seq);
    }
  }
}

async function alone(way, kept, here, entry) {
  const outcome = await post(way, here, [entry.record]);
  if (outcome === 'refused') return putAside(kept, entry, { wrong: 'row', what: '' });
  const told = typeof outcome === 'string' ? null : outcome.get(entry.record.record);
  if (!told) return undefined;
  return told.state === 'refused' ? putAside(kept, entry, told) : kept.sent(entry.seq);
}

const putAside = (kept, entry, why) => kept.change({ ...entry, state: 'right', why });

/** @returns {Promise<Map<string, object> | 'later' | 'left' | 'refused'>} */
async function post(way, here, records) {
  let answer;
  try {
    answer = await fetch(way.address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf': here.word },
      body: JSON.stringify({ now: reading(), [way.field]: records }),
    });
    if (answer.ok) {
      const { told } = await answer.json();
      return new Map(told.map((one) => [one.record, one]));
    }
  } catch {
    return 'later';
  }
  if (answer.status === 401) return 'left';
  // of the session, of load, of the server: not of what was sent
  if (answer.status === 403 || answer.status === 429 || answer.status >= 500 || answer.status === 404) return 'later';
  return 'refused';
}
