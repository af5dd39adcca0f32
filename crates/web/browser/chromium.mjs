// Debian's Chromium, driven by playwright-core. It opens no connection of its own, and draws WebGL in software, so that
// the map is drawn on any machine.
import { stat } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const CARD = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...CARD,
  // Every name but loopback resolves to nothing: a page that asks for something outside fails here, not in a city.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  '--font-render-hinting=none',
];

/** @param {{webgl?: boolean, plain?: boolean}} options `plain` draws without a pretended graphics card, which costs every paint
 *  some tens of milliseconds that no real card costs. */
export async function launch({ webgl = true, plain = false } = {}) {
  const executablePath = process.env.DAYCLEAR_CHROMIUM ?? '/usr/bin/chromium';
  await stat(executablePath).catch(() => {
    throw new Error(`there is no browser at ${executablePath}. Remedy: apt-get install chromium, or name one in DAYCLEAR_CHROMIUM`);
  });
  const args = plain ? [...FLAGS.filter((flag) => !CARD.includes(flag)), '--disable-gpu'] : FLAGS;
  return chromium.launch({ executablePath, headless: true, args: webgl ? args : [...args, '--disable-3d-apis'] });
}
