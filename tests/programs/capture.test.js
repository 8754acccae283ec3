// What a call leaves behind: --pcap as Wireshark reads it, --keylog, --trace, --stats; and that a
// recording which can't be written ends alone.

import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DUET, call, serve, stopAll } from '../browser/lib/duet.js';

const folder = mkdtempSync(join(tmpdir(), 'duet-capture-'));
const file = (name) => join(folder, name);
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const tshark = (...args) => execFileSync('tshark', args,
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });

after(async () => {
  await stopAll();
  rmSync(folder, { recursive: true });
});

// Two calls with each other, for as long as both need to have received everything.
async function record(room, left, right = [], joined = () => {}) {
  const server = await serve('--peer', 'none');
  const callers = [call(server.url, room, ...left)];
  await callers[0].event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  joined();
  callers.push(call(server.url, room, ...right));
  for (const c of callers) await c.event('received', (e) => e.event === 'received');
  await callers[1].stop();
  await callers[0].stop();
  const summaries = await Promise.all(callers.map((c) => c.summary()));
  await server.stop();
  summaries.forEach((s, i) => assert.ok(s.ok, `${i}: ${s.reason} ${callers[i].errors}`));
  return callers;
}

const taken = record('taken',
  ['--pcap', file('a.pcapng'), '--keylog', file('a.keys'), '--trace', file('a.jsonl'), '--stats', file('a.json')],
  ['--pcap', file('b.pcapng'), '--keylog', file('b.keys')]);

// One row for each packet that `filter` shows.
function rows(name, filter, fields, ...options) {
  return tshark('-r', file(name), '-Y', filter, '-T', 'fields', ...fields.flatMap((f) => ['-e', f]), ...options)
    .split('\n').filter((line) => line).map((line) => line.split('\t'));
}

test('tshark shows STUN and the whole handshake by the secrets in the file', { skip: !hasTshark }, async () => {
  await taken;
  for (const name of ['a.pcapng', 'b.pcapng']) {
    assert.ok(rows(name, 'stun.type == 0x0001', ['frame.number']).length >= 2, 'requests');
    assert.ok(rows(name, 'stun.type == 0x0101', ['frame.number']).length >= 2, 'answers');
    const messages = new Set(rows(name, 'dtls.handshake', ['dtls.handshake.type']).flatMap(([types]) => types.split(',')));
    // RFC 5246 7.4: ClientHello, ServerHello, Certificate, ServerKeyExchange, CertificateRequest,
    // ServerHelloDone, CertificateVerify, ClientKeyExchange; and Finished, which is encrypted.
    for (const type of ['1', '2', '11', '12', '13', '14', '15', '16', '20']) {
      assert.ok(messages.has(type), `${name}: handshake message ${type} among ${[...messages]}`);
    }
    const finished = rows(name, 'dtls.handshake.type == 20', ['dtls.handshake.verify_data', 'frame.interface_name']);
    assert.equal(finished.filter(([data]) => data).length, finished.length, 'decrypted');
    const sides = new Set(rows(name, 'dtls.handshake.type == 20', ['udp.srcport']).map(([port]) => port));
    assert.equal(sides.size, 2, 'of both sides');
  }
});

