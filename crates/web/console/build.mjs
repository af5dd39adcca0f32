// Builds the console's script and styles into `../dist`: `main.js`, `index.css` and `public.css` under plain names, what is loaded on
// demand under names with a hash, the map's worker beside them (the content policy allows workers from 'self' only),
// the licences of what was bundled, and `manifest.json`: name -> what to ask for, with a hash of the content.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'dist');
// Built beside and moved into place, so that a build that fails leaves the last one as it was.
const fresh = join(here, '..', 'dist.new');
const MAIN_MAX_BYTES = 3_000;

const hashed = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
const options = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  outdir: fresh,
};

/** The console's and the public pages' style, each in one file; empty where there is none. */
async function styles(metafiles) {
  const files = await readdir(join(here, 'style')).catch(() => []);
  for (const name of ['index.css', 'public.css']) {
    const contents = files.includes(name) ? `@import "./style/${name}";` : '';
    const stdin = { contents, resolveDir: here, sourcefile: name, loader: 'css' };
    const built = await build({ ...options, outdir: undefined, outfile: join(fresh, name), stdin });
    metafiles.push(built.metafile);
  }
}

/** Pictures that stand beside this file go out as they are. */
async function pictures() {
  for (const name of await readdir(here)) {
    if (/\.(svg|png|webmanifest)$/.test(name)) await copyFile(join(here, name), join(fresh, name));
  }
}

async function worker() {
  const bytes = await readFile(join(here, 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs'));
  // The map of its source is not shipped.
  const text = bytes.toString('utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  await writeFile(join(fresh, 'map-worker.js'), text);
  return `map-worker.js?v=${hashed(text)}`;
}

/** Styles that an island brings along, each a file of its own; gives name -> address. */
async function islandStyles(metafiles) {
  const addresses = {};
  for (const name of ['map', 'chains', 'curve']) {
    const built = await build({ ...options, entryPoints: { [`${name}-island`]: `islands/${name}.css` } });
    metafiles.push(built.metafile);
    addresses[name] = `${name}-island.css?v=${hashed(await readFile(join(fresh, `${name}-island.css`)))}`;
  }
  return addresses;
}

async function script(mapWorker, styles, metafiles) {
  const built = await build({
    ...options,
    entryPoints: { main: 'islands/main.js' },
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    define: { MAP_WORKER: JSON.stringify(mapWorker), STYLES: JSON.stringify(styles) },
  });
  metafiles.push(built.metafile);
  const size = (await readFile(join(fresh, 'main.js'))).length;
  if (size >= MAIN_MAX_BYTES) {
    throw new Error(`main.js has ${size} bytes, fewer than ${MAIN_MAX_BYTES} allowed. Remedy: what one page needs belongs into an island`);
  }
}

/** The service worker of pages for phones: one file under a plain name; the server says which files it keeps for which page. */
async function phoneWorker(metafiles) {
  const built = await build({ ...options, entryPoints: { 'phone-worker': 'islands/phone_worker.js' }, format: 'iife' });
  metafiles.push(built.metafile);
}

const denied = await readFile(join(here, '..', '..', '..', 'deny.toml'), 'utf8');
const allowedNames = new Set([.../^allow = \[(.*?)^\]/ms.exec(denied)[1].matchAll(/"([^"]+)"/g)].map(([, name]) => name));
/** One list of licences for crates and packages. @param {string | undefined} licence such as `(MIT OR Apache-2.0)` */
const allowed = (licence) => (licence ?? '').split(/[() ]+|OR/).some((name) => allowedNames.has(name));

/** Licence texts of every package that ended up in the bundles, and of what those brought along already bundled. */
async function licences(metafiles) {
  const names = new Set();
  for (const input of metafiles.flatMap((metafile) => Object.keys(metafile.inputs))) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name) await collect(name, names);
  }
  const texts = [];
  for (const name of [...names].sort()) {
    const folder = join(here, 'node_modules', name);
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (!allowed(about.license)) {
      throw new Error(`${name} has the licence '${about.license}', which deny.toml does not allow. Remedy: do not bundle it`);
    }
    const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${about.license}`;
    texts.push(`${name} ${about.version} (${about.license ?? 'see text'})\n\n${text.trim()}\n`);
  }
  await writeFile(join(fresh, 'licences.txt'), texts.join(`\n${'-'.repeat(72)}\n\n`));
}

/** Adds a package and what it depends on: bundles as published hold their dependencies' code. */
async function collect(name, names) {
  if (names.has(name)) return;
  const about = await readFile(join(here, 'node_modules', name, 'package.json'), 'utf8').catch(() => null);
  if (!about) return;
  names.add(name);
  for (const below of Object.keys(JSON.parse(about).dependencies ?? {})) await collect(below, names);
}

async function manifest() {
  const files = {};
  for (const name of (await readdir(fresh)).sort()) {
    // Chunks carry a hash in their name already, and are imported by it.
    const chunk = /-[A-Z0-9]{8}\.js$/.test(name);
    files[name] = chunk ? name : `${name}?v=${hashed(await readFile(join(fresh, name)))}`;
  }
  await writeFile(join(fresh, 'manifest.json'), `${JSON.stringify(files, null, 2)}\n`);
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
const metafiles = [];
await pictures();
await styles(metafiles);
await script(await worker(), await islandStyles(metafiles), metafiles);
await phoneWorker(metafiles);
metafiles.push({ inputs: { 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs': {} } });
await licences(metafiles);
await manifest();
await rm(dist, { recursive: true, force: true });
await rename(fresh, dist);
