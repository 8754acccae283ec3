// What the live server bears: each limit over real sockets, and that the others never notice.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { DUET, call, serve } from '../browser/lib/duet.js';
import { until } from '../browser/lib/wait.js';
import { answers, ask, dial, join, upgradeRequest } from './lib/socket.js';
import { received } from './lib/summary.js';

let server, bystander, folder;

before(async () => {
  folder = mkdtempSync(path(tmpdir(), 'duet-limits-'));
  server = await serve('--peer', 'none', '--origin', 'https://friend.example');
  bystander = await join(server.url, 'bystanders');
});
// Whatever a test did, who sat there before is still served.
after(async () => {
  await answers(bystander);
  bystander.leave();
  assert.equal(await server.stop(), 0, server.errors);
  rmSync(folder, { recursive: true });
});

const get = (target, fields = '') =>
  `GET ${target} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n${fields}\r\n`;

const REFUSED = [
  ['a header of more than 8 KiB', () => get('/', `X: ${'x'.repeat(8200)}\r\n`), 431],
  ['a path out of the folder', () => get('/../../etc/passwd'), 404],
  ['an escaped slash', () => get('/..%2f..%2fetc/passwd'), 404],
  ['a file that is not built in', () => get('/README.md'), 404],
  ['POST', () => get('/').replace('GET', 'POST'), 405],
  ['rubbish', () => 'rubbish\r\n\r\n', 400],
  ['a host that is none', () => get('/').replace(/Host: .*/, 'Host: a/b'), 400],
  ['no room', () => upgradeRequest(server.url, ''), 400],
  ['a room with a blank', () => upgradeRequest(server.url, 'a%20b'), 400],
  ['a room of 65 characters', () => upgradeRequest(server.url, 'a'.repeat(65)), 400],
  ['a foreign page', () => upgradeRequest(server.url, 'a', 'Origin: https://evil.example\r\n'), 403],
];
for (const [what, request, status] of REFUSED) {
  test(`refused with ${status}: ${what}`, async () => {
    const answer = await ask(server.url, request());
    assert.equal(answer.status, status, answer.head);
  });
}

test('a URL as the target is a path behind a host (RFC 9112 3.2.2)', async () => {
  const answer = await ask(server.url, get('/').replace(' / ', ` ${server.url} `));
  assert.equal(answer.status, 200, answer.head);
});

test('HEAD tells what GET would, without the body', async () => {
  const whole = await ask(server.url, get('/'));
  const head = await ask(server.url, get('/').replace('GET', 'HEAD'));
  assert.equal(whole.status, 200);
  assert.equal(head.status, 200);
  assert.equal(head.body, '');
  assert.match(whole.body, /<html/i);
  assert.match(whole.head, /content-security-policy: default-src 'self'/i);
});

test('who finishes its side as soon as it has asked gets the whole answer', async () => {
  const whole = await ask(server.url, get('/'));
  const line = dial(server.url);
  line.stream.end(get('/'));
  await line.over();
  assert.equal(line.text.split('\r\n\r\n').slice(1).join('\r\n\r\n'), whole.body);
});

test('a page named by --origin may connect', async () => {
  const line = dial(server.url);
  line.stream.write(upgradeRequest(server.url, 'origins', 'Origin: https://friend.example\r\n'));
  await line.said('101', /^HTTP\/1\.1 101 /);
  line.stream.destroy();
});

test('a message of more than 64 KiB is too large, and ends its socket with 1009', async () => {
  const one = await join(server.url, 'large');
  one.send({ type: 'offer', to: one.id, sdp: 'x'.repeat(65536) });
  await one.message('too-large', (m) => m.code === 'too-large');
  await one.gone();
  assert.equal(one.code, 1009);
});

test('more than 50 messages at once are rate-limited, and the socket stays', async () => {
  const one = await join(server.url, 'fast');
  for (let i = 0; i < 80; i++) one.send({ type: 'bye', to: 'nobody' });
  await one.message('rate-limited', (m) => m.code === 'rate-limited');
  await answers(one);
  one.leave();
});

test('bad messages are answered by their names', async () => {
  const one = await join(server.url, 'bad');
  for (const [text, code] of [['{', 'bad-json'], ['['.repeat(60000), 'bad-json'],
    ['{}', 'bad-message'], ['{"type":"nonsense"}', 'unknown-type'],
    ['{"type":"bye","to":"nobody"}', 'no-such-peer']]) {
    const from = one.messages.length;
    one.send(text);
    await one.message(code, (m) => m.code === code, { from });
  }
  one.leave();
});

