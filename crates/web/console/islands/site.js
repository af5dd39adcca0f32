// The sampling page on a phone: sign in and choose once with a network, then fill tubes without one. What the page shows is in the
// server's words (`data-words`, with `{count}` and the like to fill in); every part of it is there from the beginning and hidden.
// Rules are in `site_tube.js`, what is kept in `site_kept.js`, the way to the server in `phone_send.js`.
import { button, make, phonePage, screenOf } from './phone_page.js';
import { reading } from './phone_send.js';
import { openKept } from './site_kept.js';
import { addPerson, closeTube, openTube, readPerson, removePerson, shownOf, textOf, undoLast } from './site_tube.js';

const WAY = { address: '/api/v1/site/tubes', field: 'tubes', lock: 'dayclear-site' };

/** @param {HTMLElement} root */
export async function mount(root) {
  const screen = screenOf(root);
  const { say, part, show } = screen;
  const field = (form, name) => part(form).elements[name];
  const kept = await openKept();
  let setup;
  const page = phonePage(root, screen, {
    path: '/site',
    way: WAY,
    kept,
    draw: drawOwn,
    learned,
    reread: async () => { setup = (await kept.setup(page.account)) ?? setup; },
    // what was chosen stays for whoever comes back
    forget: async () => { setup = undefined; },
  });
  const { changed } = page;
  setup = page.account ? await kept.setup(page.account) : undefined;

  function refuse(key, values) {
    part('done').textContent = '';
    part('wrong').textContent = say(`wrong-${key}`, values);
    navigator.vibrate?.(200);
  }

  async function drawOwn({ right }) {
    const { account } = page;
    const tube = account ? await kept.openTube(account) : undefined;
    show('setup', Boolean(account && setup && !setup.chosen));
    show('work', Boolean(account && setup?.chosen));
    show('start', Boolean(account && setup?.chosen && !tube));
    show('tube', Boolean(tube));
    if (setup?.chosen) part('chosen').textContent = setup.chosen.said;
    if (tube) drawTube(tube);
    drawRight(right, Boolean(tube));
  }

  function drawTube(tube) {
    part('code').textContent = tube.tube;
    part('filled').textContent = String(tube.people.length);
    part('size').textContent = say('of-size', { size: tube.size });
    part('filled-said').textContent = say('filled', { count: tube.people.length, size: tube.size });
    part('tube').classList.toggle('full', tube.people.length >= tube.size);
    show('empty', tube.people.length === 0);
    show('undo', tube.people.length > 0);
    const rows = tube.people.map((who, at) => {
      const row = document.createElement('li');
      const text = document.createElement('span');
      text.textContent = shownOf(who);
      const remove = button(say('remove'), 'button small plain', () => changeTube((now) => removePerson(now, at), 'removed'));
      const whom = document.createElement('span');
      whom.className = 'vh';
      whom.textContent = ` ${shownOf(who)}`;
      remove.append(whom);
      row.append(text, remove);
      return row;
    });
    part('people').replaceChildren(...rows);
  }

  function drawRight(entries, busy) {
    part('right-list').replaceChildren(...entries.map((entry) => {
      const { wrong, what } = entry.why;
      const title = say('right-tube', { tube: entry.record.tube, count: entry.record.people.length });
      const why = make('p', '', say(`refused-${wrong}`, { what: shownWhat(entry, what), size: entry.record.size }));
      const other = wrong === 'used'
        ? button(say('right-doubled'), 'button plain', () => again({ ...entry, record: { ...entry.record, doubled: true } }))
        : button(say('right-again'), 'button plain', () => again(entry));
      const acts = [button(say('right-correct'), 'button', () => correct(entry, busy)), other];
      return page.rightItem(title, [why], acts, async () => {
        await kept.drop(entry);
        await changed('dropped', { tube: entry.record.tube });
      });
    }));
  }

  /** A document number stands nowhere whole. */
  function shownWhat(entry, what) {
    const who = entry.record.people.find((one) => textOf(one) === what);
    return who ? shownOf(who) : what;
  }

  async function again(entry) {
    await kept.change({ ...entry, state: 'waiting', why: undefined });
    await changed('again', { tube: entry.record.tube });
    await page.send();
  }

  async function correct(entry, busy) {
    if (busy) return refuse('open');
    const { tube, size, people, taken, anchor } = entry.record;
    if (!(await kept.reopen(page.account, entry, { tube, size, people, taken, anchor }))) return refuse('open');
    await changed('reopened', { tube });
    field('person', 'person').focus();
  }

  /** Changes the open tube as it is now; `change` gives the next one, or what is wrong. */
  async function changeTube(change, key, values) {
    const outcome = await kept.changeOpen(page.account, (tube) => {
      const next = tube ? change(tube) : { wrong: 'none-open' };
      if (next?.wrong) return { wrong: next.wrong };
      return { tube: next?.tube && next.tube.people ? next.tube : next };
    });
    if (outcome.wrong) {
      await page.draw();
      refuse(outcome.wrong, values);
      return false;
    }
    await changed(key, values);
    return true;
  }

  const round = () => setup.chosen.round ?? `purpose:${setup.chosen.purpose}`;

  part('code-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = field('code-form', 'tube');
    const opened = openTube(input.value, setup.chosen.size);
    if (opened.wrong) return refuse(opened.wrong === 'nothing' ? 'no-code' : opened.wrong);
    const { tube } = opened;
    const there = (await kept.queue()).some((entry) => entry.record.tube === tube.tube);
    if (there || (await kept.has(await kept.tubeMark(tube.tube)))) return refuse('used', { tube: tube.tube });
    const outcome = await kept.changeOpen(page.account, (now) => (now ? { wrong: 'open' } : { tube }));
    if (outcome.wrong) return refuse(outcome.wrong);
    input.value = '';
    await changed('opened', { tube: tube.tube });
    field('person', 'person').focus();
    return undefined;
  });

  async function add(text) {
    const read = readPerson(text, field('person', 'kind').value);
    if (read.wrong) return refuse(read.wrong === 'nothing' ? 'no-person' : read.wrong);
    const seen = await kept.has(await kept.mark(round(), textOf(read.who)));
    const size = setup.chosen.size;
    return changeTube((tube) => addPerson(tube, read.who, seen), 'added', { who: shownOf(read.who), size });
  }

  part('person').addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = field('person', 'person');
    const text = input.value;
    if (await add(text)) input.value = '';
    else input.select();
    input.focus();
  });

  part('undo').addEventListener('click', async () => {
    await changeTube(undoLast, 'undone');
    field('person', 'person').focus();
  });

  part('empty').addEventListener('click', async () => {
    await kept.changeOpen(page.account, (tube) => (tube && tube.people.length > 0 ? { tube } : { tube: null }));
    await changed('put-back');
    field('code-form', 'tube').focus();
  });

  part('close').addEventListener('click', async () => {
    const tube = await kept.openTube(page.account);
    if (!tube) return page.draw();
    const stamp = { record: crypto.randomUUID(), taken: reading(), anchor: setup.anchor ?? null };
    const closed = closeTube(tube, setup.chosen, stamp);
    if (closed.wrong) return refuse(closed.wrong);
    const marks = [await kept.tubeMark(tube.tube)];
    for (const who of tube.people) marks.push(await kept.mark(round(), textOf(who)));
    if (await kept.close(page.account, tube, closed.record, marks)) await changed('closed', { tube: tube.tube, count: tube.people.length });
    else await page.draw();
    field('code-form', 'tube').focus();
    return page.send();
  });

  part('change').addEventListener('click', async () => {
    if (await kept.openTube(page.account)) return refuse('open');
    setup = { ...setup, chosen: undefined };
    await drawSetup();
    await changed();
    return field('setup', 'round').focus();
  });

  function option(value, text) {
    const made = document.createElement('option');
    made.value = value;
    made.textContent = text;
    return made;
  }

  async function drawSetup() {
    if (!setup) return;
    field('setup', 'round').replaceChildren(...setup.rounds.map((one) => option(one.id, one.name)), option('', say('no-round')));
    field('setup', 'division').replaceChildren(...setup.places.map((one) => option(one.code, one.name)));
    field('setup', 'purpose').replaceChildren(...setup.purposes.map((one) => option(one.name, one.word)));
    sizes();
  }

  /** A round has its purpose and its largest tube; without one both are chosen. */
  function sizes() {
    const chosen = setup.rounds.find((one) => one.id === field('setup', 'round').value);
    if (chosen) field('setup', 'purpose').value = chosen.purpose;
    field('setup', 'purpose').disabled = Boolean(chosen);
    const purpose = setup.purposes.find((one) => one.name === field('setup', 'purpose').value);
    const allowed = (purpose?.sizes ?? []).filter((size) => !chosen || size <= chosen.pool_size);
    field('setup', 'size').replaceChildren(...allowed.toReversed().map((size) => option(String(size), String(size))));
  }
  for (const name of ['round', 'purpose']) part('setup').elements[name].addEventListener('change', sizes);

  part('setup').addEventListener('submit', async (event) => {
    event.preventDefault();
    const [size, division] = [Number(field('setup', 'size').value), field('setup', 'division').value];
    if (!size || !division) return refuse('setup');
    const [one, purpose] = [setup.rounds.find(({ id }) => id === field('setup', 'round').value), field('setup', 'purpose').value];
    const site = field('setup', 'site').value.trim();
    const said = [one?.name ?? setup.purposes.find(({ name }) => name === purpose)?.word, setup.places.find(({ code }) => code === division)?.name, site, say('tubes-of', { size })];
    setup = { ...setup, chosen: { round: one?.id ?? null, purpose, division, size, site, said: said.filter(Boolean).join(' · ') } };
    await kept.keepSetup(page.account, setup);
    await changed('ready');
    return field('code-form', 'tube').focus();
  });

  /** Learns the rounds of now, and keeps them for when there is no network. */
  async function learned(here, isNew) {
    if (isNew) setup = await kept.setup(page.account);
    const { anchor, rounds, purposes, places, login } = here;
    const chosen = setup?.chosen && (!setup.chosen.round || rounds.some(({ id }) => id === setup.chosen.round) || (await kept.openTube(page.account)))
      ? setup.chosen : undefined;
    const [before, news] = [JSON.stringify([setup?.rounds, setup?.places, setup?.purposes]), JSON.stringify([rounds, places, purposes])];
    setup = { account: page.account, login, anchor, rounds, purposes, places, chosen };
    await kept.keepSetup(page.account, setup);
    await kept.forget(rounds.map(({ id }) => id));
    if (before !== news || part('setup').elements.round.options.length === 0) await drawSetup();
  }

  await camera(part, say, add, refuse);
  await drawSetup();
  return page.start();
}

