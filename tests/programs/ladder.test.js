// Ladders of real calls and of captures: `duet call --ladder`, `duet explain CAPTURE --ladder`. How a
// ladder looks is tests/trace/test_ladder.c, that of a simulated call sim.test.js.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { DUET, serve, stopAll } from '../browser/lib/duet.js';

const PAGE = { ...process.env, LC_ALL: 'C.UTF-8', COLUMNS: '100' };
// None of the characters of these ladders is wide.
const columns = (line) => [...line].length;

// Each of `patterns` is found behind the one before.
function inOrder(out, patterns) {
  let from = 0;
  for (const pattern of patterns) {
    const at = out.slice(from).search(pattern);
    assert.notEqual(at, -1, `${pattern} after offset ${from} of\n${out}`);
    from += at + 1;
  }
}

// Runs `duet call` to its end, with the ladder on standard output.
function ladder(url, ...args) {
  return new Promise((resolve) => {
    const child = spawn(DUET, ['call', url, '--ladder', ...args], { env: PAGE });
    let out = '', errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
    child.on('close', (status) => resolve({ status, out, errors }));
  });
}

describe('the ladder of a call', { skip: process.env.DUET_INSTRUMENTED === '1' }, () => {
  let server;
  const url = (room) => new URL(`ws?room=${room}`, server.url.replace(/^http/, 'ws')).href;
  before(async () => { server = await serve(); });
  after(stopAll);

  test('from the first message to the server to the goodbye, within 100 columns', async () => {
    const { status, out, errors } = await ladder(url('whole'), '--seconds', '4');
    assert.equal(status, 0, errors);
    assert.equal(errors, '');
    inOrder(out, [/^ seconds {2}signaling +duet +peer$/m, /│◀═+ GET \/ws\?room=whole ══╡ +│$/m,
      /╞══ welcome: 1 other ═+▶│/, /│◀═+ offer: audio, video ══╡ +│ \d+ bytes$/m,
      /╞══ answer: audio, video ═+▶│/, /├── STUN check to /, /● ICE checking/,
      /│◀─+ DTLS client_hello ──┤/, /├── DTLS server_hello to server_hello_done ─+▶│/,
      /DTLS connected, keys for SRTP_/, /├── SRTP (opus|VP8), payload type/,
      /├┄┄ .*media ×\d+.* ┄+▶│ for \d/, /│◀┄+.* media ×\d+.* ┄┄┤ for \d/, /├── SRTCP RR, SDES, BYE ─+▶│/,
      /├── DTLS alert \(encrypted\) ─+▶│/, /● closed/, /^connected after \d+ ms, the first picture after \d+ ms$/m,
      /^all that was asked for was received$/m]);
    assert.match(out, /│◀─+ STUN answer, seen as \S+ ─+┤/);
    assert.match(out, /│◀═+ bye ══╡/);
    const times = [...out.matchAll(/^ +(\d+\.\d{3}) /gm)].map((m) => Number(m[1]));
    for (let i = 1; i < times.length; i++) assert.ok(times[i] >= times[i - 1], `line ${i}: ${times[i]}`);
    for (const line of out.split('\n')) assert.ok(columns(line) <= 100, line);
    assert.ok(out.split('\n').length < 150, `${out.split('\n').length} lines: what repeats is counted`);
  });

  test('of one that fails, with its account under it', async () => {
    const { status, out, errors } = await ladder(url('lost'), '--seconds', '1', '--impair', 'loss=100%');
    assert.equal(status, 1);
    assert.match(errors, /^duet: the call did not succeed: ice: /);
    inOrder(out, [/├── STUN check to /, /├┄┄ check ×\d+ ┄+▶│ for /, / bye ══╡/, /● closed/, /^why: nothing comes/m]);
    assert.doesNotMatch(out, /DTLS client_hello/);
  });

  test('nobody there', async () => {
    const { status, out, errors } = await ladder('ws://127.0.0.1:1/ws?room=x');
    assert.equal(status, 1);
    assert.match(out, /● 127\.0\.0\.1:1: connection refused/);
    assert.match(errors, /connection refused/);
  });
});

test('a ladder and what else would be printed there do not go together', () => {
  for (const other of ['--json', '--view']) {
    const { status, stdout, stderr } = spawnSync(DUET, ['call', 'ws://127.0.0.1:1/ws', '--ladder', other],
      { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^duet call: --ladder draws where ${other} would print`));
  }
});