test('duet explain reads what duet call wrote: each packet, without an error', async () => {
  await taken;
  for (const name of ['a.pcapng', 'b.pcapng']) {
    const { status, stdout } = spawnSync(DUET, ['explain', '--json', file(name)], { encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(status, 0);
    const packets = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(packets.filter((packet) => packet.error), []);
    const protocols = new Set(packets.map((packet) => packet.protocol));
    for (const one of ['stun', 'dtls', 'srtp', 'srtcp', 'rtp', 'rtcp', 'sdp']) assert.ok(protocols.has(one), `${name}: ${one}`);
  }
});

test('duet explain opens what duet call wrote: everything, and it is what was inside', async () => {
  await taken;
  const packetsOf = (...args) => {
    const { status, stdout, stderr } = spawnSync(DUET, ['explain', '--json', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(status, 0);
    return { packets: stdout.trim().split('\n').map((line) => JSON.parse(line)), errors: stderr };
  };
  const of = (packets, protocol, also = () => true) => packets.filter((p) => p.protocol === protocol && also(p));
  const id = ({ message: m }) => `${m.ssrc} ${m.sequenceNumber} ${m.timestamp}`;
  for (const name of ['a.pcapng', 'b.pcapng']) {
    const { packets, errors } = packetsOf(file(name));
    assert.equal(errors, '');
    const records = of(packets, 'dtls').flatMap((p) => p.message.records);
    assert.equal(records.filter((r) => r.decrypted && r.handshake?.type === 'finished').length, 2, `${name}: Finished`);
    assert.equal(of(packets, 'srtp', (p) => !p.decrypted).length, 0, `${name}: closed SRTP`);
    assert.equal(of(packets, 'srtcp', (p) => !p.decrypted).length, 0, `${name}: closed SRTCP`);
    assert.deepEqual(of(packets, 'srtp').map(id).sort(), of(packets, 'rtp').map(id).sort(), `${name}: RTP`);
    assert.deepEqual(of(packets, 'srtcp').map((p) => p.message.summary).sort(),
      of(packets, 'rtcp').map((p) => p.message.summary).sort(), `${name}: RTCP`);
    assert.ok(of(packets, 'srtp', (p) => /^RTP VP8 .*key frame 640x480/.test(p.message.summary)).length >= 2, 'into VP8');
  }
});

test('tshark shows RTP, VP8, Opus and RTCP on the second interface with no preference set', { skip: !hasTshark }, async () => {
  await taken;
  for (const name of ['a.pcapng', 'b.pcapng']) {
    const shown = (filter) => rows(name, `frame.interface_id == 1 && (${filter})`, ['frame.number', 'ip.src']);
    assert.ok(shown('vp8').length >= 60, 'VP8');
    assert.ok(shown('opus').length >= 100, 'Opus');
    assert.ok(shown('rtcp').length >= 4, 'RTCP');
    assert.ok(shown('vp8.hdr.frametype == 0').length >= 2, 'a key frame each way');
    assert.equal(new Set(shown('vp8').map(([, from]) => from)).size, 2, 'both ways');
    assert.equal(shown('sdp').length, 1, 'the announcement');
    assert.equal(rows(name, 'frame.interface_id == 1 && !rtp && !rtcp && !sdp', ['frame.number']).length, 0);
    assert.equal(rows(name, 'rtp && frame.interface_id == 0', ['frame.number']).length, 0, 'none in clear on the wire');
    assert.deepEqual(rows(name, '_ws.malformed && (frame.interface_id == 1 || stun || dtls)', ['frame.interface_name', 'frame.protocols', 'udp.payload', '_ws.expert.message']), []);
  }
});

test('checksums are right, and each side has what the other one sent', { skip: !hasTshark }, async () => {
  await taken;
  const wrong = 'udp.checksum.status == 0 || ip.checksum.status == 0';
  const wire = (name, direction) => rows(name, 'frame.interface_id == 0',
    ['frame.packet_flags_direction', 'udp.checksum', 'udp.length'])
    .filter(([way]) => Number(way) === direction).map((row) => row.slice(1).join());
  for (const name of ['a.pcapng', 'b.pcapng']) {
    assert.deepEqual(rows(name, wrong, ['frame.number'], '-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'), []);
  }
  for (const [from, to] of [['a.pcapng', 'b.pcapng'], ['b.pcapng', 'a.pcapng']]) {
    const came = new Set(wire(to, 1)), sent = wire(from, 2);
    const lost = sent.filter((packet) => !came.has(packet)).length;
    // A few cross the goodbye.
    assert.ok(sent.length > 100 && lost < sent.length / 10, `${lost} of ${sent.length} are missing in ${to}`);
  }
});

test('--impair: the secrets come before packets that a bad network holds back', { skip: !hasTshark }, async () => {
  await record('impaired', ['--pcap', file('c.pcapng'), '--impair', 'delay=30ms'], ['--pcap', file('d.pcapng'), '--impair', 'delay=10ms']);
  for (const name of ['c.pcapng', 'd.pcapng']) {
    const sides = new Set(rows(name, 'dtls.handshake.type == 20', ['udp.srcport']).map(([port]) => port));
    assert.equal(sides.size, 2, `${name}: Finished of both sides`);
  }
});

test('--keylog: both sides have the same line, which opens the capture', { skip: !hasTshark }, async () => {
  await taken;
  const [a, b] = ['a.keys', 'b.keys'].map((name) => readFileSync(file(name), 'utf8'));
  assert.match(a, /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n$/);
  assert.equal(a, b);
  assert.equal(statSync(file('a.keys')).mode & 0o077, 0, 'its owner alone may read it');
  // Without the secrets in the capture: editcap takes them out, the key log brings them back.
  execFileSync('editcap', ['--discard-all-secrets', file('a.pcapng'), file('closed.pcapng')]);
  const finished = (...options) => rows('closed.pcapng', 'dtls.handshake.type == 20', ['frame.number'], ...options).length;
  assert.equal(finished(), 0);
  assert.equal(finished('-o', `tls.keylog_file:${file('a.keys')}`), 2);
});

const LAYERS = { trace: [undefined], input: ['wire', 'signaling', 'mdns', 'media'], output: ['wire', 'signaling', 'media'],
  timer: [undefined], state: ['call', 'connection', 'ice', 'dtls', 'track', 'description'],
  decision: ['ice', 'dtls', 'signaling'], lost: [undefined] };

test('--trace: every line is JSON and of the schema of docs/trace.md', async () => {
  await taken;
  const text = readFileSync(file('a.jsonl'), 'utf8');
  const lines = text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([lines[0].type, lines[0].version], ['trace', 1]);
  let last = 0;
  for (const line of lines) {
    const said = JSON.stringify(line);
    assert.ok(line.t >= last, said);
    last = line.t;
    assert.ok(LAYERS[line.type]?.includes(line.layer), said);
    if (line.type !== 'trace') assert.equal(line.call, 1, said);
    if (line.layer === 'wire') {
      assert.match(line.protocol, /^(stun|dtls|srtp|srtcp|unknown)$/, said);
      assert.ok(line.length > 0 && line.says && line.local && line.remote, said);
      assert.equal(typeof line.taken, line.type === 'input' ? 'boolean' : 'undefined', said);
      if (line.taken === false) assert.ok(line.fault.layer && line.fault.rule, said);
      if (line.protocol === 'srtcp' && line.taken !== false) assert.ok(line.inside.length > 0, said);
    }
    if (line.type === 'decision') assert.ok(line.what && line.chosen && /\(RFC \d+ [\d.]+\)$/.test(line.rule), said);
    if (line.type === 'state') assert.ok(line.state, said);
  }
  const count = (is) => lines.filter(is).length;
  for (const kind of ['input', 'output', 'timer', 'state', 'decision']) assert.ok(count((l) => l.type === kind) > 0, kind);
  const selected = lines.find((l) => l.what === 'pair');
  assert.ok(selected.over.every((pair) => pair.why && pair.local && pair.remote));
  for (const what of ['role', 'certificate', 'cipher', 'srtp-profile']) assert.equal(count((l) => l.what === what), 1, what);
  assert.deepEqual(lines.filter((l) => l.layer === 'dtls' && l.type === 'state').map((l) => l.state).slice(0, 2), ['connecting', 'connected']);
  assert.ok(count((l) => l.layer === 'media' && l.type === 'input') > 50, 'frames to be sent');
  assert.ok(count((l) => l.layer === 'media' && l.type === 'output') > 50, 'frames that came');
  // No secrets: passwords are starred out, keys are not in it.
  assert.match(text, /a=ice-pwd:\*+\\r/);
  assert.doesNotMatch(text, /a=ice-pwd:[^*]/);
  assert.ok(!text.includes(readFileSync(file('a.keys'), 'utf8').split(' ')[2].trim()));
});

test('a full disk ends each recording with a word, and the call goes on', async () => {
  const [caller] = await record('full', ['--pcap', '/dev/full', '--trace', '/dev/full', '--keylog', '/dev/full', '--stats', '/dev/full']);
  assert.equal(caller.status, 0);
  for (const option of ['--pcap', '--trace', '--keylog', '--stats']) {
    assert.equal(caller.errors.split('\n').filter((l) =>
      l === `duet: ${option} /dev/full: no space left on the device; the recording ends here, calls go on`).length, 1, caller.errors);
    assert.equal(caller.events.filter((e) => e.event === 'recording-ended' && e.option === option).length, 1, option);
  }
  const events = caller.events.map((e) => e.event);
  assert.ok(events.indexOf('recording-ended') < events.indexOf('received'), 'the trace ends long before');
  assert.equal(events.at(-1), 'summary');
});

test('a reader that goes away ends the recording, and the call goes on', async () => {
  const pipe = file('pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const [caller] = await record('pipe', ['--trace', pipe], [], () => closeSync(reader));
  assert.equal(caller.status, 0);
  assert.match(caller.errors, /^duet: --trace .*: whoever read it has closed it; the recording ends here, calls go on$/m);
});
