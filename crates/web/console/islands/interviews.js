// The tracer's page on a telephone: the interviews that are theirs, whom to call, what to ask, and what was told, with or without a network.
// What the page shows is in the server's words (`data-words`). Rules are in `interviews_told.js`, what is kept in `interviews_kept.js`, the
// way to the server in `phone_send.js`. Nobody is a contact by being typed here: the server looks whom an id, a document or a telephone is of.
import { openKept } from './interviews_kept.js';
import { answers, days, typed, without } from './interviews_told.js';
import { button, caller, clock, make, phonePage, screenOf } from './phone_page.js';
import { reading } from './phone_send.js';

const WAY = { address: '/api/v1/interviews/told', field: 'told', lock: 'dayclear-interviews' };

/** @param {HTMLElement} root */
export async function mount(root) {
  const screen = screenOf(root);
  const { say, part, show, tell } = screen;
  const kept = await openKept();
  let all;
  /** The case that is open, and what is typed there. */
  let open = null;
  let draft = {};
  const page = phonePage(root, screen, {
    path: '/interviews',
    way: WAY,
    kept,
    draw: drawOwn,
    learned: async (here, isNew) => {
      if (isNew) open = null;
      all = { cases: here.cases, classes: here.classes, anchor: here.anchor };
      await kept.keepCases(page.account, all);
    },
    reread: async () => { all = (await kept.cases(page.account)) ?? all; },
    forget: async () => {
      [all, open, draft] = [undefined, null, {}];
      await kept.forgetCases();
    },
  });
  all = page.account ? await kept.cases(page.account) : undefined;

  const sheetOf = (id) => all?.cases.find((one) => one.case === id);

  function drawOwn({ mine, right }) {
    show('work', Boolean(page.account && all));
    drawRight(right);
    if (!page.account || !all) return;
    part('as-of').textContent = say('as-of', { at: clock(all.anchor.server_ms) });
    if (open && !sheetOf(open)) open = null;
    show('none', all.cases.length === 0);
    show('list', !open && all.cases.length > 0);
    show('case', Boolean(open));
    const waiting = mine.filter((entry) => entry.state === 'waiting');
    part('cases').replaceChildren(...all.cases.map((sheet) => lineOf(sheet, waiting)));
    if (open) drawCase(sheetOf(open), waiting);
  }

  function lineOf(sheet, waiting) {
    const item = make('li', 'stop');
    item.append(make('h3', '', sheet.name), make('p', 'soft', sheet.window));
    if (sheet.due) item.append(make('p', `clock ${sheet.tone}`, sheet.due));
    const unsent = waiting.filter((entry) => entry.record.case === sheet.case).length;
    if (unsent > 0) item.append(make('p', 'soft', say('unsent', { count: unsent })));
    const acts = make('div', 'site-acts');
    acts.append(button(say('open', { name: sheet.name }), 'button site-large', () => enter(sheet.case)));
    item.append(acts);
    return item;
  }

  async function enter(id) {
    // both at once: a case that is drawn before its draft is there would lose what was typed
    const found = (await kept.draft(page.account, id)) ?? {};
    [open, draft] = [id, found];
    tell('');
    await page.draw();
    part('case-title').focus();
  }

  function drawCase(sheet, waiting) {
    part('case-title').textContent = sheet.name;
    part('desk').href = `/contacts/cases/${encodeURIComponent(sheet.case)}/interview`;
    const said = [make('p', '', sheet.window)];
    if (sheet.due) said.push(make('p', `clock ${sheet.tone}`, sheet.due));
    if (sheet.phone) {
      const acts = make('div', 'site-acts');
      acts.append(caller(say('call', { name: sheet.name }), sheet.phone));
      said.push(acts);
    }
    said.push(make('p', 'soft', say('listed', { count: sheet.listed.length })));
    if (sheet.listed.length > 0) {
      const list = make('ul');
      list.append(...sheet.listed.map((name) => make('li', '', name)));
      said.push(list);
    }
    part('case-said').replaceChildren(...said);
    // whoever types is not disturbed: what is typed is drawn again when they are done
    for (const name of ['questions', 'days']) if (part(name).contains(document.activeElement)) return;
    const told = waiting.filter((entry) => entry.record.case === sheet.case).map((entry) => entry.record.said);
    const questions = sheet.parts.map((one) => {
      const box = make('fieldset', 'entry');
      box.append(make('legend', '', one.word), ...one.questions.map((put) => questionOf(put, told)));
      return box;
    });
    fill('questions', [], questions);
    fill('days', [make('p', 'soft', say('days-said'))], sheet.days.map((day) => dayOf(day, told)));
  }

  /** A form with its title and its button; nothing where there is nothing to ask. */
  function fill(name, lead, boxes) {
    const whole = boxes.length === 0 ? [] : [make('h3', '', say(name)), ...lead, ...boxes, keeper()];
    part(name).replaceChildren(...whole);
  }

  function keeper() {
    const box = make('div', 'submit');
    const made = make('button', 'button site-large', say('keep'));
    box.append(made);
    return box;
  }

  function field(id, label, control) {
    const box = make('div', 'field');
    const said = make('label', '', label);
    said.htmlFor = id;
    control.id = id;
    box.append(said, control);
    return box;
  }

  function input(name, type) {
    const made = make('input');
    Object.assign(made, { name, type, maxLength: 400, autocomplete: 'off', value: draft[name] ?? '' });
    return made;
  }

  function choice(name, options, empty) {
    const made = make('select');
    made.name = name;
    const chosen = draft[name] ?? options.find(([code]) => code === empty)?.[0] ?? '';
    if (empty === '') made.append(new Option(say('no-answer'), ''));
    for (const [code, word] of options) made.append(new Option(word, code, false, code === chosen));
    return made;
  }

  function questionOf(put, told) {
    const name = `q:${put.id}`;
    const label = put.required ? `${put.word} (${say('required')})` : put.word;
    const box = put.kind === 'many' ? many(name, label, put) : field(name, label, put.kind === 'choice' ? choice(name, put.options, '') : input(name, put.kind));
    const word = (answer) => answer.split(';').map((code) => put.options.find(([known]) => known === code)?.[1] ?? code).join(', ');
    const unsent = told.filter(({ answer }) => answer?.question === put.id).map(({ answer }) => say('told-unsent', { what: word(answer.answer) }));
    for (const text of [put.said, ...unsent].filter(Boolean)) box.append(make('p', 'soft', text));
    return box;
  }

  function many(name, label, put) {
    const box = make('fieldset', 'choices');
    box.append(make('legend', '', label));
    for (const [code, word] of put.options) {
      const line = make('label', 'choice');
      const tick = make('input');
      Object.assign(tick, { type: 'checkbox', name, value: code, checked: (draft[name] ?? []).includes(code) });
      line.append(tick, make('span', '', word));
      box.append(line);
    }
    return box;
  }

  function dayOf({ day, word, known }, told) {
    const box = make('fieldset', 'entry');
    box.append(make('legend', '', word));
    const unsent = told.filter(({ stay, met }) => (stay?.day ?? met?.first) === day)
      .map(({ stay, met }) => say('told-unsent', { what: stay ? `${stay.from}–${stay.to} ${stay.place}` : met.who }));
    if (known.length + unsent.length > 0) {
      const list = make('ul');
      list.append(...[...known, ...unsent].map((text) => make('li', '', text)));
      box.append(list);
    }
    const row = make('div', 'row');
    const of = (name) => `d:${day}:${name}`;
    for (const [name, type] of [['place', 'text'], ['from', 'time'], ['to', 'time'], ['setting', 'text']]) {
      row.append(field(of(name), say(name), input(of(name), type)));
    }
    row.append(field(of('people'), say('whom'), input(of('people'), 'text')), field(of('class'), say('class'), choice(of('class'), all.classes, 'shared_space')));
    box.append(row);
    return box;
  }

  /** What is typed into both forms now. */
  function read() {
    const now = {};
    for (const form of [part('questions'), part('days')]) {
      for (const control of form.elements) {
        if (!control.name) continue;
        if (control.type !== 'checkbox') now[control.name] = control.value;
        else if (control.checked) now[control.name] = [...(now[control.name] ?? []), control.value];
      }
    }
    return now;
  }

  async function keep(letter) {
    const sheet = sheetOf(open);
    if (!sheet) return undefined;
    draft = read();
    const told = letter === 'q' ? answers(sheet, draft) : days(sheet, draft, say);
    if (told.length === 0) return tell('nothing');
    const entries = told.map(({ about, said }) => ({
      record: { record: crypto.randomUUID(), case: sheet.case, said, taken: reading(), anchor: all.anchor },
      said: { name: sheet.name, about },
    }));
    draft = without(draft, letter);
    await kept.add(page.account, sheet.case, entries, draft);
    document.activeElement?.blur?.();
    await page.changed('kept', { count: told.length, name: sheet.name });
    return page.send();
  }

  function drawRight(entries) {
    part('right-list').replaceChildren(...entries.map((entry) => {
      const lines = [make('p', '', say(`refused-${entry.why.wrong}`))];
      if (entry.why.what) lines.push(make('p', 'soft', entry.why.what));
      const acts = [button(say('right-again'), 'button plain', async () => {
        // another id: the first one was answered
        await kept.change({ ...entry, state: 'waiting', why: undefined, record: { ...entry.record, record: crypto.randomUUID() } });
        await page.send();
      })];
      if (sheetOf(entry.record.case)) acts.push(button(say('right-change'), 'button plain', () => correct(entry)));
      return page.rightItem(say('right-told', { name: entry.said.name, what: entry.said.about }), lines, acts, async () => {
        await kept.sent(entry.seq);
        await page.changed('dropped');
      });
    }));
  }

  /** Puts it back into the form of its case. */
  async function correct(entry) {
    const id = entry.record.case;
    const back = typed((await kept.draft(page.account, id)) ?? {}, entry.record.said);
    await kept.keepDraft(page.account, id, back);
    await kept.sent(entry.seq);
    // before anything is drawn: the list goes in the same moment in which the form shows it
    [open, draft] = [id, back];
    document.activeElement?.blur?.();
    await page.changed();
    tell('');
    part('case-title').focus();
  }

  for (const [name, letter] of [['questions', 'q'], ['days', 'd']]) {
    part(name).addEventListener('submit', (event) => {
      event.preventDefault();
      keep(letter);
    });
    part(name).addEventListener('input', () => {
      draft = read();
      kept.keepDraft(page.account, open, draft);
    });
  }
  part('back').addEventListener('click', async () => {
    open = null;
    tell('');
    await page.draw();
  });

  return page.start();
}
