// What a driver's phone keeps, in IndexedDB: the trips of the vehicle that are not over, with who waits where, because they are needed
// without a network; and reports that are not sent yet. Both belong to the account that got or made them. Trips go when the server says
// that they are over, when somebody leaves the phone, and after half a day without a word of the server.

import { done, openStores } from './phone_kept.js';

const NAME = 'dayclear-trip';
const KEPT_MS = 12 * 3_600_000;

export async function openKept() {
  const { within } = await openStores(NAME, (made) => {
    made.createObjectStore('trips');
    made.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
  });
  return {
    /** What the server said last, if that is not too long ago. */
    trips: (account) => within(['trips'], async (store) => {
      const kept = await done(store.get(account));
      if (!kept) return undefined;
      const age = Date.now() - kept.anchor.wall_ms;
      if (age > KEPT_MS || age < -KEPT_MS) {
        await done(store.delete(account));
        return undefined;
      }
      return kept;
    }),
    /** Nobody else's trips stay on the phone. */
    keepTrips: (account, trips) => within(['trips'], async (store) => {
      await done(store.clear());
      await done(store.put(trips, account));
    }),
    forgetTrips: () => within(['trips'], (store) => done(store.clear())),
    /** Reports that are not sent yet, in the order in which they were made. */
    queue: () => within(['queue'], (store) => done(store.getAll()), 'readonly'),
    add: (account, record, said) => within(['queue'], (store) => done(store.add({ account, state: 'waiting', record, said }))),
    /** The server has it, or a person gave it up. */
    sent: (seq) => within(['queue'], (store) => done(store.delete(seq))),
    /** It is to be put right, or to be sent again. */
    change: (entry) => within(['queue'], async (store) => {
      if ((await done(store.get(entry.seq))) !== undefined) await done(store.put(entry));
    }),
  };
}
