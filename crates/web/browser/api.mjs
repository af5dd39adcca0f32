// Runs schemathesis against the API once for every role, each on a fresh store, and prints a table and a plain last line.
// The seed is fixed and the number of examples bounded, so that a finding comes back; words choose roles.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from './program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const OUT = join(here, '../../../out/test-api');
const DOCUMENT = join(OUT, 'openapi.json');
const SEED = '20221120';
const EXAMPLES_MAX = process.env.DAYCLEAR_API_EXAMPLES ?? '10';
const EXPORT = /\.(csv|json|ndjson|xlsx)$/;
const EXAMPLES_AGAIN = 5;
const EXAMPLES_REFUSED = 3;
// Operations whose every parameter and field was tried in this run: they are read alike for every role.
const covered = new Set();
// One account asks as fast as it can here; the limits of an account have tests of their own.
const UNHURRIED = { DAYCLEAR_LIMITS_ACCOUNT_PER_S_MAX: '10000', DAYCLEAR_LIMITS_ACCOUNT_BURST_MAX: '10000', DAYCLEAR_LIMITS_SITE_PER_S_MAX: '10000' };

const program = process.env.DAYCLEAR_SCHEMATHESIS;
if (!program) throw new Error('DAYCLEAR_SCHEMATHESIS names no program. Remedy: run `cargo xtask test-api`');
await mkdir(OUT, { recursive: true });
// One demo store, copied for each role.
const place = await mkdtemp(join(tmpdir(), 'dayclear-api-'));
process.env.DAYCLEAR_DEMO ??= join(place, 'demo');

const results = [];
try {
  let roles = null;
  do {
    const server = await startServer({ env: UNHURRIED });
    try {
      roles ??= rolesOf(server.accounts);
      const account = roles.shift();
      results.push(await test(server, account));
    } finally {
      await server.stop();
    }
  } while (roles.length > 0);
} finally {
  await rm(place, { recursive: true, force: true });
}
const width = Math.max(...results.map(({ role }) => role.length));
for (const { role, passed, seconds, last } of results) {
  console.log(`${role.padEnd(width)}  ${passed ? 'passed' : 'FAILED'}  ${String(seconds).padStart(4)} s  ${last}`);
}
const failed = results.filter(({ passed }) => !passed).length;
console.log(`test-api: ${results.length - failed} roles passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** One account for each role that was asked for. */
function rolesOf(accounts) {
  const words = process.argv.slice(2);
  const seen = new Set();
  const chosen = accounts.filter(({ role, token }) => {
    if (!token || seen.has(role) || (words.length > 0 && !words.includes(role))) return false;
    seen.add(role);
    return true;
  });
  const missing = words.filter((word) => !seen.has(word));
  if (missing.length > 0 || chosen.length === 0) throw new Error(`accounts.json has no token for: ${missing.join(', ') || 'any role'}`);
  return chosen;
}

/** The settings of all, and less of what says the same again: what another role has covered, an export (it takes the
 *  parameters of its list by the same reader), and what is not for a role and refused before its content is looked at. All
 *  of them are still tried by examples. */
async function settings(server, role) {
  const document = await (await fetch(`${server.url}/api/openapi.json`)).text();
  await writeFile(DOCUMENT, document);
  const operations = Object.entries(JSON.parse(document).paths)
    .flatMap(([path, methods]) => Object.values(methods).map((operation) => ({ path, ...operation })));
  const refused = operations.filter((operation) => !operation['x-roles'].includes(role));
  const open = operations.filter((operation) => !refused.includes(operation));
  const exports = open.filter(({ path }) => EXPORT.test(path));
  const again = open.filter((operation) => covered.has(operation.operationId) && !exports.includes(operation));
  open.forEach(({ operationId }) => covered.add(operationId));
  const section = (some, examples) => some.length === 0 ? '' : `
[[operations]]
include-operation-id = ${JSON.stringify(some.map(({ operationId }) => operationId))}
phases.coverage.enabled = false
generation.max-examples = ${examples}
`;
  const file = join(OUT, `${role}.toml`);
  const common = await readFile(join(here, 'schemathesis.toml'), 'utf8');
  await writeFile(file, `${common}${section(refused, EXAMPLES_REFUSED)}${section([...exports, ...again], EXAMPLES_AGAIN)}`);
  return file;
}

async function test(server, { role, token }) {
  const since = Date.now();
  console.log(`== ${role}`);
  const words = [
    '--config-file', await settings(server, role),
    'run', DOCUMENT, '--url', server.url,
    '--header', `Authorization: Bearer ${token}`,
    '--checks', 'all',
    '--seed', SEED, '--generation-database', 'none',
    '--max-examples', EXAMPLES_MAX, '--workers', '1', // The server's own limits of time come first: whatever takes longer is its answer (503), not a guess of ours.
    '--request-timeout', '60', '--max-response-time', '35',
    // A limit of the account is waited for, not counted as an answer.
    '--rate-limit', 'auto',
    '--no-color',
  ];
  // Nothing leaves loopback, whatever proxy the shell knows.
  const env = { ...process.env, NO_PROXY: '*', no_proxy: '*', PYTHONHASHSEED: '0' };
  const said = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd: OUT });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => said.push(bytes));
    child.on('error', reject);
    child.on('exit', resolve);
  });
  const text = Buffer.concat(said).toString('utf8');
  await writeFile(join(OUT, `${role}.txt`), text);
  if (code !== 0) console.log(text.split('\n').slice(-120).join('\n'));
  const last = text.trim().split('\n').at(-1)?.replace(/[=\s]+/g, ' ').trim() ?? '';
  return { role, passed: code === 0, seconds: Math.round((Date.now() - since) / 1000), last };
}
