// `duet explain`: the contract of docs/cli.md and of what it prints for programs. Real packets, each
// of their beginnings, and real packets with a bit turned over: nothing but exit status 0 and 1,
// and every error lies within the message.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DUET } from '../browser/lib/duet.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CAPTURES = `${ROOT}tests/corpus/pcap/`;
const SDP = `${ROOT}tests/corpus/sdp/`;
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt'; // RFC 5769 2.1

const seed = (folder, name) => readFileSync(`${ROOT}fuzz/corpus/${folder}/${name}`);
const request = seed('stun_explain', 'rfc5769-2-1-request');

function run(args, { input, env } = {}) {
  const { status, signal, stdout, stderr } = spawnSync(DUET, ['explain', ...args], {
    input, env: { ...process.env, ...env }, maxBuffer: 1 << 28, timeout: 120000 });
  return { status: status ?? signal, out: stdout.toString(), errors: stderr.toString() };
}

// One message; the object, checked for what every one must have.
function explain(input, ...args) {
  const { status, out, errors } = run(['--json', ...args, '-'], { input });
  assert.ok(status === 0 || status === 1, `${status}: ${errors}`);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 1, 'one object');
  const object = JSON.parse(lines[0]);
  check(object, input.length, input);
  assert.equal(status, object.error ? 1 : 0);
  return object;
}

const CODES = ['truncated', 'malformed', 'unsupported', 'full', 'nomem'];

function check(object, size, bytes) {
  if (object.error) {
    assert.deepEqual(Object.keys(object.error).sort(), ['code', 'message', 'offset']);
    assert.ok(CODES.includes(object.error.code), object.error.code);
    assert.ok(object.error.offset >= 0 && object.error.offset <= size, `${object.error.offset}/${size}`);
    assert.ok(object.error.message.length > 0);
    return;
  }
  assert.equal(typeof object.type, 'string');
  assert.equal(object.length, size);
  assert.equal(typeof object.summary, 'string');
  assert.doesNotMatch(object.summary, /\n/);
  assert.ok(Array.isArray(object.fields));
  for (const field of object.fields) {
    assert.ok(field.offset + field.length <= size, field.name);
    assert.equal(field.raw.length, 2 * field.length);
    if (bytes) {
      const there = bytes.subarray(field.offset, field.offset + field.length);
      assert.equal(field.raw, there.toString('hex'), field.name);
    }
    for (const key of ['name', 'value', 'spec']) assert.equal(typeof field[key], 'string', key);
  }
}

test('the example of the contract', () => {
  const stun = explain(request, '--password', PASSWORD);
  assert.deepEqual(stun.fields[0], { name: 'type', offset: 0, length: 2, value: 'Binding Request',
    raw: '0001', spec: 'RFC 8489 5' });
  assert.equal(stun.type, 'stun');
  assert.match(stun.summary, /^Binding request, USERNAME evtj:h6vY, /);
  assert.equal(stun.integrity, 'ok');
  assert.equal(stun.integritySha256, 'absent');
  assert.equal(stun.fingerprint, 'ok');
  assert.equal(explain(request).integrity, 'unchecked');
  assert.equal(explain(request, '--password', 'another').integrity, 'bad');
  const cut = explain(request.subarray(0, 33));
  assert.deepEqual([cut.error.code, cut.error.offset], ['truncated', 20]);
  assert.match(cut.error.message, /attribute 0x8022 SOFTWARE needs 16 bytes, 9 are left/);
});

test('long-term credentials', () => {
  const message = seed('stun_explain', 'rfc5769-2-4-long-term');
  const user = ['--username', 'マトリックス', '--password', 'TheMatrIX'];
  assert.equal(explain(message, ...user, '--realm', 'example.org').integrity, 'ok');
  assert.equal(explain(message, ...user, '--realm', 'example.com').integrity, 'bad');
});

