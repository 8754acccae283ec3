// duet and duet: two `duet call`, by way of a `duet serve` that is no peer itself.

import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertSawTestSource } from './lib/arrangement.js';
import { call, run, serve, stopAll } from './lib/duet.js';

afterEach(stopAll);

for (const [name, address] of [['IPv4', '127.0.0.1:0'], ['IPv6', '[::1]:0']]) {
  test(`two programs in a call, over ${name}`, async () => {
    const server = await serve('--peer', 'none', '--listen', address);
    assert.equal(new URL(server.url).host.startsWith('[::1]'), name === 'IPv6');
    const first = call(server.url, 'programs', '--seconds', '8');
    await first.event('it is in the room', (e) => e.event === 'signaling' && e.state === 'open');
    const second = call(server.url, 'programs', '--seconds', '8');
    const summaries = await Promise.all([first.summary(), second.summary()]);
    summaries.forEach(assertSawTestSource);
    assert.deepEqual(summaries.map((s) => s.role), ['answerer', 'offerer']);
    assert.deepEqual([first.status, second.status], [0, 0]);
    assert.equal(await server.stop(), 0, server.errors);
  });
}

test('a call with nobody there leaves with 1 and says why', async () => {
  const server = await serve('--peer', 'none');
  const caller = call(server.url, 'nobody', '--seconds', '1');
  const { ok, reason } = await caller.summary();
  assert.equal(ok, false);
  assert.notEqual(reason, '');
  assert.equal(caller.status, 1);
  assert.match(caller.errors, /\S/);
  await server.stop();
});

test('a server that is not there: 1, and a line that names it', async () => {
  const caller = run('call', 'ws://127.0.0.1:9/ws?room=nobody', '--seconds', '2', '--json');
  await caller.over();
  assert.equal(caller.status, 1);
  assert.match(caller.errors, /127.0.0.1:9/);
});

test('wrong usage leaves with 2', async () => {
  for (const args of [['call'], ['serve', '--peer', 'cat'], ['call', 'ws://127.0.0.1/', '--data'],
    ['dance']]) {
    const program = run(...args);
    await program.over();
    assert.equal(program.status, 2, `${args}: ${program.status} ${program.errors}`);
  }
});