test('from is written by the server, and nothing crosses rooms', async () => {
  const [a, b, stranger] = [await join(server.url, 'one'), await join(server.url, 'one'),
    await join(server.url, 'other')];
  a.send({ type: 'offer', to: b.id, from: stranger.id, sdp: 'v=0' });
  assert.equal((await b.message('the offer', (m) => m.type === 'offer')).from, a.id);
  stranger.send({ type: 'offer', to: b.id, sdp: 'v=0' });
  await stranger.message('no-such-peer', (m) => m.code === 'no-such-peer');
  for (const one of [a, b, stranger]) one.leave();
});

test('the 65th participant of a room is turned away', async () => {
  const all = [];
  for (let i = 0; i < 64; i++) all.push(await join(server.url, 'crowd'));
  const late = await join(server.url, 'crowd');
  assert.equal(late.messages[0].code, 'room-full');
  await late.gone();
  assert.equal(all[63].peers.length, 63);
  for (const one of all) one.leave();
});

test('a reader that never reads is cut, and its room goes on', async () => {
  const [deaf, writer, other] = [await join(server.url, 'slow'), await join(server.url, 'slow'),
    await join(server.url, 'slow')];
  deaf.stream.pause();
  // 60 KB each, below the rate: what the kernel does not hold is queued until 1 MiB.
  const sdp = 'x'.repeat(60000);
  const left = other.message('deaf has left', (m) => m.type === 'leave' && m.id === deaf.id,
    { seconds: 60 });
  const flood = setInterval(() => writer.send({ type: 'offer', to: deaf.id, sdp }), 30);
  await left.finally(() => clearInterval(flood));
  await answers(other);
  for (const one of [deaf, writer, other]) one.leave();
});

test('beyond 1,000 sockets there is 503, and those inside are served', async () => {
  const lines = [];
  let busy;
  while (!busy && lines.length < 1100) {
    const batch = Array.from({ length: 50 }, () => dial(server.url));
    lines.push(...batch);
    await Promise.all(batch.map((line) => new Promise((resolve) => {
      line.stream.once('connect', resolve);
      line.stream.once('close', resolve);
    })));
    await answers(bystander);
    busy = lines.find((line) => line.text.startsWith('HTTP/1.1 503'));
  }
  assert.ok(busy, `${lines.length} streams, and none was turned away`);
  assert.ok(lines.length > 900, `turned away after ${lines.length}`);
  for (const line of lines) line.stream.destroy();
  await answers(bystander);
});

