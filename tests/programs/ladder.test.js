// Ladders of real calls and of captures: `duet call --ladder`, `duet explain CAPTURE --ladder`. How a
// ladder looks is tests/trace/test_ladder.c, that of a simulated call sim.test.js.

import { test, describe, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

// Runs `duet call` with the ladder on standard output, and interrupts it once `until` was drawn.
function ladder(url, until, ...args) {
  return new Promise((resolve) => {
    const child = spawn(DUET, ['call', url, '--ladder', ...args], { env: PAGE });
    const late = setTimeout(() => child.kill('SIGKILL'), 60000);
    let out = '', errors = '', done = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (!done && until.test(out)) done = child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
    child.on('close', (status) => {
      clearTimeout(late);
      resolve({ status, out, errors });
    });
  });
}

describe('the ladder of a call', { skip: process.env.DUET_INSTRUMENTED === '1' }, () => {
  let server;
  const url = (room) => new URL(`ws?room=${room}`, server.url.replace(/^http/, 'ws')).href;
  before(async () => { server = await serve(); });
  after(stopAll);

  test('from the first message to the server to the goodbye, within 100 columns', async () => {
    const { status, out, errors } = await ladder(url('whole'), /● all that was asked for was received/);
    assert.equal(status, 0, errors);
    assert.equal(errors, '');
    inOrder(out, [/^ seconds {2}signaling +duet +peer$/m, /│◀═+ GET \/ws\?room=whole ══╡ +│$/m,
      /╞══ welcome: 1 other ═+▶│/, /│◀═+ offer: audio, video ══╡ +│ \d+ bytes$/m,
      /╞══ answer: audio, video ═+▶│/, /├── STUN check to /,
      /├── DTLS server_hello to server_hello_done ─+▶│/, /DTLS connected, keys for SRTP_/,
      /├── SRTP (opus|VP8), payload type \d+ ─+▶│/, /├┄┄ .*media ×\d+.* ┄+▶│ for \d/, /● all that was asked for/,
      /├── SRTCP RR, SDES, BYE ─+▶│/, /├── DTLS alert \(encrypted\) ─+▶│/, /● closed/,
      /^connected after \d+ ms, the first picture after \d+ ms$/m, /^all that was asked for was received$/m]);
    // What comes from the other side may overtake its answer.
    for (const also of [/● ICE checking/, /● ICE connected/, /● connected/, /● pair \S+ to \S+/,
      /│◀─+ DTLS client_hello ──┤/, /│◀─+ STUN answer, seen as \S+ ─+┤/, /│◀─+ SRTP (opus|VP8), payload type \d+ ──┤/,
      /│◀┄+.* media ×\d+.* ┄┄┤ for \d/, /│◀═+ bye ══╡/]) assert.match(out, also);
    const times = [...out.matchAll(/^ +(\d+\.\d{3}) /gm)].map((m) => Number(m[1]));
    for (let i = 1; i < times.length; i++) assert.ok(times[i] >= times[i - 1], `line ${i}: ${times[i]}`);
    for (const line of out.split('\n')) assert.ok(columns(line) <= 100, line);
    const counted = [...out.matchAll(/×(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    assert.ok(counted > out.split('\n').length, `${counted} packets are counted, not drawn`);
  });

  test('of one that fails, with its account under it', async () => {
    const { status, out, errors } = await ladder(url('lost'), /(STUN check to[^]*){3}/, '--impair', 'loss=100%');
    assert.equal(status, 1);
    assert.match(errors, /^duet: the call did not succeed: ice: /);
    inOrder(out, [/├── STUN check to /, / bye ══╡/, /● closed/, /^why: nothing comes/m]);
    assert.doesNotMatch(out, /DTLS client_hello/);
  });

  test('nobody there', async () => {
    const { status, out, errors } = await ladder('ws://127.0.0.1:1/ws?room=x', /^never$/);
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

// ---- Captures ----

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CAPTURES = `${ROOT}tests/corpus/pcap/`;

function drawn(file, { args = [], env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(DUET, ['explain', '--ladder', ...args, file],
    { encoding: 'utf8', env: { ...PAGE, ...env }, maxBuffer: 1 << 26 });
  return { status, out: stdout, errors: stderr };
}

describe('the ladder of a capture', () => {
  test('two addresses, two lifelines; nothing decrypted', () => {
    const { status, out } = drawn(`${CAPTURES}chromium-firefox-dtls12.pcap`);
    assert.equal(status, 0);
    inOrder(out, [/^ +seconds {2}192\.0\.2\.10:42268 +192\.0\.2\.10:43048$/m,
      /^ {3}0\.000000 {2}├── STUN check, controlled ─+▶│ 100 bytes$/m,
      /│◀─+ STUN answer, seen as 192\.0\.2\.10:42268 ──┤ 64 bytes$/m,
      /├── DTLS client_hello \(bytes 1175 to 1413 of 1413, all there\) ─+▶│/, /STUN check, nominates ──┤/,
      /│◀─+ DTLS server_hello to server_hello_done ──┤/, /├── DTLS certificate to encrypted handshake, 48 bytes ─+▶│/,
      /│◀─+ SRTP payload type 109, sequence 19508/, /├┄┄ .*data ×\d+/]);
  });

  test('what the file has the secrets of is told decrypted; the addresses of one agent share a lifeline', () => {
    const { status, out } = drawn(`${CAPTURES}duet-chromium.pcapng`);
    assert.equal(status, 0);
    inOrder(out, [/^ +seconds {2}192\.0\.2\.2:58069 and 1 more +192\.0\.2\.2:56853 and 1 more$/m,
      /├── STUN check, controlled, to 192\.0\.2\.2:56853 ─+▶│/,
      /├── DTLS certificate to finished \(decrypted\) ─+▶│/,
      /│◀─+ SRTP VP8, picture 484, key frame 640x480 begins ──┤/, /├── SRTCP TWCC of 1 packets, 0 lost ─+▶│/]);
    assert.doesNotMatch(out, /198\.51\.100/, 'our own decrypted copy of the same media is not drawn again');
  });

  test('signaling, checks, keys, media and the goodbye of the call of the tour', () => {
    const { status, out } = drawn(`${ROOT}docs/tour/call.pcapng`);
    assert.equal(status, 0);
    inOrder(out, [/^ +seconds {2}192\.0\.2\.2 +192\.0\.2\.1$/m, /├── TCP SYN ─+▶│$/m,
      /╞══ HTTP GET \/ws\?room=tour/, /│◀═+ HTTP 101 Switching Protocols/, /│◀═+ WebSocket welcome/,
      /│◀═+ WebSocket offer from/, /╞══ WebSocket answer to/, /STUN check, controlling/, /DTLS client_hello/,
      /finished \(decrypted\)/, /key frame \d+x\d+ begins/, /├┄┄ .*media ×\d+ .*▶│ for \d+\.\d s$/m, /WebSocket bye/,
      /alert: warning close_notify/, /TCP FIN/]);
    assert.ok(out.split('\n').length < 70, 'what repeats is counted');
  });

  test('every capture of the corpus, at every width', () => {
    for (const name of readdirSync(CAPTURES).filter((each) => /\.pcap(ng)?$/.test(each))) {
      for (const COLUMNS of ['72', '100']) {
        const { status, out, errors } = drawn(CAPTURES + name, { env: { COLUMNS } });
        assert.equal(status, 0, `${name}: ${errors}`);
        assert.equal(errors, '');
        const lines = out.trimEnd().split('\n');
        assert.ok(lines.length > 10, name);
        for (const line of lines) assert.ok(columns(line) <= Number(COLUMNS), `${name} ${COLUMNS}: ${line}`);
      }
      assert.doesNotMatch(drawn(CAPTURES + name, { env: { LC_ALL: 'C' } }).out, /[^\x20-\x7e\n]/);
    }
  });

  test('some packets of it', () => {
    const lines = drawn(`${CAPTURES}chromium-plain-vp8.pcap`, { args: ['--packets', '2-4'] }).out.trimEnd().split('\n');
    assert.equal(lines.length, 4, 'the head and three packets');
    assert.match(lines[1], /^ {3}0\.01\d+ /);
  });

  test('one that breaks off is drawn as far as it goes', () => {
    const file = readFileSync(`${CAPTURES}chromium-plain-vp8.pcap`);
    const { status, stdout, stderr } = spawnSync(DUET, ['explain', '--ladder', '-'],
      { input: file.subarray(0, 1000), encoding: 'utf8', env: PAGE });
    assert.equal(status, 1);
    assert.match(stdout, /STUN check/);
    assert.match(stderr, /^duet: truncated at offset \d+: /);
  });

  test('of what is no capture there is none', () => {
    const { status, stdout, stderr } = spawnSync(DUET, ['explain', '--ladder', '-'], { input: 'v=0\r\n', encoding: 'utf8' });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^duet: unsupported at offset 0: --ladder draws captures/);
    for (const other of [['--json'], ['-v'], ['--type', 'stun'], ['--hex', '00']]) {
      const wrong = spawnSync(DUET, ['explain', '--ladder', ...other, ...(other[0] === '--hex' ? [] : ['x.pcap'])],
        { encoding: 'utf8' });
      assert.equal(wrong.status, 2, `${other}`);
      assert.match(wrong.stderr, /--ladder takes a capture/);
    }
  });
});
