// The rules of an interview, as the telephone keeps them: pure functions from what is typed into a form to what was told. The server asks
// the same again (`dayclear_ops::desk::heard`).

/** @typedef {Record<string, string | string[]>} Draft names of fields to what is typed; of many choices a list */
/** @typedef {{said: {answer?: object, stay?: object, met?: object}, about: string}} Told one thing; `about` names it for people */

const text = (draft, name) => {
  const value = draft[name];
  return Array.isArray(value) ? value.join(';') : (value ?? '').trim();
};

/** Ids, documents or telephone numbers as people separate them. @param {string} typed */
export const names = (typed) => typed.split(/[\s,;，、]+/u).filter(Boolean);

/** Answers of a draft, those that are filled in. @param {object} sheet @param {Draft} draft @returns {Told[]} */
export function answers(sheet, draft) {
  return sheet.parts.flatMap(({ questions }) => questions).flatMap((put) => {
    const answer = text(draft, `q:${put.id}`);
    if (!answer) return [];
    const word = answer.split(';').map((code) => put.options.find(([known]) => known === code)?.[1] ?? code).join(', ');
    return [{ said: { answer: { question: put.id, version: put.version, answer } }, about: `${put.word}: ${word}` }];
  });
}

/** Stays and people of the days of a draft. @param {object} sheet @param {Draft} draft @param {(key: string, values: object) => string} say @returns {Told[]} */
export function days(sheet, draft, say) {
  return sheet.days.flatMap(({ day, word }) => {
    const of = (name) => text(draft, `d:${day}:${name}`);
    const [place, from, to, setting] = ['place', 'from', 'to', 'setting'].map(of);
    const told = [];
    if (place) told.push({ said: { stay: { day, place, from, to, setting } }, about: say('stay', { day: word, place, from, to }) });
    for (const who of names(of('people'))) {
      told.push({
        said: { met: { who, class: of('class') || 'shared_space', first: day, last: day, setting: setting || place } },
        about: say('met', { who, day: word }),
      });
    }
    return told;
  });
}

/** What stays typed after a part was kept: what does not belong to it. @param {Draft} draft @param {'q' | 'd'} part @returns {Draft} */
export const without = (draft, part) => Object.fromEntries(Object.entries(draft).filter(([name]) => !name.startsWith(`${part}:`)));

/** What was told back in the form, to be corrected. @param {Draft} draft @param {object} said @returns {Draft} */
export function typed(draft, { answer, stay, met }) {
  if (answer) return { ...draft, [`q:${answer.question}`]: answer.answer };
  if (stay) {
    const filled = ['place', 'from', 'to', 'setting'].map((name) => [`d:${stay.day}:${name}`, stay[name]]);
    return { ...draft, ...Object.fromEntries(filled) };
  }
  const people = `d:${met.first}:people`;
  return { ...draft, [people]: [draft[people], met.who].filter(Boolean).join(' '), [`d:${met.first}:class`]: met.class };
}