test('a file, standard input and --hex are the same; what it is, is guessed', () => {
  const hex = request.toString('hex');
  const spaced = hex.replace(/(..)/g, '$1 ');
  const all = [run(['--json', '-'], { input: request }), run(['--json', '--hex', hex]),
    run(['--json', `--hex=${spaced}`]), run(['--json', '--type', 'stun', '--hex', hex]),
    run(['--json', `${ROOT}fuzz/corpus/stun_explain/rfc5769-2-1-request`])];
  for (const { status, out } of all) {
    assert.equal(status, 0);
    assert.equal(out, all[0].out);
  }
  assert.equal(explain(Buffer.from('candidate:1 1 udp 1 192.0.2.1 9 typ host')).type, 'candidate');
  assert.equal(explain(Buffer.from('a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n')).address, '192.0.2.1');
  assert.equal(explain(readFileSync(`${SDP}firefox-153-offer-av.sdp`)).type, 'sdp');
  assert.equal(explain(seed('dtls_explain', 'server-flight')).type, 'dtls');
});

test('what is nothing is an error, not a crash', () => {
  for (const type of [[], ...['sdp', 'candidate', 'stun', 'dtls', 'rtp', 'rtcp', 'sctp'].map((t) => ['--type', t])]) {
    const { error } = explain(Buffer.alloc(0), ...type);
    assert.equal(error.offset, 0, `${type}`);
  }
  assert.equal(explain(Buffer.from('hello')).error.code, 'unsupported');
  assert.equal(explain(Buffer.from('hello'), '--type', 'sctp').error.code, 'unsupported');
  assert.equal(explain(Buffer.from([0x40, 0, 0, 0])).error.code, 'unsupported');
});

test('text off the wire that is no UTF-8 is replaced', () => {
  const message = Buffer.from(request);
  message[24] = 0xff; // of SOFTWARE
  const { software } = explain(message);
  assert.equal(software, '\ufffdTUN test client');
});

test('every description of the corpus, and what it has', () => {
  const files = readdirSync(SDP).filter((name) => name.endsWith('.sdp'));
  assert.ok(files.length > 20);
  for (const name of files) {
    const sdp = explain(readFileSync(SDP + name), '--as', /answer/.test(name) ? 'answer' : 'offer');
    assert.equal(sdp.error, undefined, `${name}: ${sdp.error?.message}`);
    assert.ok(sdp.media.length > 0 && sdp.media.every((m) => m.kind && m.protocol), name);
  }
  const { status, out } = run(['--json', '--offer', `${SDP}chromium-156-offer-av.sdp`,
    '--answer', `${SDP}firefox-153-answer-to-chromium-156-av.sdp`]);
  assert.equal(status, 0);
  const both = JSON.parse(out);
  assert.equal(both.agreed, true);
  assert.deepEqual(both.sections.map((s) => s.agreed), [true, true]);
});

test('http: its headers by name, and its bytes as of every message', () => {
  const get = explain(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), '--type', 'http');
  assert.deepEqual(get.headers, [{ name: 'Host', value: 'a' }]);
  assert.deepEqual(get.fields.map((f) => [f.name, f.offset, f.length]), [['request', 0, 14], ['Host', 16, 7]]);
});

test('frames of a WebSocket, by who reads', () => {
  const masked = Buffer.from('818537fa213d7f9f4d5158', 'hex'); // RFC 6455 5.7: "Hello"
  assert.equal(explain(masked, '--type', 'ws').messages[0].text, 'Hello');
  assert.ok(explain(masked, '--type', 'ws', '--role', 'client').fail);
  assert.ok(explain(masked, '--type', 'ws', '--max-message', '4').fail);
});

test('every packet of a capture, decoded', () => {
  for (const [name, want] of [['chromium-firefox-dtls12.pcap', ['dtls', 'srtp', 'stun']],
    ['chromium-firefox-dtls13.pcap', ['dtls', 'srtp', 'stun']],
    ['chromium-plain-vp8.pcap', ['rtcp', 'rtp', 'stun']]]) {
    const { status, out } = run(['--json', CAPTURES + name]);
    assert.equal(status, 0);
    const packets = out.trimEnd().split('\n').map((line) => JSON.parse(line));
    packets.forEach((packet, i) => {
      assert.equal(packet.number, i + 1);
      assert.equal(packet.transport, 'udp');
      assert.ok(packet.time > 1.7e9 && /:\d+$/.test(packet.from) && /:\d+$/.test(packet.to));
      assert.equal(packet.error, undefined, `${name} ${i + 1}: ${packet.error?.message}`);
      check(packet.message, packet.length);
      assert.equal(packet.message.type, packet.protocol);
    });
    const protocols = [...new Set(packets.map((packet) => packet.protocol))].sort();
    assert.deepEqual(protocols.filter((p) => p !== 'srtcp'), want, name);
    const lines = run([CAPTURES + name]).out.trimEnd().split('\n');
    assert.equal(lines.length, packets.length, 'a line a packet');
  }
});

