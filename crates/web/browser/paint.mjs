// First paint of every page with the demo city: how long after a click somebody sees something of use. Pages are drawn by
// the server and no script holds a paint up, so the first contentful paint is the useful one. Prints a table and, as its
// last line, one JSON object; the baseline is the plain text of /healthz in the same browser.
import { launch } from './chromium.mjs';
import { pages } from './pages.mjs';
import { startServer } from './program.mjs';
import { WIDTHS, login, visit } from './session.mjs';

const GOAL_MS = 100;
const LANG = 'zh-Hans';
const runs = Number(process.env.DAYCLEAR_PAINTS ?? 7);

const server = await startServer();
const browser = await launch({ webgl: false, plain: true });
const lines = [];
let baseline = [];
try {
  baseline = await withPage(WIDTHS.desktop, (page) => paints(page, `${server.url}/healthz`));
  for (const { name, role, ...where } of pages) {
    const line = { name };
    for (const [title, width] of Object.entries(WIDTHS)) {
      line[title] = await withPage(width, async (page) => {
        if (role) await login(page, role, server);
        await visit(page, server, where);
        return paints(page, page.url());
      }).catch((error) => {
        throw new Error(`${name}, ${title}: ${error.message}`);
      });
    }
    lines.push(line);
  }
} finally {
  await browser.close();
  await server.stop();
}

const at = (times, share) => times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1];
const cell = (times) => `${at(times, 0.5).toFixed(0)} / ${at(times, 1).toFixed(0)}`;
const titles = Object.keys(WIDTHS);
console.log(`First contentful paint, ms, median / slowest of ${runs}, in ${LANG}, demo city, files of the page in the browser's cache:\n`);
console.log(`| page | ${titles.map((title) => `${title}, ${WIDTHS[title]} px`).join(' | ')} |`);
console.log(`|---|${titles.map(() => '---:').join('|')}|`);
for (const line of lines) console.log(`| ${line.name} | ${titles.map((title) => cell(line[title])).join(' | ')} |`);
const all = lines.flatMap((line) => titles.map((title) => ({ what: `${line.name}, ${title}`, median: at(line[title], 0.5) })));
const worst = all.reduce((a, b) => (b.median > a.median ? b : a));
const beyond = all.filter(({ median }) => median > GOAL_MS);
const base = at(baseline, 0.5);
console.log(`\nBaseline, the plain text of \`/healthz\`: ${cell(baseline)} ms. Slowest median: ${worst.median.toFixed(0)} ms (${worst.what}).`);
console.log(beyond.length === 0 ? `Every page is within ${GOAL_MS} ms.` : `Beyond ${GOAL_MS} ms: ${beyond.map(({ what, median }) => `${what} ${median.toFixed(0)}`).join('; ')}.`);
const figures = { pages: lines.length, worst_ms: worst.median, beyond_goal: beyond.length, healthz_ms: base };
console.log(JSON.stringify({ bench: 'paint', figures, baseline: 'GET /healthz', ratio: Number((worst.median / base).toFixed(1)) }));

async function withPage(width, what) {
  const context = await browser.newContext({ locale: LANG, viewport: { width, height: width < 600 ? 700 : 900 }, timezoneId: 'Asia/Shanghai' });
  try {
    return await what(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Opens an address again and again: milliseconds from the start of the navigation to the first contentful paint. */
async function paints(page, address) {
  const times = [];
  for (let run = 0; run <= runs; run += 1) {
    await page.goto(address);
    const time = await page.evaluate(() => new Promise((resolve) => {
      const found = (list) => list.getEntriesByName('first-contentful-paint').forEach(({ startTime }) => resolve(startTime));
      new PerformanceObserver(found).observe({ type: 'paint', buffered: true });
    }));
    // The first one fills the cache.
    if (run > 0) times.push(time);
  }
  return times;
}
