// A call that fails says which layer failed and why: in the JSON's last line, on stderr in one line,
// and by exit status 1. The other side is broken on purpose here. Most cases wait for the program's
// own patience (30 s, RFC 8863 4, RFC 7675 5.1), so they all wait at once.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, serve, stopAll } from '../browser/lib/duet.js';
import { PWD, answerTo, dtlsServer, hostCandidate, isStun, offerLike, randomPassword, stunResponder,
  udpSocket } from './lib/broken.js';
import { middle, otherFingerprint } from './lib/middle.js';
import { answers, join as joinRoom } from './lib/socket.js';
import { received } from './lib/summary.js';

const SMALL = ['--size', '160x120', '--fps', '15', '--bitrate', '100'];
const PATIENT = { seconds: 75 };
const sockets = [];
let server, seated, bystander, offer;

before(async () => {
  server = await serve('--peer', 'none');
  seated = await serve();
  bystander = await joinRoom(seated.url, 'bystanders');
  const one = await joinRoom(server.url, 'template');
  const caller = call(server.url, 'template');
  offer = (await one.message('an offer', (m) => m.type === 'offer')).sdp;
  await caller.stop();
  one.leave();
});
// Whatever failed, both servers live, and the peer of serve still takes a proper call.
after(async () => {
  try {
    for (const socket of sockets) socket.close();
    const caller = call(seated.url, 'still-there', ...SMALL);
    await received(caller);
    await caller.stop();
    assert.equal((await caller.summary()).ok, true, caller.errors);
    await answers(bystander);
    bystander.leave();
    assert.equal(await server.stop(), 0);
    assert.equal(await seated.stop(), 0);
  } finally {
    await stopAll();
  }
});

async function open(socket) {
  sockets.push(await socket);
  return socket;
}

// The program ended as a failed call does: `reason` in the last line and, alone, on stderr.
async function failed(program, reason) {
  const summary = await program.summary();
  assert.equal(summary.ok, false);
  assert.match(summary.reason, reason, JSON.stringify(program.events.slice(0, -1)));
  assert.equal(program.status, 1);
  const lines = program.errors.trim().split('\n');
  assert.deepEqual(lines, [`duet: the call did not succeed: ${summary.reason}`]);
  accounted(program, summary.reason);
  return summary;
}

// What the account has to name as the cause, by the reason that the layer itself gives.
const CAUSES = [[/fingerprint differs/, /^wrong fingerprint: /], [/right password/, /^wrong password: /],
  [/no remote candidates|has no candidates/, /^no candidates: /], [/no DTLS packet/, /^DTLS-silent: /],
  [/no answer to \d+ checks/, /^(nothing comes from the other side|one way only): /],
  [/no codec in common/, /^no common codec: /], [/consent lost/, /^the path was lost in mid-call: /],
  [/: .*\bsetup\b/, /^wrong setup role: /], [/SRTP profile/, /^no SRTP profile in common: /],
  [/handshake was not done/, /^wrong setup role: both sides sent a ClientHello/], [/no answer came to our offer/, /our offer/]];

function accounted(program, reason) {
  const account = program.events.find((e) => e.event === 'account');
  assert.ok(account, `no account of "${reason}"`);
  assert.ok(account.cause && account.layers.ice && Array.isArray(account.pairs), JSON.stringify(account));
  for (const [why, cause] of CAUSES) if (why.test(reason)) assert.match(account.cause, cause);
}

// `duet call` offers, and gets what `answer(offer)` makes; null: nothing.
// Then it is interrupted when `done` holds for an event: alone again it would stay in the room.
async function answered(room, answer, reason, done = (e) => e.state === 'failed') {
  const broken = await joinRoom(server.url, room);
  const caller = call(server.url, room, ...SMALL);
  const { sdp, from } = await broken.message('an offer', (m) => m.type === 'offer');
  const text = await answer(sdp);
  if (text !== null) broken.send({ type: 'answer', to: from, sdp: text });
  await caller.event('its end', done, PATIENT);
  await caller.stop();
  await failed(caller, reason);
  broken.leave();
}

