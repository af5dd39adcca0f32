// What pages for phones have in common on the screen: how it stands with the network and who works here, what is kept and not sent, what
// is to be put right, and the way to the server and back. A page says what it draws, what it learns and what it forgets; where it keeps
// things is its own (`*_kept.js`), how they are sent is `phone_send.js`.
import { isHere, isLeaving, leaves, whoIsHere } from './phone_kept.js';
import { askHere, sendAll, signOut } from './phone_send.js';

const AGAIN_MS = 30_000;

/** @typedef {object} Own What a page brings along.
 * @property {string} path where it is; its worker, and what it asks when it has a network, stand below
 * @property {import('./phone_send.js').Way} way where its records go
 * @property {object} kept what it keeps: `queue`, `sent`, `change`
 * @property {(entries: {mine: object[], right: object[]}) => void | Promise<void>} draw
 * @property {(here: object, isNew: boolean) => Promise<void>} learned the server said what is so; `isNew`: it is somebody else than before
 * @property {() => Promise<void>} reread another tab changed something
 * @property {() => Promise<void>} forget somebody leaves the phone
 * @property {() => Promise<void>} [beat] what else is done every half minute */

/** @param {HTMLElement} root */
export function screenOf(root) {
  const words = JSON.parse(root.dataset.words);
  const say = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const show = (name, on) => { part(name).hidden = !on; };
  /** What was done, in words; what was wrong before it is settled. */
  function tell(key, values) {
    const wrong = part('wrong');
    if (wrong) wrong.textContent = '';
    part('done').textContent = key ? say(key, values) : '';
  }
  return { say, part, show, tell };
}

export function make(tag, looks, text) {
  const made = document.createElement(tag);
  if (looks) made.className = looks;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(text, looks, act) {
  const made = make('button', looks, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/** A link that calls somebody. */
export function caller(text, phone) {
  const made = make('a', 'button plain site-large', text);
  made.href = `tel:${phone}`;
  return made;
}

export const clock = (ms) => new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);

/** @param {HTMLElement} root @param {ReturnType<screenOf>} screen @param {Own} own */
export function phonePage(root, { say, part, show, tell }, own) {
  const { kept } = own;
  const others = new BroadcastChannel(own.way.lock);
  /** Who is here as the server says (with a network), and as the phone remembers. */
  const page = { here: null, account: whoIsHere(), net: 'unknown', draw, learn, send, changed, mine, rightItem, offline, start };

  /** How it stands with the network, in words; without anybody here the door says what to do. */
  function stateOf() {
    if (page.net === 'denied') return say('net-denied');
    if (!page.account) return page.net === 'online' || page.net === 'left' ? say('net-door') : '';
    return say(page.here ? 'net-online' : `net-${page.net}`);
  }

  async function mine() {
    return (await kept.queue()).filter((entry) => entry.account === page.account);
  }

  async function draw() {
    const queue = await kept.queue();
    const entries = queue.filter((entry) => entry.account === page.account);
    const right = entries.filter((entry) => entry.state === 'right');
    show('plain', false);
    // nobody is sent to log in before it is known whether they are
    show('door', !page.account && page.net !== 'unknown');
    part('net').textContent = stateOf();
    show('sign-in', page.net === 'left' && Boolean(page.account));
    show('kept', entries.length > 0);
    part('count').textContent = say('kept-count', { count: entries.length });
    show('send', entries.length > right.length);
    show('foreign', queue.length > entries.length);
    part('foreign').textContent = say('kept-foreign', { count: queue.length - entries.length });
    show('right', right.length > 0);
    await own.draw({ mine: entries, right });
    root.dataset.ready = '';
  }

  /** Something was done: other tabs see it, and it is told. */
  async function changed(key, values) {
    others.postMessage('changed');
    await draw();
    if (key) tell(key, values);
  }

  /** Something to put right: what it is, why it was refused, what can be done; it can always be given up. */
  function rightItem(title, lines, acts, drop) {
    const item = make('li', '');
    item.append(make('strong', '', title), ...lines);
    const box = make('div', 'site-acts');
    const fold = make('details', 'confirm');
    const sure = make('div', 'sure');
    sure.append(make('p', '', say('right-drop-said')), button(say('right-drop'), 'button danger', drop));
    fold.append(make('summary', 'button plain', say('right-drop')), sure);
    box.append(...acts, fold);
    item.append(box);
    return item;
  }

  function offline() {
    [page.net, page.here] = ['offline', null];
    return draw();
  }

  /** Asks who is here, and what is so now. */
  async function learn() {
    const asked = await askHere(`${own.path}/here`);
    page.net = asked.here ? 'online' : asked.left ? 'left' : asked.denied ? 'denied' : 'offline';
    page.here = asked.here ?? null;
    if (asked.left) leaves(false);
    if (!page.here) return draw();
    if (isLeaving()) {
      if (await signOut(page.here)) leaves(false);
      [page.net, page.here] = ['left', null];
      return draw();
    }
    // what was another's is not shown to them
    const isNew = page.account !== page.here.account;
    if (isNew) {
      page.account = page.here.account;
      isHere(page.account);
      tell('');
    }
    await own.learned(page.here, isNew);
    return draw();
  }

  let sending = null;
  /** Sends what waits, if there is a network, and learns what is so then; one run at a time. */
  function send() {
    sending ??= (async () => {
      try {
        if (!page.here) await learn();
        if (!page.here) return;
        const waits = (await mine()).some((entry) => entry.state === 'waiting');
        const outcome = waits ? await sendAll(own.way, kept, page.here) : 'sent';
        if (outcome === 'left') [page.net, page.here] = ['left', null];
        if (outcome === 'later') [page.net, page.here] = ['offline', null];
        others.postMessage('changed');
        if (page.here && waits) await learn();
        else await draw();
      } finally {
        sending = null;
      }
    })();
    return sending;
  }

  /** Draws the page and keeps it going; gives what takes it down. */
  async function start() {
    part('send').addEventListener('click', send);
    part('leave').addEventListener('click', async () => {
      isHere(null);
      leaves(true);
      [page.account, page.here] = [null, null];
      await own.forget();
      tell('');
      await learn();
    });
    addEventListener('online', send);
    addEventListener('offline', offline);
    others.addEventListener('message', async () => {
      if (page.account) await own.reread();
      await draw();
    });
    const timer = setInterval(async () => {
      const waits = (await mine()).some((entry) => entry.state === 'waiting');
      if (waits || page.net !== 'online') await send();
      await own.beat?.();
    }, AGAIN_MS);
    if ('serviceWorker' in navigator) {
      await navigator.serviceWorker.register(`${own.path}/worker.js`, { scope: own.path }).catch(() => {});
    }
    await draw();
    send().then(() => own.beat?.());
    return () => {
      clearInterval(timer);
      removeEventListener('online', send);
      removeEventListener('offline', offline);
      others.close();
    };
  }

  return page;
}
