// Calls outlive signaling: the server is killed and comes back, or the way to it breaks, while media
// flows. docs/signaling.md says what happens then.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { call, serve, stopAll } from '../browser/lib/duet.js';
import { until } from '../browser/lib/wait.js';
import { received } from './lib/summary.js';

const SMALL = ['--size', '320x240', '--fps', '15'];
let folder;

before(() => { folder = mkdtempSync(path(tmpdir(), 'duet-reconnect-')); });
after(async () => {
  await stopAll();
  rmSync(folder, { recursive: true });
});

const isOpen = (e) => e.event === 'signaling' && e.state === 'open';
const isClosed = (e) => e.event === 'signaling' && e.state === 'closed';
const goesOn = (e) => e.event === 'call-goes-on';
const opened = (program) => program.events.filter(isOpen);

// What it records of the other side grows: media comes.
function grows(program, file) {
  const before = statSync(file).size;
  return until('media comes', () => statSync(file).size > before, { seconds: 60, seen: () => program.events.slice(-5) });
}

// The call was connected all the time.
function neverLeft(program) {
  const states = program.events.filter((e) => e.event === 'connection-state').map((e) => e.state);
  assert.deepEqual(states.filter((state) => /disconnected|failed/.test(state)), []);
}

// A way to the server at `url` that can be cut.
async function startWay(url) {
  const streams = new Set();
  const way = { cut: false };
  const server = createServer((near) => {
    if (way.cut) return near.destroy();
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      streams.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  way.url = `http://127.0.0.1:${server.address().port}/`;
  way.break = () => {
    way.cut = true;
    for (const stream of streams) stream.destroy();
  };
  way.mend = () => { way.cut = false; };
  way.stop = () => { way.break(); server.close(); };
  return way;
}

// Two in a call, the second over `way` if there is one; each records the other.
async function inCall(server, room, way = server) {
  const files = [path(folder, `${room}-0.webm`), path(folder, `${room}-1.webm`)];
  const first = call(server.url, room, ...SMALL, '--record', files[0]);
  await first.event('in the room', isOpen);
  const second = call(way.url, room, ...SMALL, '--record', files[1]);
  await Promise.all([received(first), received(second)]);
  return { callers: [first, second], files };
}

// One call, good, on each side, though the ids have changed.
async function oneGoodCall(callers) {
  for (const caller of callers) {
    const last = await caller.summary();
    assert.equal(caller.status, 0, caller.errors);
    assert.deepEqual([last.ok, last.calls], [true, 1], JSON.stringify({ ...last, stats: undefined }));
    neverLeft(caller);
  }
}

describe('in mid-call', { concurrency: true }, () => {
  test('the server is killed and comes back: media goes on, there is no second call', async () => {
    let server = await serve('--peer', 'none');
    const { port } = new URL(server.url);
    const { callers, files } = await inCall(server, 'killed');
    await server.kill();
    // Each has lost it, and has tried in vain to come back.
    await Promise.all(callers.map((c) => c.event('tried again', () => c.events.filter(isClosed).length >= 2)));
    assert.match(callers[0].events.filter(isClosed)[1].reason, /refused/);
    await Promise.all(callers.map((c, i) => grows(c, files[i])));
    server = await serve('--peer', 'none', '--listen', `127.0.0.1:${port}`);
    await Promise.all(callers.map((c) => c.event('the call goes on', goesOn)));
    const ids = callers.map((c) => opened(c).at(-1).id);
    callers.forEach((c, i) => {
      assert.notEqual(ids[i], opened(c)[0].id);
      assert.equal(c.events.find(goesOn).peer, ids[1 - i]);
    });
    await Promise.all(callers.map((c, i) => grows(c, files[i])));
    // The new ids are good for hanging up.
    await callers[0].stop();
    await callers[1].event('the call has ended', (e) => e.event === 'connection-state' && e.state === 'closed');
    await callers[1].stop();
    await oneGoodCall(callers);
    assert.equal(await server.stop(), 0, server.errors);
  });

  test('one\'s way to the server breaks: the other, told that it left, stays in the call', async () => {
    const server = await serve('--peer', 'none');
    const way = await startWay(server.url);
    const { callers, files } = await inCall(server, 'cut', way);
    way.break();
    await callers[0].event('the other left', (e) => e.event === 'leave');
    await callers[1].event('lost', isClosed);
    await Promise.all(callers.map((c, i) => grows(c, files[i])));
    way.mend();
    await Promise.all(callers.map((c) => c.event('the call goes on', goesOn)));
    assert.equal(opened(callers[0]).length, 1);
    await callers[1].stop();
    await callers[0].event('the call has ended', (e) => e.event === 'connection-state' && e.state === 'closed');
    await callers[0].stop();
    await oneGoodCall(callers);
    way.stop();
    assert.equal(await server.stop(), 0, server.errors);
  });

  test('the way of the only one in the room breaks: the call with the peer of serve goes on', async () => {
    const server = await serve();
    const way = await startWay(server.url);
    const caller = call(way.url, 'alone', ...SMALL);
    await Promise.all([received(caller), received(server)]);
    way.break();
    await server.event('the room is empty', (e) => e.event === 'room-closed');
    way.mend();
    await Promise.all([caller, server].map((one) => one.event('the call goes on', goesOn)));
    await caller.stop();
    await oneGoodCall([caller]);
    assert.equal((await server.summary()).ok, true);
    assert.equal(server.events.filter((e) => e.event === 'summary').length, 1);
    neverLeft(server);
    way.stop();
    assert.equal(await server.stop(), 0, server.errors);
  });

  test('the server is killed with its peer: the call ends, and the new peer is called', async () => {
    let server = await serve();
    const { port } = new URL(server.url);
    const caller = call(server.url, 'peer', ...SMALL);
    await received(caller);
    await server.kill();
    await caller.event('lost', isClosed);
    server = await serve('--listen', `127.0.0.1:${port}`);
    await received(caller, 2);
    await caller.event('the summary of the first call', (e) => e.event === 'summary');
    await caller.stop();
    const last = await caller.summary();
    assert.equal(caller.status, 0, caller.errors);
    assert.deepEqual([last.ok, last.calls], [true, 2]);
    assert.equal(await server.stop(), 0, server.errors);
  });

  test('who is killed without a word: its call ends on the other side, with what it was', async () => {
    const server = await serve('--peer', 'none');
    const { callers } = await inCall(server, 'dead');
    await callers[1].kill();
    await callers[0].event('the other left', (e) => e.event === 'leave');
    const summary = await callers[0].event('its summary', (e) => e.event === 'summary');
    assert.equal(summary.ok, true, summary.reason);
    await callers[0].stop();
    assert.equal(callers[0].status, 0, callers[0].errors);
    assert.equal(await server.stop(), 0, server.errors);
  });
});
