// duet call --stats: a dump in the shape of Chromium's own, taken from the other end of the same call.

import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { launch } from './lib/browser.js';
import { call, serve, stopAll } from './lib/duet.js';
import { connected, openPage } from './lib/page.js';
import { until } from './lib/wait.js';

const folder = mkdtempSync(join(tmpdir(), 'duet-stats-'));
let browser;
after(async () => {
  await browser?.close();
  await stopAll();
  rmSync(folder, { recursive: true });
});

// The page that people take dumps with; what it would save is kept.
async function openInternals() {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(() => {
    const make = URL.createObjectURL;
    window.saved = [];
    URL.createObjectURL = (blob) => { window.saved.push(blob); return make.call(URL, blob); };
  });
  await page.goto('chrome://webrtc-internals');
  return page;
}

async function dumpOf(page) {
  await page.bringToFront();
  await page.evaluate(() => [...document.querySelectorAll('button')]
    .find((button) => /webrtc-internals dump/i.test(button.textContent)).click());
  const base64 = await until('the dump', () => page.evaluate(async () => {
    if (!window.saved.length) return null;
    const bytes = new Uint8Array(await window.saved.at(-1).arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  }));
  const bytes = Buffer.from(base64, 'base64');
  return JSON.parse(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
}

const within = (ours, theirs, what) =>
  assert.deepEqual(ours.filter((name) => !theirs.includes(name)), [], what);
const onlyCall = (dump) => Object.values(dump.PeerConnections).at(-1);

// What is measured, by type of dictionary: { 'inbound-rtp': ['ssrc', ...] }.
function names(stats) {
  const types = {};
  for (const [key, { statsType }] of Object.entries(stats)) {
    (types[statsType] ??= new Set()).add(key.slice(key.lastIndexOf('-') + 1));
  }
  return types;
}

test('--stats has the shape of a dump of chrome://webrtc-internals, and its names', async () => {
  browser = await launch('chromium');
  const internals = await openInternals();
  const server = await serve('--peer', 'none');
  const page = await openPage(browser, server.url, { room: 'stats' });
  const file = join(folder, 'stats.json');
  const caller = call(server.url, 'stats', '--stats', file);
  await connected(page);
  await caller.event('received', (e) => e.event === 'received');
  // Reports of the browser have come, so that there is a round trip.
  await internals.bringToFront();
  const theirs = await until('all kinds of statistics', async () => {
    const dump = await dumpOf(internals);
    return onlyCall(dump) && names(onlyCall(dump).stats)['remote-inbound-rtp']?.has('roundTripTime') ? dump : null;
  });
  await caller.stop();
  assert.ok((await caller.summary()).ok, caller.errors);
  await server.stop();

  const ours = JSON.parse(readFileSync(file, 'utf8'));
  within(Object.keys(ours), Object.keys(theirs), 'of the dump');
  for (const name of ['getUserMedia', 'PeerConnections', 'UserAgent']) assert.equal(typeof ours[name], typeof theirs[name], name);
  const [a, b] = [onlyCall(ours), onlyCall(theirs)];
  within(Object.keys(a), Object.keys(b), 'of a connection');
  for (const name of Object.keys(a)) assert.equal(typeof a[name], typeof b[name], name);

  // The log: the same members, JSON in text.
  const types = new Set(b.updateLog.map((line) => line.type));
  assert.ok(a.updateLog.length >= 5);
  for (const line of a.updateLog) {
    within(Object.keys(line), [...Object.keys(b.updateLog[0]), 'time'], 'of a line of the log');
    if (line.value) JSON.parse(line.value);
  }
  for (const type of ['onconnectionstatechange', 'oniceconnectionstatechange', 'setLocalDescription', 'setRemoteDescription']) {
    assert.ok(types.has(type) && a.updateLog.some((line) => line.type === type), type);
  }

  // The rows.
  const row = Object.values(b.stats)[0];
  for (const [key, r] of Object.entries(a.stats)) {
    assert.deepEqual(Object.keys(r).sort(), Object.keys(row).sort(), key);
    assert.ok(Date.parse(r.startTime) <= Date.parse(r.endTime) && r.endTime.endsWith('Z'), key);
    assert.ok(JSON.parse(r.values).length >= 1, key);
  }
  // Chromium leaves out what it has not; this is in the standard too.
  const standard = { 'inbound-rtp': ['retransmittedPacketsReceived'] };
  const [mine, yours] = [names(a.stats), names(b.stats)];
  for (const type of ['inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'candidate-pair', 'local-candidate',
    'remote-candidate', 'codec', 'transport']) {
    assert.ok(mine[type], `${type} among ${Object.keys(mine)}`);
    within([...mine[type]], [...yours[type], ...standard[type] ?? []], type);
  }
  const last = (dump, type, name) => Object.entries(dump.stats)
    .filter(([key, r]) => r.statsType === type && key.endsWith(`-${name}`)).map(([, r]) => JSON.parse(r.values).at(-1));
  // What we sent, they received, but for what came after they looked.
  assert.ok(last(a, 'transport', 'dtlsCipher')[0] === last(b, 'transport', 'dtlsCipher')[0]);
  assert.ok(last(a, 'transport', 'tlsVersion')[0] === last(b, 'transport', 'tlsVersion')[0]);
  const sent = new Set(last(a, 'outbound-rtp', 'ssrc'));
  assert.ok(last(b, 'inbound-rtp', 'ssrc').every((ssrc) => sent.has(ssrc)));
  assert.ok(Math.abs(last(a, 'transport', 'timestamp')[0] - Date.now()) < 3600000, 'milliseconds since 1970');
});
