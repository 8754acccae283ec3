// What docs/cli.md promises of the summary, member by member, and that the content is right.

import assert from 'node:assert/strict';
import { until } from '../../browser/lib/wait.js';

// `program` has received all it asked for, from `count` participants.
export async function received(program, count = 1) {
  await until('all that was asked for was received', () => {
    if (program.status !== undefined) throw new Error(`it ended: ${program.errors}`);
    return program.events.filter((e) => e.event === 'received').length >= count;
  }, { seconds: 60, seen: () => ({ errors: program.errors, events: program.events.slice(-6) }) });
}

function assertTypes(object, types, where) {
  for (const [name, type] of Object.entries(types)) {
    assert.equal(typeof object?.[name], type, `${where}.${name}: ${JSON.stringify(object?.[name])}`);
  }
}

export function assertSummary(summary, expected = {}) {
  const told = JSON.stringify({ ...summary, stats: undefined });
  assertTypes(summary, { event: 'string', peer: 'string', ok: 'boolean', reason: 'string',
    role: 'string', connectMs: 'number', firstFrameMs: 'number', ice: 'string', srtp: 'string',
    stats: 'object' }, 'summary');
  assertTypes(summary.video, { frames: 'number', good: 'number', width: 'number', height: 'number',
    fps: 'number', freezes: 'number' }, 'video');
  assertTypes(summary.audio, { samples: 'number', hz: 'number', rms: 'number', concealed: 'number' }, 'audio');
  assertTypes(summary.pair, { local: 'string', remote: 'string', protocol: 'string', rttMs: 'number' }, 'pair');
  assertTypes(summary.dtls, { version: 'string', cipher: 'string', role: 'string' }, 'dtls');
  assert.ok(summary.ok && summary.reason === '', told);
  assert.equal(summary.event, 'summary');
  assert.equal(summary.peer, 'duet');
  assert.ok(summary.video.frames >= 60 && summary.video.good >= 0.95 * summary.video.frames, told);
  assert.ok(Math.abs(summary.audio.hz - 440) < 5, told);
  assert.ok(summary.firstFrameMs >= summary.connectMs && summary.connectMs > 0, told);
  assert.match(summary.ice, /^(connected|completed)$/, told);
  assert.match(summary.dtls.version, /^DTLS 1\.[23]$/, told);
  assert.match(summary.dtls.role, /^(client|server)$/, told);
  assert.match(summary.pair.local, /^(host|srflx|prflx)$/, told);
  assert.match(summary.pair.remote, /^(host|srflx|prflx)$/, told);
  assert.equal(summary.pair.protocol, 'udp');
  assert.equal(summary.srtp, 'AEAD_AES_128_GCM', told);
  for (const type of ['transport', 'candidate-pair', 'local-candidate', 'remote-candidate', 'codec',
    'inbound-rtp', 'outbound-rtp']) {
    const found = Object.values(summary.stats).filter((s) => s.type === type);
    assert.ok(found.length > 0, `no ${type} in the stats`);
    found.forEach((s) => assertTypes(s, { id: 'string', timestamp: 'number' }, type));
  }
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(summary[name] ?? summary.video[name], value, `${name}: ${told}`);
  }
}
