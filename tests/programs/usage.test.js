// The command line: help, versions, wrong usage (exit 2), and what can't be done (exit 1).

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DUET, run, serve } from '../browser/lib/duet.js';

const MEDIA = fileURLToPath(new URL('../corpus/media/', import.meta.url));
const ROOM = 'ws://127.0.0.1:9/ws?room=nobody';

// Runs to the end; { status, out, errors: lines on stderr }.
const duet = (...args) => duetInto('pipe', ...args);

// The same, with a stdout of the test's own.
function duetInto(out, ...args) {
  const { status, signal, stdout, stderr } = spawnSync(DUET, args,
    { encoding: 'utf8', timeout: 30000, stdio: ['ignore', out, 'pipe'] });
  return { status: status ?? signal, out: stdout, errors: stderr.split('\n').filter((l) => l) };
}

test('--help shows usage with examples on stdout, and leaves with 0', () => {
  for (const args of [['--help'], ['help'], ['serve', '--help'], ['call', '--help'], ['bench', '--help'],
    ['sim', '--help'], ['explain', '--help']]) {
    const { status, out, errors } = duet(...args);
    assert.equal(status, 0, `${args}`);
    assert.match(out, /^(usage|duet):? /m, `${args}`);
    assert.match(out, /^examples?:\n {2}duet /m, `${args}`);
    assert.deepEqual(errors, [], `${args}`);
  }
});

test('every option of the program is in its help, and those of docs/cli.md', () => {
  const help = duet('call', '--help').out;
  for (const option of ['seconds', 'video', 'audio', 'play', 'record', 'view', 'size', 'fps',
    'bitrate', 'ice-servers', 'tls-ca', 'impair', 'pcap', 'keylog', 'trace', 'stats', 'json']) {
    assert.match(help, new RegExp(`--${option}\\b`));
  }
  const explaining = duet('explain', '--help').out;
  for (const option of ['type', 'hex', 'json', 'verbose', 'username', 'realm', 'password', 'as',
    'offer', 'answer', 'sdp', 'role', 'max-message']) {
    assert.match(explaining, new RegExp(`--${option}\\b`));
  }
  const serving = duet('serve', '--help').out;
  for (const option of ['listen', 'peer', 'tls-cert', 'tls-key', 'origin', 'record', 'json']) {
    assert.match(serving, new RegExp(`--${option}\\b`));
  }
});

test('--version names the program and its libraries', () => {
  const { status, out } = duet('--version');
  assert.equal(status, 0);
  for (const name of [/^duet \d+\.\d+\.\d+$/m, /^OpenSSL \d/m, /srtp.* \d/m, /^libvpx v?\d/m,
    /^libopus \d/m, /^jansson \d/m]) assert.match(out, name);
});

