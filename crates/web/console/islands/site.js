// The sampling page on a phone: sign in and choose once with a network, then fill tubes without one. What the page shows is in the
// server's words (`data-words`, with `{count}` and the like to fill in); every part of it is there from the beginning and hidden.
// Rules are in `site_tube.js`, what is kept in `site_kept.js`, the way to the server in `phone_send.js`.
import { isHere, isLeaving, leaves, whoIsHere } from './phone_kept.js';
import { askHere, reading, sendAll, signOut } from './phone_send.js';
import { openKept } from './site_kept.js';
import { addPerson, closeTube, openTube, readPerson, removePerson, shownOf, textOf, undoLast } from './site_tube.js';

const AGAIN_MS = 30_000;
const WAY = { address: '/api/v1/site/tubes', field: 'tubes', lock: 'dayclear-site-send' };

/** @param {HTMLElement} root */
export async function mount(root) {
  const words = JSON.parse(root.dataset.words);
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const field = (form, name) => part(form).elements[name];
  const show = (name, on) => { part(name).hidden = !on; };
  const kept = await openKept();
  const others = new BroadcastChannel('dayclear-site');
  /** Who is here as the server says (with a network), and as the phone remembers. */
  let here = null;
  let account = whoIsHere();
  let setup = account ? await kept.setup(account) : undefined;
  let net = 'unknown';

  if ('serviceWorker' in navigator) {
    await navigator.serviceWorker.register('/site/worker.js', { scope: '/site' }).catch(() => {});
  }

  function tell(key, values) {
    part('wrong').textContent = '';
    part('done').textContent = key ? say(key, values) : '';
  }
  function refuse(key, values) {
    part('done').textContent = '';
    part('wrong').textContent = say(`wrong-${key}`, values);
    navigator.vibrate?.(200);
  }

  /** How it stands with the network, in words; without anybody here the door says what to do. */
  function stateOf() {
    if (net === 'denied') return say('net-denied');
    if (!account) return net === 'online' || net === 'left' ? say('net-door') : '';
    return say(here ? 'net-online' : `net-${net}`);
  }

  async function draw() {
    const tube = account ? await kept.openTube(account) : undefined;
    const queue = await kept.queue();
    const own = queue.filter((entry) => entry.account === account);
    const foreign = queue.length - own.length;
    const right = own.filter((entry) => entry.state === 'right');
    const waiting = own.length - right.length;
    show('plain', false);
    // nobody is sent to log in before it is known whether they are
    show('door', !account && net !== 'unknown');
    show('setup', Boolean(account && setup && !setup.chosen));
    show('work', Boolean(account && setup?.chosen));
    show('start', Boolean(account && setup?.chosen && !tube));
    show('tube', Boolean(tube));
    part('net').textContent = stateOf();
    show('sign-in', net === 'left' && Boolean(account));
    show('kept', own.length > 0);
    part('count').textContent = say('kept-count', { count: own.length });
    show('send', waiting > 0);
    show('foreign', foreign > 0);
    part('foreign').textContent = say('kept-foreign', { count: foreign });
    if (setup?.chosen) part('chosen').textContent = setup.chosen.said;
    if (tube) drawTube(tube);
    drawRight(right, Boolean(tube));
    root.dataset.ready = '';
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
    show('right', entries.length > 0);
    part('right-list').replaceChildren(...entries.map((entry) => {
      const { wrong, what } = entry.why;
      const item = document.createElement('li');
      const title = document.createElement('strong');
      title.textContent = say('right-tube', { tube: entry.record.tube, count: entry.record.people.length });
      const why = document.createElement('p');
      why.textContent = say(`refused-${wrong}`, { what: shownWhat(entry, what), size: entry.record.size });
      const acts = document.createElement('div');
      acts.className = 'site-acts';
      acts.append(button(say('right-correct'), 'button', () => correct(entry, busy)));
      if (wrong === 'used') {
        acts.append(button(say('right-doubled'), 'button plain', () => again({ ...entry, record: { ...entry.record, doubled: true } })));
      } else acts.append(button(say('right-again'), 'button plain', () => again(entry)));
      acts.append(dropper(entry));
      item.append(title, why, acts);
      return item;
    }));
  }

  /** A document number stands nowhere whole. */
  function shownWhat(entry, what) {
    const who = entry.record.people.find((one) => textOf(one) === what);
    return who ? shownOf(who) : what;
  }

  function dropper(entry) {
    const fold = document.createElement('details');
    fold.className = 'confirm';
    const summary = document.createElement('summary');
    summary.className = 'button plain';
    summary.textContent = say('right-drop');
    const sure = document.createElement('div');
    sure.className = 'sure';
    const text = document.createElement('p');
    text.textContent = say('right-drop-said');
    sure.append(text, button(say('right-drop'), 'button danger', async () => {
      await kept.drop(entry);
      await changed('dropped', { tube: entry.record.tube });
    }));
    fold.append(summary, sure);
    return fold;
  }

  function button(text, looks, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = looks;
    made.textContent = text;
    made.addEventListener('click', act);
    return made;
  }

  /** Something was done: other tabs see it, and it is told. */
  async function changed(key, values) {
    others.postMessage('changed');
    await draw();
    if (key) tell(key, values);
  }

  async function again(entry) {
    await kept.change({ ...entry, state: 'waiting', why: undefined });
    await changed('again', { tube: entry.record.tube });
    await send();
  }

  async function correct(entry, busy) {
    if (busy) return refuse('open');
    const { tube, size, people, taken, anchor } = entry.record;
    if (!(await kept.reopen(account, entry, { tube, size, people, taken, anchor }))) return refuse('open');
    await changed('reopened', { tube });
    field('person', 'person').focus();
  }

  /** Changes the open tube as it is now; `change` gives the next one, or what is wrong. */
  async function changeTube(change, key, values) {
    const outcome = await kept.changeOpen(account, (tube) => {
      const next = tube ? change(tube) : { wrong: 'none-open' };
      if (next?.wrong) return { wrong: next.wrong };
      return { tube: next?.tube && next.tube.people ? next.tube : next };
    });
    if (outcome.wrong) {
      await draw();
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
    const outcome = await kept.changeOpen(account, (now) => (now ? { wrong: 'open' } : { tube }));
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
    await kept.changeOpen(account, (tube) => (tube && tube.people.length > 0 ? { tube } : { tube: null }));
    await changed('put-back');
    field('code-form', 'tube').focus();
  });

  part('close').addEventListener('click', async () => {
    const tube = await kept.openTube(account);
    if (!tube) return draw();
    const stamp = { record: crypto.randomUUID(), taken: reading(), anchor: setup.anchor ?? null };
    const closed = closeTube(tube, setup.chosen, stamp);
    if (closed.wrong) return refuse(closed.wrong);
    const marks = [await kept.tubeMark(tube.tube)];
    for (const who of tube.people) marks.push(await kept.mark(round(), textOf(who)));
    if (await kept.close(account, tube, closed.record, marks)) await changed('closed', { tube: tube.tube, count: tube.people.length });
    else await draw();
    field('code-form', 'tube').focus();
    return send();
  });

  part('change').addEventListener('click', async () => {
    if (await kept.openTube(account)) return refuse('open');
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
    await kept.keepSetup(account, setup);
    await changed('ready');
    return field('code-form', 'tube').focus();
  });

  /** Asks who is here; learns the rounds of now, and keeps them for when there is no network. */
  async function learn() {
    const asked = await askHere('/site/here');
    net = asked.here ? 'online' : asked.left ? 'left' : asked.denied ? 'denied' : 'offline';
    here = asked.here ?? null;
    if (asked.left) leaves(false);
    if (!here) return draw();
    if (isLeaving()) {
      if (await signOut(here)) leaves(false);
      [net, here] = ['left', null];
      return draw();
    }
    if (account !== here.account) {
      // somebody else: what was another's is not shown to them
      account = here.account;
      isHere(account);
      setup = await kept.setup(account);
      tell('');
    }
    const { anchor, rounds, purposes, places, login } = here;
    const chosen = setup?.chosen && (!setup.chosen.round || rounds.some(({ id }) => id === setup.chosen.round) || (await kept.openTube(account)))
      ? setup.chosen : undefined;
    const [before, news] = [JSON.stringify([setup?.rounds, setup?.places, setup?.purposes]), JSON.stringify([rounds, places, purposes])];
    setup = { account, login, anchor, rounds, purposes, places, chosen };
    await kept.keepSetup(account, setup);
    await kept.forget(rounds.map(({ id }) => id));
    if (before !== news || part('setup').elements.round.options.length === 0) await drawSetup();
    return draw();
  }

  let sending = null;
  /** Sends what waits, if there is a network; one run at a time. */
  function send() {
    sending ??= (async () => {
      try {
        await learn();
        if (!here) return;
        const outcome = await sendAll(WAY, kept, here);
        if (outcome === 'left') [net, here] = ['left', null];
        if (outcome === 'later') [net, here] = ['offline', null];
        others.postMessage('changed');
        await draw();
      } finally {
        sending = null;
      }
    })();
    return sending;
  }

  part('send').addEventListener('click', send);
  part('leave').addEventListener('click', () => {
    isHere(null);
    leaves(true);
    [account, setup, here] = [null, undefined, null];
    tell('');
    learn();
  });
  const onOnline = () => send();
  addEventListener('online', onOnline);
  const onOffline = () => { [net, here] = ['offline', null]; draw(); };
  addEventListener('offline', onOffline);
  others.addEventListener('message', async () => {
    if (account) setup = (await kept.setup(account)) ?? setup;
    draw();
  });
  const timer = setInterval(async () => {
    const waits = (await kept.queue()).some((entry) => entry.account === account && entry.state === 'waiting');
    if (waits || net !== 'online') send();
  }, AGAIN_MS);

  await camera(part, say, add, refuse);
  await drawSetup();
  await draw();
  send();
  return () => {
    clearInterval(timer);
    removeEventListener('online', onOnline);
    removeEventListener('offline', onOffline);
    others.close();
  };
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
