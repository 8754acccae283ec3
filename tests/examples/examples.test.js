// The programs of docs/examples: what they print, that their README says the same, and that each is
// short enough to be read at once.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERROR, SUCCESS, address, attribute, message, responder } from './responder.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = `${ROOT}docs/examples/`;
const EXAMPLES = process.env.EXAMPLES ?? `${ROOT}build/release/docs/examples`;
const MEDIA = 'tests/corpus/media/';
const NAMES = readdirSync(SOURCES).filter((f) => f.endsWith('.c')).map((f) => f.slice(0, -2));

// Runs one to its end, from the root of the tree: { status, lines, errors }.
async function run(name, ...args) {
  const child = spawn(`${EXAMPLES}/${name}`, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', errors = '';
  child.stdout.on('data', (data) => { out += data; });
  child.stderr.on('data', (data) => { errors += data; });
  const [code, signal] = await once(child, 'close');
  return { status: code ?? signal, out, lines: out.split(/\r?\n/).slice(0, -1), errors };
}

// Runs one that must succeed; its lines.
async function good(name, ...args) {
  const { status, lines, errors } = await run(name, ...args);
  assert.equal(errors, '');
  assert.equal(status, 0, lines.join('\n'));
  return lines;
}

const matches = (lines, regex) => lines.map((line) => line.match(regex)).filter((m) => m);

test('each is shorter than 100 lines', () => {
  assert.ok(NAMES.length >= 5);
  for (const name of NAMES) {
    const lines = readFileSync(`${SOURCES}${name}.c`, 'utf8').split('\n').length - 1;
    assert.ok(lines < 100, `${name}.c has ${lines} lines`);
  }
});

test('ask_stun_server: asks again when nobody answers, and takes only the answer to its question', async () => {
  const ids = [];
  const server = await responder((request, from) => {
    ids.push(request.id.toString('hex'));
    assert.equal(request.type, 0x0001);
    assert.equal(request.attributes.length, 0);
    if (ids.length === 1) return []; // lost
    const forged = address('203.0.113.9', 9);
    return [Buffer.from('no STUN'), message(SUCCESS, Buffer.alloc(12, 7), [forged]),
      message(SUCCESS, request.id, [address(from.address, from.port)])];
  });
  const lines = await good('ask_stun_server', `127.0.0.1:${server.port}`);
  assert.deepEqual(lines.slice(0, 2), ['request 1 of 7: sent', 'request 2 of 7: sent']);
  assert.equal(lines.at(-1), `the server sees us at 127.0.0.1:${server.asker().port}`);
  assert.equal(new Set(ids).size, 1); // a retransmission is the same request, RFC 8489 6.2.1
  server.close();
});

test('ask_stun_server: a name', async () => {
  const server = await responder((request, from) =>
    [message(SUCCESS, request.id, [address(from.address, from.port)])]);
  const lines = await good('ask_stun_server', `localhost:${server.port}`);
  assert.equal(lines.at(-1), `the server sees us at 127.0.0.1:${server.asker().port}`);
  server.close();
});

const REFUSALS = [
  ['an error', ERROR, () => [attribute(0x0009, Buffer.from([0, 0, 5, 0]))], /but error 500$/],
  ['no address', SUCCESS, () => [], /no address for us/],
  ['an attribute that must be understood and is not', SUCCESS,
    (from) => [address(from.address, from.port), attribute(0x0999, Buffer.alloc(4))], /no address for us/],
];
for (const [what, type, attributes, says] of REFUSALS) {
  test(`ask_stun_server: ${what}`, async () => {
    const server = await responder((request, from) => [message(type, request.id, attributes(from))]);
    const { status, lines } = await run('ask_stun_server', `127.0.0.1:${server.port}`);
    assert.equal(status, 1);
    assert.match(lines.at(-1), says);
    server.close();
  });
}

test('ask_stun_server: wrong usage', async () => {
  const usage = await run('ask_stun_server');
  assert.equal(usage.status, 2);
  assert.match(usage.errors, /^usage: ask_stun_server HOST:PORT/);
  for (const wrong of ['localhost', ':3478', 'localhost:', 'localhost:99999', 'nobody.local.:x', '']) {
    const { status, errors } = await run('ask_stun_server', wrong);
    assert.equal(status, 1, wrong);
    assert.match(errors, /no such host, or no port behind it/);
  }
});

test('pair_ice_agents: checks, answers, a nomination, and one pair for both', async () => {
  const lines = await good('pair_ice_agents');
  const times = matches(lines, /^ *(\d+) ms /).map((m) => Number(m[1]));
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  const lost = matches(lines, /lost$/);
  assert.ok(lost.length > 0);
  lost.forEach((m) => assert.match(m.input, / 10\.0\.0\.1:1000 /));
  for (const side of ['A', 'B']) {
    assert.ok(matches(lines, RegExp(` ms  ${side} .* check`)).length > 0, side);
    assert.ok(matches(lines, RegExp(` ms  ${side} .* answer$`)).length > 0, side);
  }
  assert.equal(matches(lines, /^.* ms {2}A {2}192\.0\.2\.1:1001 .*, nominates$/).length, 1);
  assert.deepEqual(lines.slice(-2), ['A has selected 192.0.2.1:1001 > 198.51.100.2:2000',
    'B has selected 198.51.100.2:2000 > 192.0.2.1:1001']);
});

test('dtls_over_a_pipe: four flights, two fingerprints, one set of keys', async () => {
  const lines = await good('dtls_over_a_pipe');
  const prints = matches(lines, /^(client|server) is ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/);
  assert.equal(prints.length, 2);
  assert.notEqual(prints[0][2], prints[1][2]);
  const flights = matches(lines, /^(client|server) sends +\d+ bytes: (.*)$/);
  assert.deepEqual(flights.map((m) => m[1]), ['client', 'server', 'client', 'server']);
  assert.equal(flights[0][2], 'client_hello');
  assert.match(flights[1][2], /^server_hello certificate .*server_hello_done$/);
  assert.match(flights[2][2], /^certificate .*change_cipher_spec \(encrypted handshake\)$/);
  assert.match(flights[3][2], /^change_cipher_spec \(encrypted handshake\)$/);
  assert.deepEqual(lines.slice(-2), [
    'agreed on DTLSv1.2, ECDHE-ECDSA-AES128-GCM-SHA256, SRTP_AEAD_AES_128_GCM',
    'both exported the same keys']);
});

test('packetize_vp8: every byte of every frame is in one packet, numbered without a gap', async () => {
  const lines = await good('packetize_vp8', `${MEDIA}quadrants.webm`, '128');
  assert.equal(lines.pop(), '30 of 30 frames came out as they went in');
  let left = 0, expected;
  for (const line of lines) {
    const frame = line.match(/^(?:key )?frame of (\d+) bytes$/);
    if (frame) {
      assert.equal(left, 0, 'the frame before was whole');
      left = Number(frame[1]);
      expected = { start: true };
      continue;
    }
    const packet = line.match(/^ {2}packet (\d+): timestamp \d+, picture \d+, (\d+) bytes of VP8(, starts the frame)?(, ends it)?$/);
    assert.ok(packet, line);
    left -= Number(packet[2]);
    assert.equal(Boolean(packet[3]), expected.start, line);
    assert.equal(Boolean(packet[4]), left === 0, line);
    expected = { start: false };
  }
  const numbers = matches(lines, /packet (\d+):/).map((m) => Number(m[1]));
  assert.ok(numbers.length > 30, 'the key frames take several');
  numbers.forEach((n, i) => assert.equal(n, (numbers[0] + i) & 0xffff));
});

test('packetize_vp8: wrong usage, and why a file is none for it', async () => {
  for (const args of [[], ['x.webm', '127'], ['x.webm', '1201'], ['x.webm', '1k'], ['x.webm', '128', 'x']]) {
    const { status, errors } = await run('packetize_vp8', ...args);
    assert.equal(status, 2, `${args}`);
    assert.match(errors, /^usage: packetize_vp8 FILE.webm/);
  }
  for (const [file, says] of [['vp9.webm', /only vp8 can be sent/], ['h264.mp4', /WebM/], ['nowhere.webm', /can't be opened/]]) {
    const { status, errors } = await run('packetize_vp8', MEDIA + file);
    assert.equal(status, 1, file);
    assert.match(errors, says);
  }
});

test('write_an_offer: two descriptions, and what they agree on', async () => {
  const { status, out, lines } = await run('write_an_offer');
  assert.equal(status, 0);
  const [, offer, answer] = out.match(/^---- offer, \d+ bytes ----\n(.*)---- answer, \d+ bytes ----\n(.*)---- agreed/s);
  for (const text of [offer, answer]) {
    assert.match(text, /^v=0\r\n/);
    assert.doesNotMatch(text, /[^\r]\n/); // RFC 8866 5: CRLF
    assert.equal(text.match(/^m=/gm).length, 2);
  }
  assert.match(offer, /^a=setup:actpass\r$/m);
  assert.match(answer, /^a=setup:active\r$/m);
  assert.match(offer, /rtx\/90000/);
  assert.doesNotMatch(answer, /rtx\/90000/);
  assert.deepEqual(lines.slice(-4), ['---- agreed, as who offered sees it ----',
    'audio: sendonly, opus as payload type 111, no retransmission',
    'video: sendrecv, VP8 as payload type 96, no retransmission',
    'who offered is the DTLS server']);
});

// What differs from run to run: fingerprints, the length of ECDSA's signatures, ports.
const blur = (line) => line.replace(/([0-9A-F]{2}:){31}[0-9A-F]{2}/, 'FINGERPRINT')
  .replace(/sends +\d+ bytes/, 'sends N bytes').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT');

test('README.md shows each with its command, and the first lines of what it really prints', async () => {
  const readme = readFileSync(`${SOURCES}README.md`, 'utf8');
  const ending = (await good('write_an_offer')).slice(-4).map((line) => `    ${line}\n`).join('');
  assert.ok(readme.endsWith(`\n\n${ending}`), ending);
  const shown = [...readme.matchAll(/^ {4}\$ build\/release\/docs\/examples\/(\w+)(.*)\n((?: {4}.*\n)+)/gm)];
  assert.deepEqual(shown.map((m) => m[1]).sort(), [...NAMES].sort());
  for (const [, name, words, text] of shown) {
    let args = words.trim().split(' ').filter((w) => w), server;
    if (name === 'ask_stun_server') {
      server = await responder((request, from) =>
        [message(SUCCESS, request.id, [address(from.address, from.port)])]);
      args = [`127.0.0.1:${server.port}`];
    }
    const wanted = text.split('\n').slice(0, -1).map((line) => blur(line.slice(4)));
    if (wanted.at(-1) === '...') wanted.pop();
    // On a busy machine the answer may come late, and the question again.
    const lines = (await good(name, ...args)).filter((line) => !/^request [2-7] of 7/.test(line));
    assert.deepEqual(lines.slice(0, wanted.length).map(blur), wanted, name);
    server?.close();
  }
});