const WRONG = [
  [[], /usage/],
  [['dance'], /no command "dance"/],
  [['explain'], /what\? FILE/],
  [['explain', 'a', 'b'], /"b" is one word too many/],
  [['explain', '-x', 'a'], /no option -x/],
  [['explain', '--type', 'tls', 'a'], /--type takes sdp, .*"tls"/],
  [['explain', '--hex', '0g'], /pairs of hexadecimal digits/],
  [['explain', '--hex', '123'], /pairs of hexadecimal digits/],
  [['explain', '--hex', '00', 'a'], /not both/],
  [['call'], /which room/],
  [['call', 'http://127.0.0.1/ws?room=a'], /ws:\/\//],
  [['call', 'ws:///ws?room=a'], /host/],
  [['call', 'ws://127.0.0.1:99999/ws?room=a'], /port/],
  [['call', ROOM, 'more'], /"more"/],
  [['call', ROOM, '--dance'], /no option --dance/],
  [['call', ROOM, '--seconds'], /--seconds needs a value/],
  [['call', ROOM, '--seconds', '0'], /--seconds takes .*"0"/],
  [['call', ROOM, '--seconds', '5s'], /"5s"/],
  [['call', ROOM, '--json=1'], /--json takes no value/],
  [['call', ROOM, '--video', 'maybe'], /both, send, recv or none/],
  [['call', ROOM, '--video', 'none', '--audio', 'none'], /nothing to call with/],
  [['call', ROOM, '--size', '641x480'], /--size/],
  [['call', ROOM, '--size', '0x0'], /--size/],
  [['call', ROOM, '--fps', '1000'], /--fps/],
  [['call', ROOM, '--bitrate', '1'], /--bitrate/],
  [['call', ROOM, '--policy', 'some'], /all or relay/],
  [['call', ROOM, '--policy', 'relay'], /--policy relay is not there yet/],
  [['call', ROOM, '--data'], /--data is not there yet/],
  [['call', ROOM, '--data-bytes', '9'], /--data-bytes is not there yet/],
  [['call', ROOM, '--impair', 'loss=5'], /--impair "loss=5": loss= takes a percentage/],
  [['call', ROOM, '--impair', 'delay=50ms,rain=5%,loss=1%'], /--impair "rain=5%": there is delay, /],
  [['call', ROOM, '--impair', '0s:loss=5%;5s:delay=1'], /--impair "delay=1": delay= takes a time/],
  [['call', ROOM, '--impair', '5s:loss=5%;loss=1%'], /--impair "loss=1%": a step begins with its time/],
  [['call', ROOM, '--ice-servers', 'garbage'], /--ice-servers: .*'garbage'/],
  [['call', ROOM, '--ice-servers', '{"urls":"stun:a"}'], /--ice-servers takes an array/],
  [['call', ROOM, '--ice-servers', '[{"urls":"stun:a:99999"}]'], /--ice-servers: "stun:a:99999" is no stun:HOST/],
  [['call', ROOM, '--pcap'], /--pcap needs a value/],
  [['call', ROOM, '--pcap', '/nowhere/same', '--trace', '/nowhere/same'], /--pcap and --trace name the same file: \/nowhere\/same/],
  [['call', ROOM, '--record', '/nowhere/same', '--stats', '/nowhere/same'], /--record and --stats name the same file/],
  [['call', ROOM, '--play', '/nowhere/same', '--record', '/nowhere/same'], /--record and --play name the same file/],
  [['serve', '--listen', 'nowhere'], /--listen takes ADDR:PORT/],
  [['serve', '--listen', '127.0.0.1:65536'], /--listen/],
  [['serve', '--peer', 'cat'], /"cat"/],
  [['serve', '--tls-cert', 'x.pem'], /go together/],
  [['serve', 'more'], /"more"/],
  [['serve', '--dance'], /no option --dance/],
  [['bench', '--dance'], /--dance/],
];

for (const [args, says] of WRONG) {
  test(`wrong usage: duet ${args.join(' ')}`, () => {
    const { status, out, errors } = duet(...args);
    assert.equal(status, 2, errors.join('\n'));
    assert.match(errors.join('\n'), says);
    assert.equal(out, '', 'nothing on stdout');
  });
}

const NOT_POSSIBLE = [
  ['nobody listening', ['call', ROOM], /127\.0\.0\.1:9: connection refused; is `duet serve` running there\?/i],
  ['a name that does not exist', ['call', 'ws://nobody.invalid/ws?room=a'], /nobody\.invalid/],
  ['no such file', ['call', ROOM, '--play', '/nowhere/x.webm'], /\/nowhere\/x\.webm: can't be opened/],
  ['VP9', ['call', ROOM, '--play', `${MEDIA}vp9.webm`], /vp9.*VP8/i],
  ['Vorbis', ['call', ROOM, '--play', `${MEDIA}vorbis.webm`], /vorbis.*Opus/i],
  ['no WebM', ['call', ROOM, '--play', `${MEDIA}h264.mp4`], /WebM/],
  ['no media', ['call', ROOM, '--play', `${MEDIA}README.md`], /README\.md/],
  ['no picture in the file is fine, nothing at all is not', ['call', ROOM, '--play', '/dev/null'], /\/dev\/null/],
  ['no such folder', ['call', ROOM, '--record', '/nowhere/x.webm'], /\/nowhere\/x\.webm/],
  ['no such folder to capture into', ['call', ROOM, '--pcap', '/nowhere/x.pcapng'], /--pcap \/nowhere\/x\.pcapng: there is no such folder/],
  ['a folder as a trace', ['call', ROOM, '--trace', '/'], /--trace \/: it is a folder/],
  ['no such folder to serve into', ['serve', '--record', '/nowhere', '--listen', '127.0.0.1:0'], /\/nowhere/],
  ['ICE servers of no file', ['call', ROOM, '--ice-servers', '@/nowhere'], /\/nowhere/],
  ['nothing to explain', ['explain', '/nowhere/x'], /\/nowhere\/x: can't be read: No such file/],
  ['no certificate', ['serve', '--tls-cert', '/nowhere/c', '--tls-key', '/nowhere/k'], /certificate/],
  ['no authority', ['call', 'wss://127.0.0.1:9/ws?room=a', '--tls-ca', '/nowhere/ca'], /CA file/],
  ['an address of another machine', ['serve', '--listen', '203.0.113.7:8080'], /--listen/],
];

for (const [name, args, says] of NOT_POSSIBLE) {
  test(`not possible: ${name}`, () => {
    const { status, errors } = duet(...args);
    assert.equal(status, 1, errors.join('\n'));
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.match(errors[0], says);
    assert.match(errors[0], /^duet: /);
  });
}

// /dev/full takes nothing, as a disk does that is full.
const PRINTING = [['--help'], ['--version'], ['sim', '--help'], ['sim', '--runs', '3'], ['sim'],
  ['explain', '--type', 'stun', '--hex', '000100002112a442b7e7a701bc34d686fa87dfae'], ['bench', 'memory', '--json']];
for (const args of PRINTING) {
  test(`not possible: duet ${args.join(' ')}, and stdout can't be written`, (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    const full = openSync('/dev/full', 'w');
    const { status, errors } = duetInto(full, ...args);
    closeSync(full);
    assert.equal(status, 1);
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.match(errors[0], /^duet: stdout could not be written(: No space left on device)?$/);
  });
}

test('not possible: a port that is in use', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address();
  const { status, errors } = duet('serve', '--listen', `127.0.0.1:${port}`);
  holder.close();
  assert.equal(status, 1);
  assert.equal(errors.length, 1);
  assert.match(errors[0], new RegExp(`127\\.0\\.0\\.1:${port}.*in use.*--listen`));
});

test('not possible: nobody in the room, and what the last line says', async () => {
  const server = await serve('--peer', 'none');
  const address = new URL('ws?room=empty', server.url.replace('http', 'ws')).href;
  const { status, out, errors } = duet('call', address, '--seconds', '1', '--json');
  assert.equal(status, 1);
  assert.equal(errors.length, 1, errors.join('\n'));
  assert.match(errors[0], /nobody else was in the room/);
  const last = JSON.parse(out.trim().split('\n').at(-1));
  assert.equal(last.event, 'summary');
  assert.equal(last.ok, false);
  assert.match(last.reason, /^signaling: nobody else was in the room/);
  assert.equal(await server.stop(), 0);
});

// Multicast DNS has five seconds (MDNS_GIVE_UP_US) for a name that nobody has: longer than the call.
test('not possible: a call that ends before the name of its STUN server is found', () => {
  const { status, out, errors } = duet('call', ROOM, '--seconds', '1', '--json', '--ice-servers',
    JSON.stringify([{ urls: 'stun:nobody.local:3478' }]));
  assert.equal(status, 1);
  const { reason } = JSON.parse(out.trim().split('\n').at(-1));
  assert.equal(reason, 'ice: still waiting for the names of the STUN servers');
  assert.deepEqual(errors, [`duet: the call did not succeed: ${reason}`]);
});

test('not possible: a call that ends before the server has answered', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const caller = run('call', `ws://127.0.0.1:${silent.address().port}/ws?room=a`, '--seconds', '1', '--json');
  await caller.over();
  silent.close();
  assert.equal(caller.status, 1);
  assert.equal(caller.events.at(-1).reason, 'signaling: still waiting for the server\'s welcome');
});

test('every line on stdout is one JSON object with an event', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duet-'));
  const server = await serve();
  const address = new URL('ws?room=lines', server.url.replace('http', 'ws')).href;
  const { out } = duet('call', address, '--seconds', '1', '--record', join(folder, 'x.webm'));
  const lines = out.trim().split('\n').map((line) => JSON.parse(line));
  lines.forEach((line) => assert.equal(typeof line.event, 'string'));
  lines.slice(0, -1).forEach((line) => assert.equal(typeof line.t, 'number', JSON.stringify(line)));
  assert.equal(lines.at(-1).event, 'summary');
  rmSync(folder, { recursive: true });
  assert.equal(await server.stop(), 0);
});