test('a description names the payloads of a capture', () => {
  const packets = (...args) => run(['--json', ...args, `${CAPTURES}chromium-plain-vp8.pcap`]).out
    .trimEnd().split('\n').map((line) => JSON.parse(line)).filter((p) => p.protocol === 'rtp');
  const named = packets('--sdp', `${SDP}chromium-156-offer-av.sdp`);
  assert.ok(named.some((p) => p.message.extensions?.some((e) => e.uri)), 'header extensions');
  assert.ok(packets().every((p) => !p.message.extensions?.some((e) => e.uri)));
});

// ---- Captures with secrets ----

const packetsOf = (args, options) => {
  const { status, out, errors } = run(['--json', ...args], options);
  assert.equal(status, 0, errors);
  return { packets: out.trimEnd().split('\n').map((line) => JSON.parse(line)), errors };
};

// The blocks of a little-endian pcapng: { type, bytes }.
function blocks(file) {
  const found = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    found.push({ type: file.readUInt32LE(at), bytes: file.subarray(at, at + file.readUInt32LE(at + 4)) });
  }
  return found;
}

const SECRETS = 10; // pcapng 4.7
const calls = ['duet-chromium.pcapng', 'duet-firefox.pcapng'].map((name) => {
  const parts = blocks(readFileSync(CAPTURES + name));
  const secrets = parts.find(({ type }) => type === SECRETS).bytes;
  return { name,
    closed: Buffer.concat(parts.filter(({ type }) => type !== SECRETS).map(({ bytes }) => bytes)),
    keys: secrets.subarray(16, 16 + secrets.readUInt32LE(12)).toString() };
});

