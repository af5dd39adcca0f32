// The driver's page on a phone: the door that comes next, who is in the vehicle, and what happened with each of them, with or without a
// network. What the page shows is in the server's words (`data-words`). Rules are in `trip_stops.js`, what is kept in `trip_kept.js`,
// the way to the server in `phone_send.js`. While the vehicle is on the road it gives a sign of life; without one the dispatch calls.
import { isHere, isLeaving, leaves, whoIsHere } from './phone_kept.js';
import { askHere, reading, sendAll, signOut } from './phone_send.js';
import { openKept } from './trip_kept.js';
import { isOnRoad, runOf, stepsOf } from './trip_stops.js';

const AGAIN_MS = 30_000;
const WAY = { address: '/api/v1/trip/reports', field: 'reports', lock: 'dayclear-trip-send' };
const PLACE = { enableHighAccuracy: false, maximumAge: 60_000, timeout: 10_000 };
/** Steps of which one asks before they are reported. */
const SURE = ['no_answer', 'refused', 'cannot_move', 'wrong_address', 'worse'];

/** @param {HTMLElement} root */
export async function mount(root) {
  const words = JSON.parse(root.dataset.words);
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const show = (name, on) => { part(name).hidden = !on; };
  const kept = await openKept();
  const others = new BroadcastChannel('dayclear-trip');
  /** Who is here as the server says (with a network), and as the phone remembers. */
  let here = null;
  let account = whoIsHere();
  let trips = account ? await kept.trips(account) : undefined;
  let net = 'unknown';

  if ('serviceWorker' in navigator) {
    await navigator.serviceWorker.register('/trip/worker.js', { scope: '/trip' }).catch(() => {});
  }

  const clock = (ms) => new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);

  function make(tag, looks, text) {
    const made = document.createElement(tag);
    if (looks) made.className = looks;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function button(text, looks, act) {
    const made = make('button', looks, text);
    made.type = 'button';
    made.addEventListener('click', act);
    return made;
  }
  function tell(key, values) {
    part('wrong').textContent = '';
    part('done').textContent = key ? say(key, values) : '';
  }

  function stateOf() {
    if (net === 'denied') return say('net-denied');
    if (!account) return net === 'online' || net === 'left' ? say('net-door') : '';
    return say(here ? 'net-online' : `net-${net}`);
  }

  /** The server's time now, by what is known of it. */
  const now = () => (trips ? trips.anchor.server_ms + Date.now() - trips.anchor.wall_ms : Date.now());
  const own = async () => (await kept.queue()).filter((entry) => entry.account === account);
  const reportsOf = (entries) => entries.filter((entry) => entry.state === 'waiting').map((entry) => entry.record);

  async function draw() {
    const queue = await kept.queue();
    const mine = queue.filter((entry) => entry.account === account);
    const right = mine.filter((entry) => entry.state === 'right');
    show('plain', false);
    // nobody is sent to log in before it is known whether they are
    show('door', !account && net !== 'unknown');
    show('work', Boolean(account && trips));
    part('net').textContent = stateOf();
    show('sign-in', net === 'left' && Boolean(account));
    show('kept', mine.length > 0);
    part('count').textContent = say('kept-count', { count: mine.length });
    show('send', mine.length > right.length);
    show('foreign', queue.length > mine.length);
    part('foreign').textContent = say('kept-foreign', { count: queue.length - mine.length });
    drawRight(right);
    if (account && trips) drawRun(runOf(trips.trips, reportsOf(mine)));
    root.dataset.ready = '';
  }

  function drawRun(run) {
    part('as-of').textContent = say('as-of', { at: clock(trips.anchor.server_ms) });
    show('none', !run.next && run.aboard.length === 0);
    show('next', Boolean(run.next));
    part('next-stop').replaceChildren(...(run.next ? [doorOf(run.next)] : []));
    show('aboard', run.aboard.length > 0);
    part('aboard-list').replaceChildren(...run.aboard.map(({ trip, stop }) => personOf(trip, stop, true)));
    show('more', run.later.length > 0);
    part('more-list').replaceChildren(...run.later.map((door) => {
      const item = make('li', 'stop');
      item.append(doorOf(door));
      return item;
    }));
  }

  /** Everybody who waits at one door. */
  function doorOf(door) {
    const made = make('div', 'road-door');
    const [first] = door.people;
    const when = make('p', 'road-when');
    when.append(make('time', '', first.at ?? ''), ` · ${say('people', { count: door.people.length })}`);
    made.append(when, make('p', 'road-where', door.door));
    made.append(make('p', 'soft', say('trip', { from: door.trip.from, to: door.trip.to, class: door.trip.class })));
    if (door.people.length > 1) {
      const all = button(say('all', { count: door.people.length }), 'button site-large', async () => {
        for (const stop of door.people) await report(door.trip, stop, 'picked_up', '');
      });
      made.append(all);
    }
    for (const stop of door.people) made.append(personOf(door.trip, stop, false));
    return made;
  }

  function personOf(trip, stop, aboard) {
    const made = make('section', 'road-person');
    made.append(make('h3', '', stop.name ?? stop.transfer), make('p', 'soft', say('to', { place: stop.to })));
    if (stop.needs.length > 0) {
      const marks = make('p', 'marks');
      for (const need of stop.needs) marks.append(make('span', 'state warn', need), ' ');
      made.append(marks);
    }
    if (stop.tried) made.append(make('p', 'note', say('tried', { what: say(`step-${stop.tried}`) })));
    if (stop.worse) made.append(make('p', 'note bad', say('worse-told')));
    if (stop.phone) {
      const call = make('a', 'button plain site-large', say('call', { name: stop.name ?? '' }));
      call.href = `tel:${stop.phone}`;
      made.append(call);
    }
    if (aboard && stop.state === 'handed_over') made.append(make('p', 'soft', say('waits-site')));
    const [usual, ...rest] = stepsOf(stop.state);
    const act = (step) => async () => {
      const sure = SURE.includes(step) ? await ask(step, stop) : { note: '' };
      if (sure) await report(trip, stop, step, sure.note);
    };
    if (usual) {
      const acts = make('div', 'site-acts');
      acts.append(named(button(say(`step-${usual}`), 'button site-large site-close', act(usual)), stop));
      for (const step of rest) {
        const looks = step === 'worse' ? 'button site-large danger' : 'button plain site-large';
        acts.append(named(button(say(`step-${step}`), looks, act(step)), stop));
      }
      made.append(acts);
    }
    return made;
  }

  /** A button says of whom it is, for those who do not see beside whom it stands. */
  function named(made, stop) {
    made.append(make('span', 'vh', ` ${stop.name ?? stop.transfer}`));
    return made;
  }

  /** Asks once more; with a note, if there is one. */
  function ask(step, stop) {
    const dialog = part('sure');
    part('sure-title').textContent = say(`step-${step}`);
    part('sure-said').textContent = step === 'worse' ? say('sure-worse') : stop.name ?? '';
    const form = dialog.querySelector('form');
    form.reset();
    dialog.returnValue = 'no';
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => {
        resolve(dialog.returnValue === 'yes' ? { note: form.elements.note.value.trim() } : null);
      }, { once: true });
    });
  }

  async function report(trip, stop, step, note) {
    const waiting = runOf(trips.trips, reportsOf(await own()));
    const standing = [...[waiting.next, ...waiting.later].filter(Boolean).flatMap((door) => door.people), ...waiting.aboard.map((one) => one.stop)]
      .find((one) => one.transfer === stop.transfer);
    // told in another window already
    if (!standing || !stepsOf(standing.state).includes(step)) return draw();
    const record = {
      record: crypto.randomUUID(), trip: trip.id, transfer: stop.transfer, step, note: note || null, taken: reading(), anchor: trips.anchor,
    };
    await kept.add(account, record, { name: stop.name, at: clock(now()) });
    others.postMessage('changed');
    await draw();
    tell('reported', { what: say(`step-${step}`), name: stop.name ?? '' });
    return send();
  }

  function drawRight(entries) {
    show('right', entries.length > 0);
    part('right-list').replaceChildren(...entries.map((entry) => {
      const item = make('li', '');
      const what = say(`step-${entry.record.step}`);
      item.append(make('strong', '', say('right-report', { what, name: entry.said.name ?? '', at: entry.said.at })));
      item.append(make('p', '', say(`refused-${entry.why.wrong}`)));
      const acts = make('div', 'site-acts');
      acts.append(button(say('right-again'), 'button plain', async () => {
        // another id: the first one was answered
        await kept.change({ ...entry, state: 'waiting', why: undefined, record: { ...entry.record, record: crypto.randomUUID() } });
        await send();
      }), dropper(entry));
      item.append(acts);
      return item;
    }));
  }

  function dropper(entry) {
    const fold = make('details', 'confirm');
    fold.append(make('summary', 'button plain', say('right-drop')));
    const sure = make('div', 'sure');
    sure.append(make('p', '', say('right-drop-said')), button(say('right-drop'), 'button danger', async () => {
      await kept.sent(entry.seq);
      others.postMessage('changed');
      await draw();
      tell('dropped');
    }));
    fold.append(sure);
    return fold;
  }

  /** Asks who is here, and for the trips of now. */
  async function learn() {
    const asked = await askHere('/trip/here');
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
      account = here.account;
      isHere(account);
      tell('');
    }
    trips = { plan: here.plan, trips: here.trips, anchor: here.anchor };
    await kept.keepTrips(account, trips);
    return draw();
  }

  let sending = null;
  /** Sends what waits, if there is a network, and learns what is so then; one run at a time. */
  function send() {
    sending ??= (async () => {
      try {
        if (!here) await learn();
        if (!here) return;
        const waits = (await own()).some((entry) => entry.state === 'waiting');
        const outcome = waits ? await sendAll(WAY, kept, here) : 'sent';
        if (outcome === 'left') [net, here] = ['left', null];
        if (outcome === 'later') [net, here] = ['offline', null];
        others.postMessage('changed');
        if (here) await learn();
        else await draw();
      } finally {
        sending = null;
      }
    })();
    return sending;
  }

  /** Where the vehicle is, if the phone says so. */
  const place = () => new Promise((resolve) => {
    if (!navigator.geolocation) return resolve({});
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        show('place', false);
        // no more is told than is kept
        const coarse = (degrees) => Math.round(degrees * 1_000) / 1_000;
        resolve({ lon: coarse(coords.longitude), lat: coarse(coords.latitude) });
      },
      ({ code, PERMISSION_DENIED }) => {
        show('place', code === PERMISSION_DENIED);
        resolve({});
      },
      PLACE,
    );
  });

  /** A sign of life, while the vehicle is on the road; it brings word of another plan. */
  async function beat() {
    if (!here || !trips) return;
    if (isOnRoad(runOf(trips.trips, reportsOf(await own())), now())) {
      const answer = await fetch('/api/v1/trip/position', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf': here.word },
        body: JSON.stringify(await place()),
      }).catch(() => null);
      if (!answer) {
        [net, here] = ['offline', null];
        await draw();
        return;
      }
      if (answer.status === 401) await learn();
      if (answer.ok && (await answer.json()).plan !== trips.plan) await send();
    } else if (now() - trips.anchor.server_ms > AGAIN_MS * 4) {
      // between trips: whether there is another one
      await learn();
    }
  }

  part('send').addEventListener('click', send);
  part('leave').addEventListener('click', async () => {
    isHere(null);
    leaves(true);
    await kept.forgetTrips();
    [account, trips, here] = [null, undefined, null];
    tell('');
    learn();
  });
  const onOnline = () => send();
  addEventListener('online', onOnline);
  const onOffline = () => { [net, here] = ['offline', null]; draw(); };
  addEventListener('offline', onOffline);
  others.addEventListener('message', async () => {
    if (account) trips = (await kept.trips(account)) ?? trips;
    draw();
  });
  const timer = setInterval(async () => {
    const waits = (await own()).some((entry) => entry.state === 'waiting');
    if (waits || net !== 'online') await send();
    await beat();
  }, AGAIN_MS);

  await draw();
  send().then(beat);
  return () => {
    clearInterval(timer);
    removeEventListener('online', onOnline);
    removeEventListener('offline', onOffline);
    others.close();
  };
}
