// `--impair`: a bad network before real sockets. What it does to packets is tested in tests/sim/; here
// that it stands where it should, both ways, and that calls get through.

import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { call, serve, stopAll } from '../browser/lib/duet.js';
import { received } from './lib/summary.js';

afterEach(stopAll);

const SMALL = ['--size', '320x240', '--fps', '15'];

test('two peers behind bad networks find each other and hear each other', async () => {
  const server = await serve('--peer', 'none');
  const impaired = ['--impair', 'loss=5%,delay=50ms', ...SMALL];
  const first = call(server.url, 'bad', ...impaired);
  await first.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const second = call(server.url, 'bad', ...impaired, '--json');
  await Promise.all([received(first), received(second)]);
  await second.stop();
  await first.stop();
  for (const one of [await first.summary(), await second.summary()]) {
    const told = JSON.stringify({ ...one, stats: undefined });
    assert.equal(one.ok, true, told);
    // Each packet crosses both networks, 100 ms there, 100 ms back, and that twice at least: a check
    // and its answer, then DTLS. (No round trip was measured where each check had to be repeated.)
    assert.ok(one.connectMs >= 400, told);
    assert.ok(one.pair.rttMs === 0 || one.pair.rttMs >= 200, told);
  }
  await server.stop();
});

test('with everything lost nothing gets through, and the call says so', async () => {
  const server = await serve();
  const caller = call(server.url, 'deaf', '--impair', 'loss=100%', ...SMALL);
  await caller.event('it looks for a way', (e) => e.event === 'ice-state' && e.state === 'checking');
  await server.event('so does the other', (e) => e.event === 'ice-state' && e.state === 'checking');
  await caller.stop();
  assert.equal(caller.status, 1);
  const summary = await caller.summary();
  assert.equal(summary.ok, false);
  assert.match(summary.reason, /^ice: /);
  await server.stop();
});
