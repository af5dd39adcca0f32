// The driver's page on a phone: the door that comes next, who is in the vehicle, and what happened with each of them, with or without a
// network. What the page shows is in the server's words (`data-words`). Rules are in `trip_stops.js`, what is kept in `trip_kept.js`,
// the way to the server in `phone_send.js`. While the vehicle is on the road it gives a sign of life; without one the dispatch calls.
import { button, caller, clock, make, phonePage, screenOf } from './phone_page.js';
import { reading } from './phone_send.js';
import { openKept } from './trip_kept.js';
import { isOnRoad, runOf, stepsOf } from './trip_stops.js';

const AGAIN_MS = 30_000;
const WAY = { address: '/api/v1/trip/reports', field: 'reports', lock: 'dayclear-trip' };
const PLACE = { enableHighAccuracy: false, maximumAge: 60_000, timeout: 10_000 };
/** Steps of which one asks before they are reported. */
const SURE = ['no_answer', 'refused', 'cannot_move', 'wrong_address', 'worse'];

/** @param {HTMLElement} root */
export async function mount(root) {
  const screen = screenOf(root);
  const { say, part, show } = screen;
  const kept = await openKept();
  let trips;
  const page = phonePage(root, screen, {
    path: '/trip',
    way: WAY,
    kept,
    draw: ({ mine, right }) => {
      show('work', Boolean(page.account && trips));
      drawRight(right);
      if (page.account && trips) drawRun(runOf(trips.trips, reportsOf(mine)));
    },
    learned: async (here) => {
      trips = { plan: here.plan, trips: here.trips, anchor: here.anchor };
      await kept.keepTrips(page.account, trips);
    },
    reread: async () => { trips = (await kept.trips(page.account)) ?? trips; },
    forget: async () => {
      trips = undefined;
      await kept.forgetTrips();
    },
    beat,
  });
  trips = page.account ? await kept.trips(page.account) : undefined;

  /** The server's time now, by what is known of it. */
  const now = () => (trips ? trips.anchor.server_ms + Date.now() - trips.anchor.wall_ms : Date.now());
  const reportsOf = (entries) => entries.filter((entry) => entry.state === 'waiting').map((entry) => entry.record);

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
      made.append(caller(say('call', { name: stop.name ?? '' }), stop.phone));
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
    const waiting = runOf(trips.trips, reportsOf(await page.mine()));
    const standing = [...[waiting.next, ...waiting.later].filter(Boolean).flatMap((door) => door.people), ...waiting.aboard.map((one) => one.stop)]
      .find((one) => one.transfer === stop.transfer);
    // told in another window already
    if (!standing || !stepsOf(standing.state).includes(step)) return page.draw();
    const record = {
      record: crypto.randomUUID(), trip: trip.id, transfer: stop.transfer, step, note: note || null, taken: reading(), anchor: trips.anchor,
    };
    await kept.add(page.account, record, { name: stop.name, at: clock(now()) });
    await page.changed('reported', { what: say(`step-${step}`), name: stop.name ?? '' });
    return page.send();
  }

  function drawRight(entries) {
    part('right-list').replaceChildren(...entries.map((entry) => {
      const title = say('right-report', { what: say(`step-${entry.record.step}`), name: entry.said.name ?? '', at: entry.said.at });
      const again = button(say('right-again'), 'button plain', async () => {
        // another id: the first one was answered
        await kept.change({ ...entry, state: 'waiting', why: undefined, record: { ...entry.record, record: crypto.randomUUID() } });
        await page.send();
      });
      return page.rightItem(title, [make('p', '', say(`refused-${entry.why.wrong}`))], [again], async () => {
        await kept.sent(entry.seq);
        await page.changed('dropped');
      });
    }));
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
    if (!page.here || !trips) return;
    if (isOnRoad(runOf(trips.trips, reportsOf(await page.mine())), now())) {
      const answer = await fetch('/api/v1/trip/position', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf': page.here.word },
        body: JSON.stringify(await place()),
      }).catch(() => null);
      if (!answer) await page.offline();
      else if (answer.status === 401 || (answer.ok && (await answer.json()).plan !== trips.plan)) await page.learn();
    } else if (now() - trips.anchor.server_ms > AGAIN_MS * 4) {
      // between trips: whether there is another one
      await page.learn();
    }
  }

  return page.start();
}
