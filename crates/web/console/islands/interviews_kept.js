// What a tracer's telephone keeps, in IndexedDB: the interviews that are theirs, with whom to call and what to ask; what is typed and not
// kept yet, so that a page that dies loses nothing; and what was told and is not sent yet. All belong to the account. Interviews go when
// the server says that they are over, when somebody leaves the telephone, and after half a day without a word of the server.

import { done, lately, openStores, queueOf } from './phone_kept.js';

const NAME = 'dayclear-interviews';
const draftOf = (account, id) => `${account}\n${id}`;

export async function openKept() {
  const { within } = await openStores(NAME, (made) => {
    made.createObjectStore('cases');
    made.createObjectStore('drafts');
    made.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
  });
  return {
    ...queueOf(within),
    cases: (account) => within(['cases'], (store) => lately(store, account)),
    /** Nobody else's interviews stay on the telephone, and no draft of one that is over. */
    keepCases: (account, kept) => within(['cases', 'drafts'], async (store, drafts) => {
      await done(store.clear());
      await done(store.put(kept, account));
      const open = new Set(kept.cases.map((one) => draftOf(account, one.case)));
      for (const key of await done(drafts.getAllKeys())) if (!open.has(key)) await done(drafts.delete(key));
    }),
    forgetCases: () => within(['cases', 'drafts'], async (store, drafts) => {
      await done(store.clear());
      await done(drafts.clear());
    }),
    draft: (account, id) => within(['drafts'], (store) => done(store.get(draftOf(account, id))), 'readonly'),
    keepDraft: (account, id, draft) => within(['drafts'], (store) => done(store.put(draft, draftOf(account, id)))),
    /** All of it, or nothing; with what stays typed. */
    add: (account, id, entries, draft) => within(['queue', 'drafts'], async (store, drafts) => {
      for (const { record, said } of entries) await done(store.add({ account, state: 'waiting', record, said }));
      await done(drafts.put(draft, draftOf(account, id)));
    }),
  };
}