// `duet serve` with a pipe as its stdout that nobody reads: .read() has what waits there, .fill()
// leaves no room in it.
async function serveUnread() {
  const name = path(folder, 'unread');
  execFileSync('mkfifo', [name]);
  // Two descriptions of it: whether one blocks is its own affair, and a child's stdout does.
  const ours = openSync(name, constants.O_RDWR | constants.O_NONBLOCK), its = openSync(name, constants.O_RDWR);
  rmSync(name);
  const untilItWouldWait = (step) => {
    try {
      for (;;) step();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  };
  const program = spawn(DUET, ['serve', '--listen', '127.0.0.1:0', '--peer', 'none'], { stdio: ['ignore', its, 'pipe'] });
  closeSync(its);
  const one = { text: '', errors: '', fill: () => untilItWouldWait(() => writeSync(ours, '\n'.repeat(4096))) };
  one.read = () => {
    const chunk = Buffer.alloc(65536);
    untilItWouldWait(() => { one.text += chunk.toString('latin1', 0, readSync(ours, chunk)); });
    return one.text;
  };
  program.stderr.on('data', (data) => { one.errors += data; });
  const over = new Promise((resolve) => program.on('close', (code, signal) => resolve(code ?? signal)));
  one.stop = () => {
    program.kill('SIGTERM');
    return over;
  };
  one.close = () => {
    program.kill('SIGKILL'); // whatever failed
    closeSync(ours);
  };
  one.url = JSON.parse(await until('its address', one.read)).url;
  return one;
}

test('nobody reads what it prints: it serves on, and who reads again gets all, to the last line', async (t) => {
  const own = await serveUnread();
  t.after(own.close);
  own.fill();
  for (const room of ['first', 'second']) {
    const one = await join(own.url, room);
    await answers(one);
    one.leave();
  }
  const last = await join(own.url, 'last');
  await until('its lines', () => own.read().includes('"room":"last"'));
  own.fill();
  const ended = own.stop();
  await last.gone();
  await until('the last line', () => own.read().match(/"room-closed","room":"last"/));
  assert.equal(await ended, 0, own.errors);
  const events = own.text.trim().split(/\n+/).map((line) => JSON.parse(line));
  assert.deepEqual(events.slice(1).map((e) => `${e.event} ${e.room}`), ['first', 'second', 'last']
    .flatMap((room) => [`room-opened ${room}`, `room-closed ${room}`]));
});

test('nobody reads what it prints any more: it ends when it is told to, and says that not all was', async (t) => {
  const own = await serveUnread();
  t.after(own.close);
  own.fill();
  const one = await join(own.url, 'unheard');
  assert.equal(await own.stop(), 1);
  assert.equal(own.errors, 'duet: stdout could not be written: whoever reads it did not take all in time\n');
  one.leave();
});

test('rubbish for our own peer is refused by name, and a proper call still succeeds', async () => {
  const own = await serve();
  const rude = await join(own.url, 'rude');
  const [peer] = rude.peers;
  rude.send({ type: 'offer', to: peer, sdp: 'v=0\r\nrubbish' });
  rude.send({ type: 'candidate', to: peer, candidate: { candidate: 'candidate:rubbish' } });
  rude.send({ type: 'answer', to: peer, sdp: '' });
  const refused = await own.event('refused', (e) => e.event === 'refused');
  assert.match(refused.why, /^sdp: .* at line 2 \(offset \d+\): .*RFC/);
  const caller = call(own.url, 'rude', '--size', '320x240', '--fps', '15');
  await received(caller);
  await caller.stop();
  // It called everyone in the room; with whoever is rude there is no call.
  const well = caller.events.find((e) => e.event === 'summary' && e.remote === peer);
  assert.equal(well?.ok, true, JSON.stringify(well?.reason));
  rude.leave();
  assert.equal(await own.stop(), 0, own.errors);
});

// ---- Certificates ----

function openssl(t, ...args) {
  try {
    execFileSync('openssl', args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    t.skip('there is no openssl command');
    return false;
  }
}

// A certificate that signs itself, for `names`, valid until in `days`; null: there is no openssl.
function certificate(t, name, names, days) {
  const key = path(folder, `${name}-key.pem`), request = path(folder, `${name}.csr`);
  const file = path(folder, `${name}.pem`);
  return openssl(t, 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', key, '-out', request, '-subj', '/CN=duet', '-addext', `subjectAltName=${names}`) &&
    openssl(t, 'x509', '-req', '-in', request, '-signkey', key, '-days', `${days}`,
      '-copy_extensions', 'copy', '-out', file) ? { file, key } : null;
}

test('wss:// with a certificate of our own, trusted by --tls-ca', async (t) => {
  const made = certificate(t, 'good', 'DNS:localhost,IP:127.0.0.1', 2);
  if (!made) return;
  const secure = await serve('--tls-cert', made.file, '--tls-key', made.key);
  assert.match(secure.url, /^https:/);
  const trusting = call(secure.url, 'tls', '--tls-ca', made.file, '--size', '320x240');
  await received(trusting);
  await trusting.stop();
  assert.equal((await trusting.summary()).ok, true);
  assert.equal(await secure.stop(), 0, secure.errors);
});

test('who never begins TLS is closed after the five seconds that a request has', async (t) => {
  const made = certificate(t, 'stalled', 'IP:127.0.0.1', 2);
  if (!made) return;
  const secure = await serve('--tls-cert', made.file, '--tls-key', made.key);
  const line = dial(secure.url);
  await line.over({ seconds: 30 });
  assert.equal(line.text, '');
  assert.equal(await secure.stop(), 0, secure.errors);
});

const DISTRUSTED = [
  ['self-signed', 'DNS:localhost,IP:127.0.0.1', 2, false,
    /self-signed and not among the trusted ones; --tls-ca FILE makes it or its authority trusted$/],
  ['expired', 'DNS:localhost,IP:127.0.0.1', -1, true, /has expired: the server needs a new one$/],
  ['of another host', 'DNS:example.org,IP:127.0.0.2', 2, true, /is for another host: use a name that it has$/],
];
for (const [what, names, days, trusted, reason] of DISTRUSTED) {
  test(`wss:// with a certificate that is ${what}: refused by name, once, with what to do`, async (t) => {
    const made = certificate(t, what.replaceAll(' ', '-'), names, days);
    if (!made) return;
    const secure = await serve('--tls-cert', made.file, '--tls-key', made.key);
    const doubting = call(secure.url, 'tls', ...trusted ? ['--tls-ca', made.file] : []);
    const summary = await doubting.summary();
    assert.equal(doubting.status, 1);
    assert.equal(summary.ok, false);
    assert.match(summary.reason, /^signaling: 127\.0\.0\.1: the certificate /);
    assert.match(summary.reason, reason);
    assert.equal(doubting.errors, `duet: the call did not succeed: ${summary.reason}\n`);
    assert.equal(await secure.stop(), 0, secure.errors);
  });
}