/** Buttons that read a code with the camera, where the browser can; typing does the same. */
async function camera(part, say, add, refuse) {
  const known = 'BarcodeDetector' in globalThis ? await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []) : [];
  const formats = known.filter((format) => ['qr_code', 'code_128', 'code_39', 'data_matrix', 'ean_13'].includes(format));
  // a detector without a format is an error, and a page without a camera works all the same
  if (formats.length === 0 || !navigator.mediaDevices?.getUserMedia) return;
  const detector = new globalThis.BarcodeDetector({ formats });
  const dialog = part('camera');
  const video = dialog.querySelector('video');
  async function look() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      refuse('camera');
      return null;
    }
    video.srcObject = stream;
    await video.play();
    dialog.showModal();
    let found = null;
    while (dialog.open && !found) {
      [found] = await detector.detect(video).catch(() => []);
      if (!found) await new Promise((resolve) => { setTimeout(resolve, 120); });
    }
    dialog.close();
    for (const track of stream.getTracks()) track.stop();
    return found?.rawValue ?? null;
  }
  for (const name of ['scan-tube', 'scan-person']) {
    part(name).hidden = false;
    part(name).addEventListener('click', async () => {
      const text = await look();
      if (!text) return;
      if (name === 'scan-person') {
        await add(text);
        return;
      }
      part('code-form').elements.tube.value = text;
      part('code-form').requestSubmit();
    });
  }
}
