// Pictures of every page: `out/screenshots/NAME-LANG-WIDTH.png` in each language at two widths, `...-dark.png` in one of
// them, and `index.html` with all of them on one sheet. Words choose pages by name.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { pages } from './pages.mjs';
import { startServer } from './program.mjs';
import { LANGUAGES, WIDTHS, login, visit } from './session.mjs';

const OUT = process.env.DAYCLEAR_SCREENSHOTS ?? join(dirname(fileURLToPath(import.meta.url)), '../../../out/screenshots');
const DARK = 'en';
// A list may be long: what lies below is more of the same.
const HEIGHT_MAX = 4_000;

const words = process.argv.slice(2);
const chosen = pages.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) throw new Error(`no page is called like that; there are: ${pages.map(({ name }) => name).join(', ')}`);
if (words.length === 0) await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });

const shots = [];
const failed = [];
const server = await startServer();
const browser = await launch();
try {
  for (const page of chosen) {
    for (const lang of LANGUAGES) {
      for (const width of Object.values(WIDTHS)) {
        for (const theme of lang === DARK ? ['light', 'dark'] : ['light']) await shoot(page, lang, width, theme);
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
await writeFile(join(OUT, 'index.html'), sheet());
for (const line of failed) console.log(line);
console.log(`screenshots: ${shots.length} written to out/screenshots, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function shoot({ name, role, ...where }, lang, width, theme) {
  const file = `${name}-${lang}-${width}${theme === 'dark' ? '-dark' : ''}.png`;
  const context = await browser.newContext({
    locale: lang,
    viewport: { width, height: width < 600 ? 700 : 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Shanghai',
  });
  try {
    const page = await context.newPage();
    if (role) await login(page, role, server);
    await visit(page, server, where);
    const height = Math.min(HEIGHT_MAX, await page.evaluate(() => document.documentElement.scrollHeight));
    await page.screenshot({ path: join(OUT, file), fullPage: true, clip: { x: 0, y: 0, width, height } });
    shots.push({ file, name });
  } catch (error) {
    failed.push(`failed: ${file}: ${error.message.split('\n')[0]}`);
  } finally {
    await context.close();
  }
}

function sheet() {
  const rows = chosen.map(({ name }) => {
    const own = shots.filter((shot) => shot.name === name);
    const pictures = own.map(({ file }) => `<a href="${file}"><figure><img src="${file}" alt="" loading="lazy"><figcaption>${file}</figcaption></figure></a>`);
    return `<h2>${name}</h2><div>${pictures.join('\n')}</div>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages</title>
<style>body{font:14px sans-serif}div{display:flex;flex-wrap:wrap;gap:12px;align-items:start}figure{margin:0;width:240px}img{width:100%;max-height:320px;object-fit:cover;object-position:top;border:1px solid #999}</style>
<h1>Pages</h1>${rows.join('\n')}</html>\n`;
}
