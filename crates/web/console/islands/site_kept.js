// What a phone keeps for a site, in IndexedDB: what was chosen, the open tube, tubes that are not sent yet, and marks of who was
// sampled in a round. A tube leaves when the server has it. Marks are keyed hashes under a key that cannot be read out, so the
// phone knows somebody again and cannot tell who they were. Everything but marks belongs to the account that made it.

import { done, openStores, queueOf } from './phone_kept.js';

const NAME = 'dayclear-site';
const DAY_MS = 86_400_000;
/** Marks of tubes stay longer than any round. */
const TUBES = '*';
const TUBES_MS = 14 * DAY_MS;

export async function openKept() {
  const { db, within } = await openStores(NAME, (made) => {
    made.createObjectStore('setup');
    made.createObjectStore('open');
    made.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
    made.createObjectStore('seen');
    made.createObjectStore('key');
  });
  const key = await markKey(db);

  async function mark(round, text) {
    const bytes = new TextEncoder().encode(`${round}\n${text}`);
    const signed = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
    return `${round}\n${[...signed.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }

  return {
    ...queueOf(within),
    mark,
    tubeMark: (code) => mark(TUBES, code),
    setup: (account) => within(['setup'], (store) => done(store.get(account)), 'readonly'),
    keepSetup: (account, setup) => within(['setup'], (store) => done(store.put(setup, account))),
    openTube: (account) => within(['open'], (store) => done(store.get(account)), 'readonly'),

    /** Changes the open tube; `change` gets what is there at that moment, also from another tab. */
    changeOpen: (account, change) => within(['open'], async (store) => {
      const { tube, ...rest } = change(await done(store.get(account)));
      if (tube === null) await done(store.delete(account));
      else if (tube) await done(store.put(tube, account));
      return rest;
    }),

    has: (marked) => within(['seen'], async (store) => (await done(store.get(marked))) !== undefined, 'readonly'),

    /** The open tube becomes one that waits to be sent, with the marks of its people: all at once, and once for two tabs. */
    close: (account, tube, record, marks) => within(['open', 'queue', 'seen'], async (opened, queue, seen) => {
      const there = await done(opened.get(account));
      if (!there || there.tube !== tube.tube || there.people.length !== tube.people.length) return false;
      await done(opened.delete(account));
      await done(queue.add({ account, state: 'waiting', record, marks }));
      for (const marked of marks) await done(seen.put({ at: Date.now() }, marked));
      return true;
    }),

    /** A person gave it up: whoever was in it may be sampled anew. */
    drop: (entry) => within(['queue', 'seen'], async (queue, seen) => {
      await done(queue.delete(entry.seq));
      for (const marked of entry.marks) await done(seen.delete(marked));
    }),
    /** It is the open tube again. `false`: another one is open. */
    reopen: (account, entry, tube) => within(['open', 'queue', 'seen'], async (opened, queue, seen) => {
      if ((await done(opened.get(account))) !== undefined) return false;
      await done(opened.put(tube, account));
      await done(queue.delete(entry.seq));
      for (const marked of entry.marks) await done(seen.delete(marked));
      return true;
    }),

    /** Forgets marks of rounds that do not run any more. @param {string[]} rounds */
    forget: (rounds) => within(['seen'], async (store) => {
      for (const marked of await done(store.getAllKeys())) {
        const round = String(marked).split('\n')[0];
        const age = Date.now() - (await done(store.get(marked))).at;
        const most = round === TUBES ? TUBES_MS : DAY_MS;
        if (!rounds.includes(round) && (age > most || age < -most)) await done(store.delete(marked));
      }
    }),
  };
}

/** @param {IDBDatabase} db */
async function markKey(db) {
  const get = () => done(db.transaction('key').objectStore('key').get('marks'));
  const there = await get();
  if (there) return there;
  const fresh = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  // another tab may have been faster: the first one stays
  await done(db.transaction('key', 'readwrite').objectStore('key').add(fresh, 'marks')).catch(() => {});
  return get();
}
