// Emergencies that can be seen and heard. Times that run are told by the second; and while an emergency waits that rings for this
// duty, a tone sounds, once somebody has pressed the button: browsers let no page sound before that. Without script the page shows the
// same emergencies, and their times as of when it was asked for.
//
// <div class="alarm" data-island="alarm" data-word-on data-word-off data-word-said></div>   the button is made here
// [data-alarm="2"]   how many ring, in a part that live.js keeps current
// [data-chime="3"]   how many are on their way or about to be here: a tone sounds once when there are more     [data-since="2022-11-20T10:00:00+08:00"]   runs since then

const TONE_MS = 2_500;
const TICK_MS = 1_000;

/** @type {AudioContext | null} */
let sound = null;
let on = false;
let users = 0;
let ticking = 0;
let ringing = 0;
let chimed = 0;
/** What the server's clock is ahead of ours: an exercise lives on another day. */
let ahead = 0;

const coming = () => [...document.querySelectorAll('[data-chime]')].reduce((sum, part) => sum + Number(part.dataset.chime || 0), 0);
const ringing_now = () => [...document.querySelectorAll('[data-alarm]')].reduce((sum, part) => sum + Number(part.dataset.alarm || 0), 0);

/** Minutes and seconds since a moment, as the server writes them. */
function run() {
  for (const time of document.querySelectorAll('[data-since]')) {
    const since = Date.parse(time.dataset.since);
    const [minutes, seconds] = time.textContent.split(':').map(Number);
    // what the server said when it was asked is the beginning; our own clock only counts on from there
    if (!time.dataset.begun) {
      time.dataset.begun = '1';
      ahead = since + (minutes * 60 + seconds) * 1_000 - Date.now();
    }
    const passed = Math.max(0, Math.floor((Date.now() + ahead - since) / 1_000));
    const text = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, '0')}`;
    if (time.textContent !== text) time.textContent = text;
  }
  chime();
}

/** Sounds once when there are more on their way than before. */
function chime() {
  const now = coming();
  if (now > chimed) sounds([[523, 0], [659, 0.25], [784, 0.5]]);
  chimed = now;
}

function tone() {
  if (ringing_now() > 0) sounds([[880, 0], [660, 0.25]]);
}

/** Tones, one after the other: heard through a room, and no voice. */
function sounds(tones) {
  if (!on || !sound) return;
  for (const [pitch, after] of tones) {
    const voice = sound.createOscillator();
    const loudness = sound.createGain();
    voice.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.2, sound.currentTime + after);
    loudness.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + after + 0.22);
    voice.connect(loudness).connect(sound.destination);
    voice.start(sound.currentTime + after);
    voice.stop(sound.currentTime + after + 0.24);
  }
}

/** @param {HTMLElement} element */
export function mount(element) {
  users += 1;
  ticking ||= setInterval(run, TICK_MS);
  ringing ||= setInterval(tone, TONE_MS);
  chimed = coming();
  run();
  const { wordOn, wordOff, wordSaid } = element.dataset;
  if (wordOn && wordOff) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button';
    button.textContent = wordOn;
    button.setAttribute('aria-pressed', 'false');
    const said = document.createElement('span');
    said.className = 'hint';
    said.textContent = wordSaid ?? '';
    button.addEventListener('click', async () => {
      on = !on;
      sound ??= new AudioContext();
      if (on) await sound.resume();
      button.textContent = on ? wordOff : wordOn;
      button.setAttribute('aria-pressed', String(on));
      // heard at once, so that whoever turned it on knows that it can be heard
      if (document.querySelector('[data-chime]')) sounds([[523, 0], [784, 0.25]]);
      else tone();
    });
    element.replaceChildren(button, said);
  }
  return () => {
    users -= 1;
    if (users > 0) return;
    clearInterval(ticking);
    clearInterval(ringing);
    ticking = 0;
    ringing = 0;
  };
}
