// The rules of a tube at a site, as the phone keeps them: pure functions from a state and what was read to the next state or to
// what is wrong, in one word. The server asks the same again (`dayclear_core::site`); what it knows and the phone does not (tubes
// of others, who a document number belongs to) it says when the tube is sent.

/** @typedef {{document?: string, person?: string}} Who */
/** @typedef {{tube: string, size: number, people: Who[], taken?: object, anchor?: object, record?: string}} Tube */

const ID = /^[\x21-\x7e]{1,64}$/;
const CARD = /^\d{17}[\dX]$/;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Whether the check character of an identity card is right (GB 11643-1999, ISO 7064 MOD 11-2). @param {string} number */
export function cardHolds(number) {
  const sum = WEIGHTS.reduce((all, weight, at) => all + weight * Number(number[at]), 0);
  return '10X98765432'[sum % 11] === number[17];
}

/** What was scanned or typed, as somebody. @param {string} text @param {'auto' | 'document'} kind
 * @returns {{who: Who} | {wrong: string}} */
export function readPerson(text, kind = 'auto') {
  const read = text.normalize('NFKC').replace(/\s+/g, '').trim();
  if (read === '') return { wrong: 'nothing' };
  if (/^H:/.test(read)) return { wrong: 'household' };
  const upper = read.toUpperCase();
  if (CARD.test(upper)) return cardHolds(upper) ? { who: { document: upper } } : { wrong: 'card' };
  // seventeen or nineteen digits are a card that was read badly, and no id of anybody
  if (/^\d{15,}[Xx]?$/.test(read)) return { wrong: 'card' };
  if (!ID.test(read)) return { wrong: 'unreadable' };
  return { who: kind === 'document' ? { document: upper } : { person: read } };
}

/** @param {Who} who */
export const textOf = (who) => who.document ?? who.person ?? '';
/** What stands on the screen: of a document its last four characters. @param {Who} who */
export const shownOf = (who) => (who.document ? `…${who.document.slice(-4)}` : who.person);
/** @param {Who} one @param {Who} other */
const same = (one, other) => one.document === other.document && one.person === other.person;

/** @param {string} text @param {number} size @returns {{tube: Tube} | {wrong: string}} */
export function openTube(text, size) {
  const code = text.normalize('NFKC').replace(/\s+/g, '');
  if (code === '') return { wrong: 'nothing' };
  if (!ID.test(code)) return { wrong: 'unreadable' };
  return { tube: { tube: code, size, people: [] } };
}

/** @param {Tube} tube @param {Who} who @param {boolean} seen whether they were sampled in this round on this phone
 * @returns {{tube: Tube} | {wrong: string}} */
export function addPerson(tube, who, seen = false) {
  if (tube.people.some((other) => same(other, who))) return { wrong: 'twice' };
  if (tube.people.length >= tube.size) return { wrong: 'full' };
  if (textOf(who) === tube.tube) return { wrong: 'tube-code' };
  if (seen) return { wrong: 'seen' };
  return { tube: { ...tube, people: [...tube.people, who] } };
}

/** @param {Tube} tube @param {number} at */
export const removePerson = (tube, at) => ({ ...tube, people: tube.people.filter((_, place) => place !== at) });
/** @param {Tube} tube */
export const undoLast = (tube) => removePerson(tube, tube.people.length - 1);

/** A closed tube as the record that is sent. A tube that came back to be put right keeps the moment at which it was closed first.
 * @param {Tube} tube @param {{division: string, purpose: string, site: string, round: string | null}} chosen
 * @param {{record: string, taken: object, anchor: object | null}} stamp */
export function closeTube(tube, chosen, stamp) {
  if (tube.people.length === 0) return { wrong: 'empty' };
  return {
    record: {
      record: stamp.record,
      tube: tube.tube,
      division: chosen.division,
      purpose: chosen.purpose,
      size: tube.size,
      site: chosen.site,
      round: chosen.round,
      people: tube.people,
      taken: tube.taken ?? stamp.taken,
      anchor: tube.taken ? tube.anchor ?? null : stamp.anchor,
    },
  };
}
