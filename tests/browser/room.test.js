// Several in one room, and what happens while a call runs: reload, mute, other peers.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { launch } from './lib/browser.js';
import { call, serve, stopAll } from './lib/duet.js';
import { assertSawTestSource } from './lib/arrangement.js';
import { calls, connected, hasSent, openPage, press, seesTestSource } from './lib/page.js';
import { until } from './lib/wait.js';

let chromium, firefox, server;

before(async () => {
  [chromium, firefox] = await Promise.all([launch('chromium'), launch('firefox')]);
  server = await serve();
});
after(async () => {
  await Promise.all([chromium?.close(), firefox?.close()]);
  const status = await server?.stop();
  await stopAll();
  assert.equal(status, 0, server?.errors);
});

// What duet measured of the participant with this id (as the other pages know it).
function summaryOf(id) {
  return until('its summary', () => server.events.find((e) =>
    e.event === 'summary' && e.remote === id), { seen: () => server.events.slice(-8) });
}

function ownId(page) { return until('it is in the room', () => page.evaluate(() => window.duet?.room.id)); }

test('two browsers and duet in one room: everyone sees and hears everyone', async () => {
  const pages = [await openPage(chromium, server.url, { room: 'three' }),
    await openPage(firefox, server.url, { room: 'three' })];
  for (const page of pages) {
    for (const { id } of await connected(page, 2)) {
      await seesTestSource(page, id);
      await hasSent(page, id, 75);
    }
  }
  for (const page of pages) {
    const id = await ownId(page);
    await page.close();
    assertSawTestSource(await summaryOf(id));
  }
});

test('a reload is a new call, and the old one ends on both sides', async () => {
  const page = await openPage(chromium, server.url, { room: 'reload' });
  const first = await ownId(page);
  await connected(page);
  await page.reload();
  await until('the page has started again', () => page.evaluate(() => window.duet?.room.id));
  const [{ id }] = await connected(page);
  await seesTestSource(page);
  await summaryOf(first);
  await hasSent(page, id, 75);
  const second = await ownId(page);
  assert.notEqual(second, first);
  await page.close();
  assertSawTestSource(await summaryOf(second));
});

test('hanging up and joining again', async () => {
  const page = await openPage(firefox, server.url, { room: 'again' });
  await connected(page);
  await press(page, '#hang');
  assert.deepEqual(await calls(page), []);
  await press(page, '#hang');
  await connected(page);
  await seesTestSource(page);
  await page.close();
});

for (const [name, browser] of [['chromium', () => chromium], ['firefox', () => firefox]]) {
  test(`${name} mutes and switches its camera off: duet hears silence and sees black`, async () => {
    const bare = await serve('--peer', 'none');
    const page = await openPage(browser(), bare.url, { room: 'mute' });
    await ownId(page);
    await press(page, '#mute');
    await press(page, '#blind');
    const caller = call(bare.url, 'mute', '--seconds', '60');
    const [{ id }] = await connected(page);
    await seesTestSource(page); // the other way nothing changes
    await hasSent(page, id, 3); // Firefox sends black once a second
    await caller.stop();
    const { audio, video } = await caller.summary();
    assert.ok(audio.samples > 0 && audio.rms < 0.02, `heard: ${JSON.stringify(audio)}`);
    assert.ok(video.frames > 0 && video.good === 0, `saw: ${JSON.stringify(video)}`);
    await page.close();
    await bare.stop();
  });
}

test('an echoing peer sends back what it gets', async () => {
  const echo = await serve('--peer', 'echo');
  for (const browser of [chromium, firefox]) {
    const page = await openPage(browser, echo.url, { room: 'echo' });
    await connected(page);
    await seesTestSource(page);
    await page.close();
  }
  assert.equal(await echo.stop(), 0, echo.errors);
});

test('an address that is not secure: no camera, which the page says, and a call all the same', async (t) => {
  const own = Object.values(networkInterfaces()).flat()
    .find((at) => !at.internal && at.family === 'IPv4');
  if (!own) return t.skip('this machine has only loopback addresses');
  const open = await serve('--listen', `${own.address}:0`);
  const page = await openPage(chromium, open.url, { room: 'insecure', source: '' });
  assert.match(await page.$eval('#notices', (notices) => notices.textContent), /secure pages/);
  const [{ id }] = await connected(page);
  await seesTestSource(page, id);
  await hasSent(page, id, 30);
  await page.close();
  await open.stop();
});
