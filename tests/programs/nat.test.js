// Calls through real NATs: the kernel's, between network namespaces, with coturn as the STUN server.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { runUnder, stopAll } from '../browser/lib/duet.js';
import { until } from '../browser/lib/wait.js';
import { BACKBONE, internet, whyNot } from './lib/nat.js';
import { received } from './lib/summary.js';

const SMALL = ['--size', '320x240', '--fps', '15'];
const reason = spawnSync('turnserver', ['--help']).error
  ? 'there is no coturn (turnserver)' : whyNot() || false;
const inside = (name) => ['ip', 'netns', 'exec', name];

let world, server, coturn;

// Two homes whose NATs keep ports, and one whose NAT gives every destination another one.
before(async () => {
  if (reason) return;
  world = internet(['', '', 'fully-random']);
  coturn = spawn('ip', ['netns', 'exec', world.backbone, 'turnserver', '-n', `--listening-ip=${BACKBONE}`,
    '--listening-port=3478', '--stun-only', '--no-auth', '--no-cli', '--no-tls', '--no-dtls',
    '--pidfile=/dev/null', '--log-file=stdout'], { stdio: 'ignore' });
  server = runUnder(inside(world.backbone), 'serve', '--listen', `${BACKBONE}:8080`, '--peer', 'none', '--json');
  await server.event('listening', (e) => e.event === 'listening');
  const sockets = () => execFileSync('ip', ['netns', 'exec', world.backbone, 'cat', '/proc/net/udp'],
    { encoding: 'utf8' });
  await until('coturn listens', () => sockets().includes(':0D96 '), { seen: sockets }); // 3478
});
after(async () => {
  await stopAll();
  if (coturn && coturn.exitCode === null) {
    coturn.kill('SIGKILL');
    await new Promise((resolve) => coturn.once('close', resolve));
  }
  world?.close();
});

const callFrom = (home, room) => runUnder(inside(home), 'call', `ws://${BACKBONE}:8080/ws?room=${room}`,
  '--json', '--ice-servers', JSON.stringify([{ urls: `stun:${BACKBONE}:3478` }]), ...SMALL);

// Both have picture and sound of the other; their summaries.
async function inCall(homes, room) {
  const first = callFrom(homes[0], room);
  await first.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const second = callFrom(homes[1], room);
  try {
    await Promise.all([received(first), received(second)]);
  } finally {
    await second.stop();
    await first.stop();
  }
  return [first, second].map((one) => {
    const last = one.events.at(-1);
    assert.equal(one.status, 0, one.errors);
    assert.ok(last.ok && last.video.good >= 60 && Math.abs(last.audio.hz - 440) < 5,
      JSON.stringify({ ...last, stats: undefined }));
    return { ...last, selected: one.events.findLast((e) => e.event === 'ice-selected') };
  });
}

describe('through NATs', { concurrency: true, skip: reason }, () => {
  test('both behind NATs: the pair is of the addresses that STUN told', async () => {
    const summaries = await inCall(world.homes, 'homes');
    summaries.forEach(({ pair, selected }, i) => {
      assert.match(pair.local, /^(srflx|prflx)$/);
      assert.match(pair.remote, /^(srflx|prflx)$/);
      assert.match(selected.local, new RegExp(`^10\\.0\\.${i}\\.2:`));
      assert.ok(selected.remote.startsWith(`${world.addresses[1 - i]}:`), selected.remote);
    });
  });

  test('behind a symmetric NAT, with one who is not behind any: peer-reflexive', async () => {
    const [, theirs] = await inCall([world.homes[2], world.backbone], 'symmetric');
    assert.equal(theirs.pair.remote, 'prflx');
    assert.ok(theirs.selected.remote.startsWith(`${world.addresses[2]}:`), theirs.selected.remote);
  });
});
