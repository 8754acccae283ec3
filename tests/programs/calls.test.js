// Whole calls over the loopback interface, judged by content on both sides.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, serve } from '../browser/lib/duet.js';
import { join as joinRoom } from './lib/socket.js';
import { assertSummary, received } from './lib/summary.js';

const QUADRANTS = fileURLToPath(new URL('../corpus/media/quadrants.webm', import.meta.url));
// Small pictures: an instrumented build on a busy machine must keep up.
const SMALL = ['--size', '320x240', '--fps', '15'];
let folder;

before(() => { folder = mkdtempSync(join(tmpdir(), 'duet-calls-')); });
after(() => rmSync(folder, { recursive: true }));

// Both have what they asked for, then the caller is interrupted; { ours, theirs }: the summaries.
async function oneCall(server, ...args) {
  const caller = call(server.url, 'one', ...args);
  await received(caller);
  await received(server);
  await caller.stop();
  const ours = await caller.summary(), theirs = await server.summary();
  assert.equal(caller.status, 0, caller.errors);
  assert.equal(caller.errors, '');
  assert.equal(await server.stop(), 0, server.errors);
  return { ours, theirs };
}

test('a call with the peer of serve: the content is good both ways, the summary complete', async () => {
  const { ours, theirs } = await oneCall(await serve(), ...SMALL);
  assertSummary(ours, { role: 'offerer', width: 640, height: 480 });
  assertSummary(theirs, { role: 'answerer', width: 320, height: 240 });
});

test('over IPv6', async () => {
  const server = await serve('--listen', '[::1]:0');
  assert.match(server.url, /^http:\/\/\[::1\]:\d+\/$/);
  const { ours } = await oneCall(server, ...SMALL);
  assertSummary(ours, { role: 'offerer' });
});

test('an echo: our own test source comes back', async () => {
  const server = await serve('--peer', 'echo');
  const caller = call(server.url, 'echo', ...SMALL);
  await received(caller);
  await caller.stop();
  assertSummary(await caller.summary(), { role: 'offerer', width: 320, height: 240 });
  const theirs = await server.summary();
  assert.equal(theirs.ok, true, theirs.reason);
  assert.equal(theirs.video, undefined, 'an echo decodes nothing');
  await server.stop();
});

test('two in a room without a peer of ours: who joins offers; SIGINT to one ends both calls', async () => {
  const server = await serve('--peer', 'none');
  const first = call(server.url, 'pair', ...SMALL);
  await first.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const second = call(server.url, 'pair', ...SMALL);
  await Promise.all([received(first), received(second)]);
  await second.stop();
  assertSummary(await second.summary(), { role: 'offerer' });
  await first.event('the call has ended', (e) => e.event === 'connection-state' && e.state === 'closed');
  await first.stop();
  assertSummary(await first.summary(), { role: 'answerer' });
  assert.deepEqual([first.status, second.status], [0, 0]);
  await server.stop();
});

test('three in a room are all connected to each other', async () => {
  const server = await serve('--peer', 'none');
  const callers = [];
  for (let i = 0; i < 3; i++) {
    const caller = call(server.url, 'three', ...SMALL);
    await caller.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
    callers.push(caller);
  }
  await Promise.all(callers.map((caller) => received(caller, 2)));
  const ids = callers.map((c) => c.events.find((e) => e.event === 'signaling').id);
  for (const [i, caller] of callers.entries()) {
    const partners = caller.events.filter((e) => e.event === 'received').map((e) => e.peer);
    assert.deepEqual(partners.sort(), ids.filter((id) => id !== ids[i]).sort());
  }
  await Promise.all(callers.map((c) => c.stop()));
  callers.forEach((c) => assert.equal(c.status, 0, c.errors));
  for (const [i, caller] of callers.entries()) {
    const each = caller.events.slice(0, -1).filter((e) => e.event === 'summary');
    assert.deepEqual(each.map((e) => [e.ok, typeof e.t]), [[true, 'number'], [true, 'number']]);
    assert.deepEqual(each.map((e) => e.remote).sort(), ids.filter((id) => id !== ids[i]).sort());
    const last = await caller.summary();
    assert.deepEqual([last.ok, last.reason, last.calls], [true, '', 2]);
  }
  await server.stop();
});

