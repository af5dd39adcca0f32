// What a driver's phone keeps, in IndexedDB: the trips of the vehicle that are not over, with who waits where, because they are needed
// without a network; and reports that are not sent yet. Both belong to the account that got or made them. Trips go when the server says
// that they are over, when somebody leaves the phone, and after half a day without a word of the server.

import { done, lately, openStores, queueOf } from './phone_kept.js';

const NAME = 'dayclear-trip';

export async function openKept() {
  const { within } = await openStores(NAME, (made) => {
    made.createObjectStore('trips');
    made.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
  });
  return {
    ...queueOf(within),
    trips: (account) => within(['trips'], (store) => lately(store, account)),
    /** Nobody else's trips stay on the phone. */
    keepTrips: (account, trips) => within(['trips'], async (store) => {
      await done(store.clear());
      await done(store.put(trips, account));
    }),
    forgetTrips: () => within(['trips'], (store) => done(store.clear())),
    add: (account, record, said) => within(['queue'], (store) => done(store.add({ account, state: 'waiting', record, said }))),
  };
}
