// Starts a child that cannot outlive this process: a small shell waits for the end of its standard input, which comes
// however we end (`kill -9` included), and then stops the child. Output is read line by line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const GUARD = 'trap : INT TERM HUP; read -r _; kill "$1" 2>/dev/null; sleep 3; kill -9 "$1" 2>/dev/null';
const READY_MAX_MS = 60_000;

/** Starts a program and waits for a line of its output that fits; gives the match and a way to stop it.
 * @param {string} program @param {string[]} words @param {RegExp} ready @param {object} env */
export async function startGuarded(program, words, ready, env = {}) {
  // What this harness is told by the environment is no setting of the program.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DAYCLEAR_')));
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...env } });
  const said = [];
  const found = new Promise((resolve, reject) => {
    const listen = (line) => {
      said.push(line);
      if (said.length > 2_000) said.shift();
      const match = ready.exec(line);
      if (match) resolve(match);
    };
    createInterface({ input: child.stdout }).on('line', listen);
    createInterface({ input: child.stderr }).on('line', listen);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${shown(program, words)} ended (${code}) before it was ready:\n${said.join('\n')}`)));
    setTimeout(() => reject(new Error(`${shown(program, words)} was not ready in time:\n${said.join('\n')}`)), READY_MAX_MS).unref();
  });
  const guard = child.pid ? spawn('sh', ['-c', GUARD, 'guard', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'] }) : null;
  const gone = new Promise((resolve) => child.on('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    if (child.exitCode === null && child.signalCode === null && child.pid) await gone;
    clearTimeout(late);
    guard?.kill('SIGKILL');
  };
  try {
    return { match: await found, said, child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const shown = (program, words) => [program.split('/').at(-1), ...words].join(' ');