test('of two calls one fails: both are told, the last line names it, and the status is 1', async () => {
  const server = await serve();
  const silent = await joinRoom(server.url, 'two');
  const caller = call(server.url, 'two', ...SMALL);
  await received(caller);
  await caller.stop();
  const each = caller.events.slice(0, -1).filter((e) => e.event === 'summary');
  assert.deepEqual(each.map((e) => e.ok).sort(), [false, true]);
  assert.equal(each.find((e) => !e.ok).remote, silent.id);
  const last = await caller.summary();
  assert.equal(caller.status, 1);
  assert.deepEqual([last.ok, last.calls, last.remote], [false, 2, silent.id]);
  assert.equal(last.reason,
    `1 of 2 calls, the first with ${silent.id}: signaling: no answer came to our offer`);
  assert.equal(caller.errors, `duet: ${last.reason}\n`);
  silent.leave();
  assert.equal(await server.stop(), 0, server.errors);
});

// What one side asks for, and what the other one then gets. The peer of serve takes all.
const DIRECTIONS = [
  { args: ['--video', 'none'], sends: ['audio'], gets: ['audio'] },
  { args: ['--audio', 'none'], sends: ['video'], gets: ['video'] },
  { args: ['--video', 'send', '--audio', 'recv'], sends: ['video'], gets: ['audio'] },
  { args: ['--video', 'recv', '--audio', 'send'], sends: ['audio'], gets: ['video'] },
];

for (const { args, sends, gets } of DIRECTIONS) {
  test(`${args.join(' ')}: sends ${sends}, gets ${gets}`, async () => {
    const server = await serve();
    const caller = call(server.url, 'directions', ...SMALL, ...args);
    await received(caller);
    const tracks = caller.events.filter((e) => e.event === 'track');
    assert.deepEqual(tracks.filter((t) => t.send).map((t) => t.kind).sort(), sends);
    assert.deepEqual(tracks.filter((t) => t.recv).map((t) => t.kind).sort(), gets);
    await caller.stop();
    assert.equal(caller.status, 0, caller.errors);
    const ours = await caller.summary();
    assert.equal(ours.video.frames > 0, gets.includes('video'), 'pictures');
    assert.equal(ours.audio.samples > 0, gets.includes('audio'), 'sound');
    await server.stop();
  });
}

test('SIGINT to serve: calls end with their summaries, and it leaves with 0', async () => {
  const server = await serve();
  const caller = call(server.url, 'goodbye', ...SMALL);
  await Promise.all([received(caller), received(server)]);
  assert.equal(await server.stop(), 0, server.errors);
  assertSummary(server.events.findLast((e) => e.event === 'summary'), { role: 'answerer' });
  const closed = await caller.event('signaling closed', (e) => e.event === 'signaling' && e.state === 'closed');
  assert.equal(closed.code, 1001);
  await caller.event('the call has ended', (e) => e.event === 'connection-state' && e.state === 'closed');
  await caller.stop();
  assert.equal(caller.status, 0, caller.errors);
});

test('a file is played, and comes out good; both ends record', async (t) => {
  const server = await serve('--record', folder);
  const file = join(folder, 'ours.webm');
  const { ours, theirs } = await oneCall(server, '--play', QUADRANTS, '--record', file);
  assert.equal(theirs.ok, true, theirs.reason);
  assert.ok(theirs.video.good >= 0.95 * theirs.video.frames, JSON.stringify(theirs.video));
  assert.ok(Math.abs(theirs.audio.hz - 440) < 5, JSON.stringify(theirs.audio));
  assert.equal(theirs.video.width, 160);
  assertSummary(ours, { role: 'offerer' });
  const files = readdirSync(folder).sort();
  assert.equal(files.length, 2, `${files}`);
  if (spawnSync('ffprobe', ['-version']).error) return t.diagnostic('ffprobe is not there: recordings not read');
  for (const name of files) {
    const { streams } = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json',
      '-show_streams', '-count_frames', join(folder, name)]));
    assert.deepEqual(streams.map((s) => s.codec_name).sort(), ['opus', 'vp8'], name);
    streams.forEach((s) => assert.ok(Number(s.nb_read_frames) >= 30, `${name}: ${s.nb_read_frames}`));
  }
});

test('--seconds: hangs up by itself', async () => {
  const server = await serve();
  const caller = call(server.url, 'seconds', ...SMALL, '--seconds', '1');
  await caller.over();
  const last = await caller.summary();
  assert.equal(caller.status, last.ok ? 0 : 1);
  if (!last.ok) assert.match(last.reason, /^(media|ice|dtls|signaling): /);
  await server.stop();
});
