// What pages for phones have in common in what they keep: stores in IndexedDB that are written in one transaction and to the disk, and
// who works at this phone, also when a page is loaded without a network; `main.js` forgets it on leaving.

const HERE = 'dayclear-site-here';
const LEAVING = 'dayclear-site-leaving';

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @param {string} name @param {(made: IDBDatabase) => void} make */
export async function openStores(name, make) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => make(request.result);
  const db = await done(request);
  // without this a browser that needs room may throw away what is not sent yet
  await navigator.storage?.persist?.().catch(() => false);

  /** @template T @param {string[]} stores @param {(...stores: IDBObjectStore[]) => Promise<T>} act in one transaction */
  async function within(stores, act, mode = 'readwrite') {
    const transaction = db.transaction(stores, mode, { durability: 'strict' });
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await act(...stores.map((store) => transaction.objectStore(store)));
    await ended;
    return result;
  }
  return { db, within };
}

/** What is not sent yet, in a store `queue` with the key `seq`. */
export const queueOf = (within) => ({
  /** In the order in which it was made. */
  queue: () => within(['queue'], (store) => done(store.getAll()), 'readonly'),
  /** The server has it, or a person gave it up. */
  sent: (seq) => within(['queue'], (store) => done(store.delete(seq))),
  /** It is to be put right, or to be sent again. */
  change: (entry) => within(['queue'], async (store) => {
    // whoever dropped it in another tab has settled it
    if ((await done(store.get(entry.seq))) !== undefined) await done(store.put(entry));
  }),
});

const KEPT_MS = 12 * 3_600_000;

/** What the server said to an account last, if that is less than half a day ago. @param {IDBObjectStore} store */
export async function lately(store, account) {
  const kept = await done(store.get(account));
  if (!kept) return undefined;
  const age = Date.now() - kept.anchor.wall_ms;
  if (age <= KEPT_MS && age >= -KEPT_MS) return kept;
  await done(store.delete(account));
  return undefined;
}

/** Whoever works at this phone. */
export const whoIsHere = () => localStorage.getItem(HERE);
/** @param {string | null} account */
export function isHere(account) {
  if (account) localStorage.setItem(HERE, account);
  else localStorage.removeItem(HERE);
}

/** Somebody left while there was no network: their session is to be ended at the next contact, before anything else. */
export const isLeaving = () => localStorage.getItem(LEAVING) !== null;
/** @param {boolean} leaving */
export function leaves(leaving) {
  if (leaving) localStorage.setItem(LEAVING, '1');
  else localStorage.removeItem(LEAVING);
}