function withKeys(text, run) {
  const folder = mkdtempSync(join(tmpdir(), 'duet-'));
  try {
    writeFileSync(join(folder, 'keys'), text);
    return run(join(folder, 'keys'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sealed = (packets) => packets.filter((p) => /^srtc?p$/.test(p.protocol) && !p.decrypted);
const opened = (packets) => packets.filter((p) => /^srtc?p$/.test(p.protocol) && p.decrypted);

// All of a call with a browser is open: Finished of both, and SRTP as the plain interface has it.
function isOpen(packets) {
  assert.deepEqual(packets.filter((p) => p.error), []);
  assert.deepEqual(sealed(packets), []);
  const records = packets.filter((p) => p.protocol === 'dtls').flatMap((p) => p.message.records);
  const closed = records.filter((r) => r.encrypted && !r.decrypted);
  assert.deepEqual(closed, []);
  const finished = records.filter((r) => r.decrypted && r.handshake?.type === 'finished');
  assert.equal(finished.length, 2);
  assert.ok(finished.every((r) => /^[0-9a-f]{24}$/.test(r.handshake.verifyData)));
  const rtp = opened(packets).filter((p) => p.protocol === 'srtp');
  const plain = new Set(packets.filter((p) => p.protocol === 'rtp')
    .map(({ message: m }) => `${m.ssrc} ${m.sequenceNumber} ${m.timestamp} ${m.payload}`));
  const same = rtp.filter(({ message: m }) => plain.has(`${m.ssrc} ${m.sequenceNumber} ${m.timestamp} ${m.payload}`));
  assert.ok(rtp.length > 10 && same.length >= rtp.length - 1, `${same.length} of ${rtp.length}`);
  for (const p of opened(packets)) {
    assert.equal(p.message.type, p.protocol.slice(1));
    assert.ok(p.message.length < p.length, 'the tag is gone');
  }
  return records;
}

test('the secrets in a capture open it', () => {
  for (const { name } of calls) {
    const { packets, errors } = packetsOf([CAPTURES + name]);
    assert.equal(errors, '');
    const records = isOpen(packets);
    const hellos = records.filter((r) => r.handshake?.type === 'client_hello');
    assert.deepEqual(hellos.map((r) => r.handshake.assembled), [undefined, true], 'of two datagrams');
    assert.ok(hellos[1].handshake.extensions.includes('use_srtp'));
    assert.ok(hellos[1].handshake.srtpProfiles.length > 1);
    const frames = opened(packets).filter((p) => / VP8 /.test(p.message.summary));
    assert.ok(frames.some((p) => p.message.fields.some((f) => f.name === 'picture id')), 'into VP8');
  }
  const goodbye = packetsOf([CAPTURES + 'duet-firefox.pcapng']).packets
    .flatMap((p) => p.message.records ?? []).find((r) => r.alert);
  assert.deepEqual([goodbye.alert.name, goodbye.encrypted, goodbye.decrypted], ['close_notify', true, true]);
});

test('--keylog opens what has no secrets inside', () => {
  for (const { closed, keys } of calls) {
    const without = packetsOf(['-'], { input: closed });
    assert.equal(without.errors, '');
    assert.equal(opened(without.packets).length, 0);
    assert.ok(sealed(without.packets).length > 10);
    const { packets, errors } = withKeys(`# a comment\n${keys}`, (file) => packetsOf(['--keylog', file, '-'], { input: closed }));
    assert.equal(errors, '');
    isOpen(packets);
  }
});

test('two browsers with each other, opened by the key log that Firefox writes', () => {
  const call = `${CAPTURES}firefox-chromium-call.pcap`;
  const { packets, errors } = packetsOf(['--keylog', call.replace('.pcap', '.keys'), call]);
  assert.equal(errors, '');
  assert.deepEqual(packets.filter((p) => p.error), []);
  assert.deepEqual(sealed(packets), []);
  const inside = new Set(packets.filter((p) => p.decrypted).map((p) => p.message.summary.split(' ').slice(0, 2).join(' ')));
  for (const one of ['RTP payload', 'RTCP TWCC', 'RTCP BYE', 'change_cipher_spec; finished']) {
    assert.ok([...inside].some((summary) => summary.startsWith(one)), `${one} among ${[...inside]}`);
  }
});

test('a wrong key log is said, and is no error of the capture', () => {
  const [{ closed, keys }, other] = calls;
  const bent = keys.replace(/.(\n)$/, (all, end) => (all[0] === '0' ? '1' : '0') + end);
  for (const [text, remark, meaning] of [
    [other.keys, /^duet: the key log has no secret for any DTLS handshake of the capture .*: 1, handshakes: 1\)\n$/, /has no line for the ClientHello/],
    [bent, /^duet: the key log's secret for the handshake of .* opens nothing of it.*\n$/, /does not open it/],
    ['', /^duet: the key log has no secret .*: 0, handshakes: 1\)\n$/, /has no line/],
    [Buffer.from(keys).subarray(0, 100), /^duet: the key log has no secret .*: 0, handshakes: 1\)\n$/, /has no line/]]) {
    const { packets, errors } = withKeys(text, (file) => packetsOf(['--keylog', file, '-'], { input: closed }));
    assert.match(errors, remark);
    assert.equal(opened(packets).length, 0);
    const closedOnes = sealed(packets);
    assert.ok(closedOnes.every((p) => !p.error && p.message.fields.some((f) => meaning.test(f.meaning))), `${meaning}`);
  }
});

test('hostile key logs', () => {
  const [, { closed, keys }] = calls;
  const line = keys.trimEnd();
  for (const text of [Buffer.alloc(1 << 20, 0x0a), Buffer.alloc(1 << 20, 'CLIENT_RANDOM '), Buffer.alloc(1 << 16, 0),
    `${line.replaceAll(' ', '\t')}\n`, `${line} 00\n`, line.slice(0, -1), line.replace('CLIENT', 'SERVER'), 'CLIENT_RANDOM\r\n'.repeat(10000)]) {
    const { packets } = withKeys(text, (file) => packetsOf(['--keylog', file, '-'], { input: closed }));
    assert.equal(opened(packets).length, 0);
  }
  const flood = `${'CLIENT_RANDOM '}${'00'.repeat(32)} ${'11'.repeat(48)}\n`.repeat(5000) + keys.toUpperCase();
  isOpen(withKeys(flood, (file) => packetsOf(['--keylog', file, '-'], { input: closed })).packets);
  const missing = run(['--keylog', join(tmpdir(), 'no-such-file'), '-'], { input: closed });
  assert.equal(missing.status, 1);
  assert.match(missing.errors, /^duet: .*no-such-file: can't be read: /);
});

test('for people: what was decrypted stands beside what it was in', () => {
  const { status, out } = run(['-v', CAPTURES + 'duet-firefox.pcapng']);
  assert.equal(status, 0);
  assert.match(out, /dtls {2}change_cipher_spec; finished \(decrypted\)/);
  assert.match(out, /verify data: [0-9a-f]{24} /);
  assert.match(out, /srtp {2}RTP VP8 /);
  assert.match(out, /dtls {2}alert: warning close_notify \(decrypted\)/);
});

// ---- Captures of our own making ----

// A pcap of raw IPv4 and UDP around each payload.
function capture(payloads) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262144, 16);
  header.writeUInt32LE(101, 20);
  const parts = [header];
  payloads.forEach((payload, i) => {
    const head = Buffer.alloc(16 + 28);
    head.writeUInt32LE(i, 0);
    head.writeUInt32LE(payload.length + 28, 8);
    head.writeUInt32LE(payload.length + 28, 12);
    head[16] = 0x45;
    head.writeUInt16BE(payload.length + 28, 18);
    head[24] = 64;
    head[25] = 17;
    head.set([192, 0, 2, 1, 192, 0, 2, 2], 28);
    head.writeUInt16BE(5000 + (i % 2), 36);
    head.writeUInt16BE(6000, 38);
    head.writeUInt16BE(payload.length + 8, 40);
    parts.push(head, payload);
  });
  return Buffer.concat(parts);
}

// A pcap of raw IPv4 and TCP: segments of [client or not, flags, sequence number, payload].
function segments(list) {
  const ip = list.map(([client, flags, seq, payload]) => {
    const head = Buffer.alloc(40);
    head[0] = 0x45;
    head.writeUInt16BE(40 + payload.length, 2);
    head[8] = 64;
    head[9] = 6;
    head.set(client ? [192, 0, 2, 1, 192, 0, 2, 2] : [192, 0, 2, 2, 192, 0, 2, 1], 12);
    head.writeUInt16BE(client ? 40000 : 8080, 20);
    head.writeUInt16BE(client ? 8080 : 40000, 22);
    head.writeUInt32BE(seq, 24);
    head[32] = 0x50;
    head[33] = flags;
    return Buffer.concat([head, payload]);
  });
  const header = capture([]);
  return Buffer.concat([header, ...ip.flatMap((packet, i) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(i, 0);
    head.writeUInt32LE(packet.length, 8);
    head.writeUInt32LE(packet.length, 12);
    return [head, packet];
  })]);
}

