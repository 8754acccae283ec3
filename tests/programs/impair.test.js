// `--impair`: a bad network before real sockets. What it does to packets is tested in tests/sim/; here
// that it stands where it should, both ways, and that calls get through.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { DUET, call, serve } from '../browser/lib/duet.js';
import { received } from './lib/summary.js';

const SMALL = ['--size', '320x240', '--fps', '15'];

function inbound(summary) {
  return Object.values(summary.stats).filter((s) => s.type === 'inbound-rtp');
}

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
    // Each packet crosses both networks: 100 ms there, 100 ms back.
    assert.ok(one.pair.rttMs >= 200, told);
    assert.ok(one.connectMs >= 200, told);
    const lost = inbound(one).reduce((sum, s) => sum + s.packetsLost, 0);
    const came = inbound(one).reduce((sum, s) => sum + s.packetsReceived, 0);
    // Some 10 % of what was sent; of it video is repaired, and counted as lost all the same or not.
    assert.ok(came > 100 && lost >= 0 && lost < came, `${lost} of ${came}`);
  }
  await server.stop();
});

test('with everything lost nothing gets through, and the call says so', async () => {
  const server = await serve();
  const { status, stdout } = spawnSync(DUET, ['call',
    new URL('ws?room=deaf', server.url.replace('http', 'ws')).href, '--seconds', '2', '--json',
    '--impair', 'loss=100%', ...SMALL], { encoding: 'utf8', timeout: 30000 });
  assert.equal(status, 1);
  const last = JSON.parse(stdout.trim().split('\n').at(-1));
  assert.equal(last.ok, false);
  assert.match(last.reason, /^ice: /);
  await server.stop();
});

test('a script: the network breaks once the call is there', async () => {
  const server = await serve();
  const caller = call(server.url, 'script', ...SMALL, '--impair', '0s:delay=5ms;8s:loss=100%');
  await received(caller);
  await caller.event('it hears nothing any more',
    (e) => e.event === 'connection-state' && e.state === 'disconnected', { seconds: 30 });
  await caller.stop();
  await server.stop();
});