const ANSWERS = [
  ['never answers', () => null, /^signaling: no answer came to our offer$/, (e) => e.state === 'connecting'],
  ['no candidates, and so told', (sdp) => answerTo(sdp),
    /^ice: no remote candidates \(0 TCP, 0 host names, 0 others ignored\)$/],
  ['no candidates, hung up before the patience ended', (sdp) => answerTo(sdp),
    /^ice: the other side has no candidates: waiting for its checks$/, (e) => e.state === 'checking'],
  ['only candidates of TCP', (sdp) => answerTo(sdp, { candidates: [
    '1 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active'] }),
  /^ice: no remote candidates \(1 TCP, 0 host names, 0 others ignored\)$/],
  ['nobody answers at its candidates', async (sdp) => answerTo(sdp, { candidates: [
    hostCandidate((await open(udpSocket())).port)] }), /^ice: no answer to \d+ checks on \d+ pairs$/],
  ['answers checks with another password', async (sdp) => answerTo(sdp, { candidates: [
    hostCandidate((await open(stunResponder(randomPassword()))).port)] }),
  /^ice: checks or answers came, but none with the right password \(\d+ dropped\)$/],
  ['answers checks, and never speaks DTLS', async (sdp) => answerTo(sdp, { candidates: [
    hostCandidate((await open(stunResponder(PWD))).port)] }), /^dtls: no DTLS packet from the peer in 30 s$/],
  ['an answer that is no SDP', () => 'nonsense\r\n',
    /^sdp: the answer was refused: malformed at line 1 \(offset \d+\): .*RFC 8866/],
  ['an empty answer', () => '', /^sdp: the answer was refused: .* \(offset 0\): .*RFC/],
  ['an answer with a bad line', (sdp) => answerTo(sdp, { changes: [['a=mid:0', 'a=mid:0\r\nthis is none']] }),
    /^sdp: the answer was refused: malformed at line \d\d? \(offset \d+\): .*RFC 8866/],
  ['an answer with fewer sections', (sdp) => answerTo(sdp).split('m=video')[0]
    .replace(/(a=group:BUNDLE \S+).*/, '$1'), /^sdp: the answer was refused: malformed at line \d+ \(offset \d+\): .*RFC 3264/],
  ['an answer without a fingerprint', (sdp) => answerTo(sdp).replace(/a=fingerprint:.*\r\n/g, ''),
    /^sdp: the answer was refused: .*fingerprint/],
  ['all sections rejected', (sdp) => answerTo(sdp).replace(/^m=(\w+) \d+/gm, 'm=$1 0'),
    /^sdp: every media section was rejected: no codec in common$/],
  ['other codecs than were offered', (sdp) => answerTo(sdp, { changes: [['VP8/90000', 'H264/90000'],
    ['opus/48000/2', 'G722/8000']] }), /^sdp: .*codec/],
  ['setup actpass in an answer', (sdp) => answerTo(sdp, { changes: [['setup:passive', 'setup:actpass']] }),
    /^sdp: the answer was refused: malformed at line \d+ \(offset \d+\): .*RFC 8842 5\.3/],
];

// ---- The peer of `duet serve`, called badly ----

const OFFERS = [
  ['nobody answers at its candidates', async () => offerLike(offer, { candidates: [
    hostCandidate((await open(udpSocket())).port)] }), /^ice: no answer to \d+ checks on \d+ pairs$/],
  ['never speaks DTLS', async () => offerLike(offer, { candidates: [
    hostCandidate((await open(stunResponder(PWD))).port)] }), /^(dtls|ice): no /],
  ['an offer with a bad line', () => offerLike(offer, { changes: [['a=mid:0', 'a=mid:0\r\nthis is none']] }),
    /^sdp: the offer was refused: malformed at line \d\d? \(offset \d+\): .*RFC 8866/],
  ['no codec in common', () => offerLike(offer, { changes: [['VP8/90000', 'H264/90000'],
    ['opus/48000/2', 'G722/8000'], ['rtx/90000', 'red/90000']] }), /^sdp: every media section was rejected: no codec in common$/],
];

