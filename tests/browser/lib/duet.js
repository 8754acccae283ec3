// The program under test: `duet serve` and `duet call`, and the lines they print.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './wait.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const DUET = process.env.DUET ?? `${ROOT}build/release/apps/duet`;

const running = new Set();

// Ends what a failed test has left behind.
export function stopAll() { return Promise.all([...running].map((program) => program.stop())); }

// Runs `duet ARGUMENT...`; its events are collected as they come. Ended by SIGINT at the latest.
export function run(...args) { return runUnder([], ...args); }

// The same, started by another command: ['ip', 'netns', 'exec', NAME].
export function runUnder(command, ...args) {
  const [file, ...words] = [...command, DUET, ...args];
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = { events: [], errors: '', status: undefined };
  running.add(program);
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      program.events.push(JSON.parse(line));
    } catch {
      program.errors += `not JSON: ${line}\n`;
    }
  });
  child.stderr.on('data', (data) => { program.errors += data; });
  child.on('error', (error) => { program.errors += error.message; });
  const over = new Promise((resolve) => child.on('close', (code, signal) => {
    program.status = code ?? signal;
    running.delete(program);
    resolve();
  }));
  const said = () => ({ status: program.status, errors: program.errors,
    events: program.events.slice(-8) });
  // The first event, from number `from` on, for which `is` holds.
  program.event = (what, is, { seconds = 60, from = 0 } = {}) =>
    until(`duet ${args[0]} says: ${what}`, () => {
      const found = program.events.slice(from).find(is);
      if (!found && program.status !== undefined) {
        throw new Error(`duet ${args.join(' ')} ended: ${JSON.stringify(said())}`);
      }
      return found;
    }, { seconds, seen: said });
  // Asks it to end, and waits until it has.
  program.stop = async () => {
    if (program.status === undefined) child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 10000);
    await over;
    clearTimeout(late);
    return program.status;
  };
  program.over = () => over;
  // Ends it without a word to anyone.
  program.kill = () => {
    child.kill('SIGKILL');
    return over;
  };
  return program;
}

// `duet serve` on a free port; .url is where its page is.
export async function serve(...args) {
  const server = run('serve', '--listen', '127.0.0.1:0', '--json', ...args);
  server.url = (await server.event('listening', (e) => e.event === 'listening')).url;
  // What it measured of a participant who has left, who is told by its place among all of them.
  server.summary = (number = 0) => until('a summary', () =>
    server.events.filter((e) => e.event === 'summary')[number],
  { seconds: 15, seen: () => server.events.slice(-8) });
  return server;
}

// `duet call` into a room of the server at `url` (http); .summary() once it has ended.
export function call(url, room, ...args) {
  const address = new URL('ws', url.replace(/^http/, 'ws'));
  address.searchParams.set('room', room);
  const caller = run('call', address.href, '--json', ...args);
  caller.summary = async () => {
    await caller.over();
    const last = caller.events.at(-1);
    if (last?.event !== 'summary') {
      throw new Error(`duet call printed no summary: ${caller.status} ${caller.errors}`);
    }
    return last;
  };
  return caller;
}
