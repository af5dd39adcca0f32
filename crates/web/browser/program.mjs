// The program under test: a demo store, made once for a run and copied for each file of tests, and a server on it.
//
// What it expects of the program (`DAYCLEAR_BIN`):
//   demo --no-serve --out DIR [--db URL]       leaves DIR/out/dayclear.db, DIR/out/dayclear.keys, accounts.json, clock.txt
//   serve --db .. --secrets .. --listen .. --clock ..   prints `listening on http://127.0.0.1:PORT`
// accounts.json: [{login, password, otp (base32), role, token, name?}], in DIR or DIR/out.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startGuarded } from './guard.mjs';

const run = promisify(execFile);
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:\d+)/;

/** @typedef {{login: string, password: string, otp: string, role: string, token?: string}} Account */

export function programPath() {
  const program = process.env.DAYCLEAR_BIN;
  if (!program) throw new Error('DAYCLEAR_BIN names no program. Remedy: run the tests with `cargo xtask browser`');
  return program;
}

const exists = (path) => stat(path).then(() => true, () => false);

/** Fills a folder with a demo store that nobody has worked in. Where the runner names a place for it (DAYCLEAR_DEMO), it is
 *  made there once and copied. */
async function demoStore(program, folder) {
  const shared = program === process.env.DAYCLEAR_BIN ? process.env.DAYCLEAR_DEMO : undefined;
  if (!shared) return demo(program, folder);
  if (!(await exists(shared))) {
    const fresh = await mkdtemp(`${shared}-new-`);
    await demo(program, fresh);
    // Another file of tests may have been faster; its store is as good.
    await rename(fresh, shared).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return cp(shared, folder, { recursive: true });
}

async function demo(program, folder, words = []) {
  try {
    await run(program, ['demo', '--no-serve', '--out', folder, ...words], { maxBuffer: 64 << 20 });
  } catch (error) {
    throw new Error(`dayclear demo --no-serve failed:\n${error.stderr || error.message}`);
  }
}

/** Starts the server on a fresh copy of the demo store.
 * @param {{program?: string, words?: string[], env?: object}} options */
export async function startServer({ program = programPath(), words = [], env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'dayclear-browser-'));
  const remove = [() => rm(folder, { recursive: true, force: true })];
  try {
    const db = await freshStore(program, folder, remove);
    const accounts = await readAccounts(folder);
    const keys = join(folder, 'out', 'dayclear.keys');
    // The city of the demo lives on the evening that it was played up to.
    const clockFile = join(folder, 'clock.txt');
    const clock = (await exists(clockFile)) ? ['--clock', (await readFile(clockFile, 'utf8')).trim()] : [];
    const started = await startGuarded(
      program,
      ['serve', '--db', db, '--secrets', keys, '--listen', '127.0.0.1:0', ...clock, ...words],
      LISTENING,
      env,
    );
    const stop = async () => {
      await started.stop();
      for (const step of remove.reverse()) await step();
    };
    return { url: started.match[1], accounts, folder, db, keys, said: started.said, child: started.child, stop };
  } catch (error) {
    for (const step of remove.reverse()) await step();
    throw error;
  }
}

/** SQLite is copied; on PostgreSQL each server gets a database of its own. */
async function freshStore(program, folder, remove) {
  const server = process.env.DAYCLEAR_BROWSER_POSTGRES;
  if (!server) {
    await demoStore(program, folder);
    return join(folder, 'out', 'dayclear.db');
  }
  const name = `dayclear_browser_${process.pid}_${Date.now().toString(36)}`;
  const sql = (text) => run('psql', [server, '-qX', '-v', 'ON_ERROR_STOP=1', '-c', text]);
  await sql(`CREATE DATABASE ${name}`);
  remove.push(() => sql(`DROP DATABASE ${name} WITH (FORCE)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  await demo(program, folder, ['--db', url.href]);
  return url.href;
}

/** @param {string} folder @returns {Promise<Account[]>} */
async function readAccounts(folder) {
  for (const path of [join(folder, 'accounts.json'), join(folder, 'out', 'accounts.json')]) {
    if (await exists(path)) return JSON.parse(await readFile(path, 'utf8'));
  }
  throw new Error('dayclear demo --no-serve left no accounts.json');
}