describe('all at once', { concurrency: true }, () => {
describe('duet call, its offer answered badly', { concurrency: true }, () => {
  for (const [what, answer, reason, done] of ANSWERS) {
    test(what, () => answered(what.replace(/\W/g, '-'), answer, reason, done));
  }

  test('who was called leaves without an answer', async () => {
    const broken = await joinRoom(server.url, 'leaves');
    const caller = call(server.url, 'leaves', ...SMALL);
    await broken.message('an offer', (m) => m.type === 'offer');
    broken.leave();
    await caller.event('closed', (e) => e.event === 'connection-state' && e.state === 'closed');
    await caller.stop();
    await failed(caller, /^signaling: no answer came to our offer; the other side left the room$/);
  });

  // ---- Two programs, and somebody in between ----

  // Both end when both have seen the end; resolves with them.
  async function ruined(room, options) {
    const pair = await middle(server.url, room, { args: SMALL, ...options });
    const ended = (e) => e.event === 'connection-state' && /failed|closed/.test(e.state);
    await Promise.all([pair.caller, pair.callee].map((one) => one.event('the end', ended, PATIENT)));
    await Promise.all([pair.caller.stop(), pair.callee.stop()]);
    pair.leave();
    return pair;
  }

  const bendSdp = (bend, type) => ({ bend: (message) =>
    message.sdp && message.type === (type ?? message.type)
      ? { ...message, sdp: bend(message.sdp) } : message });

  test('the answer\'s fingerprint is another\'s: DTLS fails, and the other side learns of it', async () => {
    const { caller, callee } = await ruined('fingerprint', bendSdp(otherFingerprint, 'answer'));
    await failed(caller, /^dtls: fingerprint differs: .*not the signaled one \(RFC 8122 6\.2\)$/);
    await failed(callee, /^dtls: the peer refused with an alert: bad_certificate(; the other side hung up)?$/);
  });

  test('the offer\'s fingerprint is another\'s', async () => {
    const { caller, callee } = await ruined('fingerprint-of-offer', bendSdp(otherFingerprint, 'offer'));
    await failed(callee, /^dtls: fingerprint differs: .*not the signaled one \(RFC 8122 6\.2\)$/);
    await failed(caller, /^dtls: the peer refused with an alert: bad_certificate(; the other side hung up)?$/);
  });

  test('ICE passwords of others: nothing is accepted, on either side', async () => {
    const { caller, callee } = await ruined('password', bendSdp((sdp) =>
      sdp.replace(/a=ice-pwd:.*/g, `a=ice-pwd:${PWD}`)));
    for (const one of [caller, callee]) {
      await failed(one, /^ice: checks or answers came, but none with the right password \(\d+ dropped\)$/);
    }
  });

  test('setup turned around in the answer: both begin DTLS, and neither answers', async () => {
    const { caller, callee } = await ruined('active', bendSdp((sdp) =>
      sdp.replace(/a=setup:active/g, 'a=setup:passive'), 'answer'));
    for (const one of [caller, callee]) await failed(one, /^dtls: the handshake was not done in 30 s$/);
  });

  test('both passive: nobody begins DTLS', async () => {
    const turn = { actpass: 'active', passive: 'active' };
    const { caller, callee } = await ruined('passive', bendSdp((sdp) =>
      sdp.replace(/a=setup:(actpass|passive)/g, (line, setup) => `a=setup:${turn[setup]}`)));
    for (const one of [caller, callee]) await failed(one, /^dtls: no DTLS packet from the peer in 30 s$/);
  });

  test('only STUN crosses the wire: DTLS fails on both sides', async () => {
    const pair = await middle(server.url, 'stun-only', { args: SMALL, onWire: true });
    pair.wire.pass = isStun;
    const ended = (e) => e.event === 'connection-state' && e.state === 'failed';
    for (const one of [pair.caller, pair.callee]) {
      await one.event('failed', ended, PATIENT);
      await one.stop();
      const summary = await failed(one, /^dtls: no DTLS packet from the peer in 30 s$/);
      assert.match(summary.ice, /^(connected|completed)$/);
    }
    pair.leave();
  });

  test('one way only: what the callee sends arrives, what the caller sends does not', async () => {
    const pair = await middle(server.url, 'one-way', { args: SMALL, onWire: true });
    pair.wire.pass = (packet, i) => i === 1;
    const ended = (e) => e.event === 'connection-state' && e.state === 'failed';
    for (const [one, cause] of [[pair.caller, /^one way only: /], [pair.callee, /^nothing comes from the other side: /]]) {
      await one.event('failed', ended, PATIENT);
      await one.stop();
      await failed(one, /^ice: no answer to \d+ checks on \d+ pairs$/);
      assert.match(one.events.find((e) => e.event === 'account').cause, cause);
    }
    pair.leave();
  });

  test('DTLS with an SRTP profile that is none of ours', async (t) => {
    let peer;
    const folder = mkdtempSync(join(tmpdir(), 'duet-profile-'));
    t.after(() => rmSync(folder, { recursive: true }));
    try {
      peer = await dtlsServer(folder, '-use_srtp', 'SRTP_AES128_CM_SHA1_32');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      t.skip('there is no openssl command');
      return;
    }
    sockets.push(peer);
    await answered('profile', (sdp) => answerTo(sdp, { candidates: [hostCandidate(peer.port)] })
      .replace(/a=fingerprint:.*/g, `a=fingerprint:sha-256 ${peer.fingerprint}`),
    /^dtls: the peer chose no SRTP profile \(RFC 5764 4\.1\.1\)$/);
  });

  test('a wire that goes silent in mid-call: disconnected, then consent is lost', async () => {
    const pair = await middle(server.url, 'silence', { args: SMALL, onWire: true });
    await Promise.all([received(pair.caller), received(pair.callee)]);
    pair.wire.pass = () => false;
    for (const one of [pair.caller, pair.callee]) {
      await one.event('disconnected', (e) => e.event === 'connection-state' && e.state === 'disconnected', PATIENT);
      await one.event('failed', (e) => e.event === 'connection-state' && e.state === 'failed', PATIENT);
      await one.stop();
      const summary = await failed(one, /^ice: consent lost: .* for 30 s \(RFC 7675 5\.1\)$/);
      assert.equal(summary.ice, 'failed');
      assert.ok(summary.video.frames >= 60);
    }
    pair.leave();
  });
});

// A server of somebody else's that does `serve(stream)` with each connection.
async function strangeServer(serve) {
  const listener = createServer((stream) => {
    stream.on('error', () => {});
    serve(stream);
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${listener.address().port}/`, close: () => listener.close() };
}

const STRANGE = [
  ['never answers the upgrade', () => {}, /^127\.0\.0\.1: no answer to the upgrade in time$/],
  ['answers the upgrade wrongly', (stream) => stream.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    /^127\.0\.0\.1: the answer lacks Upgrade: websocket \(RFC 6455 4\.1\)$/],
  ['ends each connection', (stream) => stream.end(), /^$/],
];

describe('duet call, and a server that is none', { concurrency: true }, () => {
  for (const [what, serve, reason] of STRANGE) {
    test(`${what}: told once, with its reason`, async () => {
      const strange = await strangeServer(serve);
      const caller = call(strange.url, 'a');
      const summary = await caller.summary();
      strange.close();
      const closed = caller.events.filter((e) => e.event === 'signaling');
      assert.equal(closed.length, 1, JSON.stringify(closed));
      assert.match(closed[0].reason, reason);
      assert.equal(summary.reason, `signaling: ${closed[0].reason || 'the server went away'}`);
      assert.equal(caller.errors, `duet: the call did not succeed: ${summary.reason}\n`);
    });
  }
});

describe('duet serve, its peer called badly', { concurrency: true }, () => {
  for (const [what, bad, reason] of OFFERS) {
    test(what, async () => {
      const broken = await joinRoom(seated.url, what.replace(/\W/g, '-'));
      broken.send({ type: 'offer', to: broken.peers[0], sdp: await bad() });
      const summary = await seated.event('a summary', (e) =>
        e.event === 'summary' && e.remote === broken.id, PATIENT);
      assert.equal(summary.ok, false);
      assert.match(summary.reason, reason);
      const lines = seated.errors.split('\n').filter((line) => line.includes(broken.id));
      assert.deepEqual(lines, [`duet: the call with ${broken.id} failed: ${summary.reason}`]);
      await answers(broken);
      broken.leave();
    });
  }
});
});