const [SYN, ACK] = [2, 16];
const UPGRADE = Buffer.from('GET /ws?room=a HTTP/1.1\r\nHost: 192.0.2.2\r\nUpgrade: websocket\r\n'
  + 'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
  + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
const SWITCHING = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
  + 'Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');

// A text frame of a server.
function frame(text) {
  const data = Buffer.from(text);
  const head = data.length < 126 ? Buffer.from([0x81, data.length])
    : Buffer.from([0x81, 126, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

function packets(file, ...args) {
  const { status, out, errors } = run(['--json', ...args, '-'], { input: file });
  assert.equal(status, 0, errors);
  return out.trimEnd().split('\n').map((line) => JSON.parse(line));
}

test('a WebSocket within a capture: upgrade, messages over several segments, a description', () => {
  const offer = frame(JSON.stringify({ type: 'offer', from: 'alice',
    sdp: readFileSync(`${SDP}chromium-156-offer-av.sdp`, 'utf8') }));
  const first = Buffer.concat([SWITCHING, frame('{"type":"welcome","id":"me","peers":[]}')]);
  const file = segments([
    [true, SYN, 0, Buffer.alloc(0)], [false, SYN | ACK, 99, Buffer.alloc(0)],
    [true, ACK, 1, UPGRADE], [false, ACK, 100, first],
    [false, ACK, 100 + first.length + 1000, offer.subarray(1000)], // overtakes
    [false, ACK, 100 + first.length, offer.subarray(0, 1000)],
    [false, ACK, 100 + first.length, offer.subarray(0, 1000)],
    [true, ACK, 1 + UPGRADE.length, Buffer.from('818537fa213d7f9f4d5158', 'hex')]]);
  const list = packets(file);
  assert.deepEqual(list.map((p) => p.protocol), ['tcp', 'tcp', 'http', 'http', 'tcp', 'ws', 'tcp', 'ws']);
  assert.equal(list[2].message.upgrade, true);
  assert.equal(list[3].message.accept, 'ok');
  assert.equal(list[3].more[0].messages[0].text, '{"type":"welcome","id":"me","peers":[]}');
  assert.match(list[4].summary, /: 1000 bytes before it are missing$/);
  assert.equal(list[5].message.length, offer.length);
  assert.match(list[5].message.summary, /^from a server: offer from alice, \d+ bytes$/);
  assert.equal(list[5].more[0].type, 'sdp');
  assert.equal(list[5].more[0].media.length, 2);
  assert.match(list[6].summary, /: sent again$/);
  assert.equal(list[7].message.messages[0].text, 'Hello');
  const lines = run(['-'], { input: file }).out.trimEnd().split('\n');
  assert.match(lines[3], / http +101 Switching Protocols, .*; ws from a server: welcome me, /);
  const { out } = run(['-v', '--packets', '6', '-'], { input: file });
  assert.match(out, /^ +6 .*\nws, /);
  assert.match(out, /\nsdp, \d+ bytes\n[^]*ice-ufrag/);
  assert.doesNotMatch(out, /^ +7 /m);
});

test('a missing segment, a connection from before the capture, and datagrams of ICE-TCP', () => {
  const check = Buffer.concat([Buffer.from([0, request.length]), request]);
  const file = segments([
    [true, SYN, 0, Buffer.alloc(0)], [true, ACK, 1, check.subarray(0, 50)],
    [true, ACK, 51, Buffer.concat([check.subarray(50), check])],
    [false, ACK, 700, check], [false, ACK, 5000, check]]);
  const list = packets(file);
  assert.deepEqual(list.map((p) => p.protocol), ['tcp', 'tcp', 'stun', 'stun', 'tcp']);
  assert.match(list[1].summary, /a part of a message in the framing of RFC 4571/);
  assert.equal(list[2].more.length, 1);
  assert.match(list[4].summary, /bytes before it are missing/);
});

test('passwords of ICE and names of payload types are those that the capture itself has', () => {
  const capture = `${ROOT}docs/tour/call.pcapng`;
  const list = packets(readFileSync(capture));
  const stun = list.filter((p) => p.protocol === 'stun');
  assert.ok(stun.length > 4);
  for (const p of stun) assert.equal(p.message.integrity, 'ok', `${p.number}`);
  assert.equal(packets(readFileSync(capture), '--password', 'wrong', '--packets', `${stun[0].number}`)[0]
    .message.integrity, 'bad');
  assert.ok(list.some((p) => p.message?.extensions?.some((e) => /transport-wide/.test(e.uri))));
});

test('packets are chosen by number', () => {
  const file = capture([request, request, request, request]);
  const numbers = (...args) => packets(file, ...args).map((p) => p.number);
  assert.deepEqual(numbers('--packets', '2'), [2]);
  assert.deepEqual(numbers('--packets', '2-3'), [2, 3]);
  assert.deepEqual(numbers('--packets', '3-99'), [3, 4]);
  for (const wrong of ['', '0', '3-2', 'a', '1-', '-1', '1-2-3']) {
    assert.equal(run([`--packets=${wrong}`, '-'], { input: file }).status, 2, wrong);
  }
});

// The UDP payloads of a capture of Ethernet and IPv4, as tests/corpus/pcap has them.
function payloads(name) {
  const file = readFileSync(CAPTURES + name);
  const found = [];
  for (let at = 24; at < file.length;) {
    const length = file.readUInt32LE(at + 8);
    found.push(file.subarray(at + 16 + 42, at + 16 + length));
    at += 16 + length;
  }
  return found;
}

function survives(messages) {
  const file = capture(messages);
  const { status, out, errors } = run(['--json', '-'], { input: file });
  assert.equal(status, 0, errors);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, messages.length);
  const count = { error: 0, good: 0 };
  lines.forEach((line, i) => {
    const packet = JSON.parse(line);
    if (packet.error) check(packet, messages[i].length);
    if (packet.message) check(packet.message, messages[i].length, messages[i]);
    count[packet.error ? 'error' : 'good']++;
  });
  return count;
}

// One of each kind, and of each size.
const samples = (() => {
  const all = [...payloads('chromium-firefox-dtls12.pcap'), ...payloads('chromium-plain-vp8.pcap')];
  const kinds = new Map();
  for (const p of all) {
    const kind = `${p[0]} ${p[0] >= 128 ? p[1] : 0} ${p.length >> 8}`;
    if (!kinds.has(kind)) kinds.set(kind, p);
  }
  return [...kinds.values()];
})();

test('each beginning of real packets', () => {
  assert.ok(samples.length > 10);
  const parts = samples.flatMap((p) => [...Array(p.length).keys()]
    .filter((n) => n < 64 || n % 41 === 0).map((n) => p.subarray(0, n)));
  const { error, good } = survives(parts);
  assert.ok(error > 100 && good > 100, `${error} ${good}`);
});

test('real packets with a bit turned over', () => {
  const turned = samples.flatMap((p) => [...Array(50).keys()].map((i) => {
    const copy = Buffer.from(p);
    copy[i < 30 ? i % p.length : (i * 7919) % p.length] ^= 1 << (i * 5) % 8;
    return copy;
  }));
  const { error, good } = survives(turned);
  assert.ok(error > 100 && good > 100, `${error} ${good}`);
});

test('beginnings of a capture end with where it was cut', () => {
  const file = capture([request, request]);
  for (let length = 4; length < file.length; length += 17) {
    const { status, out } = run(['--json', '-'], { input: file.subarray(0, length) });
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) || '{}'); // of no packets nothing is said
    assert.equal(status, last.error ? 1 : 0, `${length}`);
    if (last.error) check(last, length);
  }
});

test('beginnings of texts', () => {
  const line = Buffer.from('a=candidate:1 1 udp 2122260223 192.0.2.1 5000 typ srflx raddr 10.0.0.1 rport 9');
  for (let n = 0; n < line.length; n += 7) explain(line.subarray(0, n), '--type', 'candidate');
  const sdp = readFileSync(`${SDP}firefox-153-offer-data.sdp`);
  for (let n = 0; n < sdp.length; n += 97) explain(sdp.subarray(0, n), '--type', 'sdp');
});

// ---- For people ----

test('the page keeps to its width, and has colours only on a terminal', () => {
  const file = `${SDP}chromium-156-offer-av-data.sdp`;
  for (const COLUMNS of ['', '80', '132', '1', 'many']) {
    const { status, out } = run([file], { env: { COLUMNS } });
    const width = { 80: 80, 132: 132, 1: 72 }[COLUMNS] ?? 100;
    assert.equal(status, 0);
    assert.doesNotMatch(out, /\x1b/);
    const widest = Math.max(...out.split('\n').map((text) => text.length));
    assert.ok(widest <= width && widest > width - 12, `${COLUMNS}: ${widest}`);
  }
});

test('what would command a terminal is shown, not obeyed', () => {
  const message = Buffer.from(request);
  message.write('\x1b[2J\x07', 24);
  const { out } = run(['-'], { input: message });
  assert.match(out, /SOFTWARE: \\x1b\[2J\\x07/);
  assert.doesNotMatch(out, /[\x1b\x07]/);
});

test('the reason is on stderr, in one line, and what could be read is on stdout', () => {
  const { status, out, errors } = run(['-'], { input: request.subarray(0, 61) });
  assert.equal(status, 1);
  assert.match(out, /^0028 .*PRIORITY/m);
  assert.match(errors, /^duet: truncated at offset 60: .*\n$/);
  const folder = mkdtempSync(join(tmpdir(), 'duet-'));
  writeFileSync(join(folder, 'x.pcap'), capture([request, request]).subarray(0, 200));
  const cut = run([join(folder, 'x.pcap')]);
  rmSync(folder, { recursive: true });
  assert.equal(cut.status, 1);
  assert.match(cut.errors, /^duet: truncated at offset \d+: .*\n$/);
  assert.match(cut.out, /stun {2,}Binding request/);
});
