// The page by itself: two of them over a relay that tests can bend. Both run in Chromium here;
// calls with duet, and with Firefox, are in the other files.

import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.js';
import { call, serve, stopAll } from './lib/duet.js';
import { startRelay } from './lib/relay.js';
import { until } from './lib/wait.js';
import { otherFingerprint, passOn } from '../programs/lib/middle.js';
import { assertNoComplaints, calls, connected, openPage, press, seesTestSource,
  shareTestPicture } from './lib/page.js';

let browser, relay;
let pages = [];

before(async () => {
  browser = await launch('chromium');
  relay = await startRelay();
});
after(async () => {
  await browser?.close();
  relay?.stop();
  await stopAll();
});
afterEach(async () => {
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
  relay.bend = (message) => message;
  relay.mend();
});

async function open(room, options = {}) {
  const page = await openPage(browser, relay.url, { room, ...options });
  pages.push(page);
  return page;
}

async function pair(room) {
  const one = await open(room), other = await open(room);
  await Promise.all([connected(one), connected(other)]);
  return [one, other];
}

function failure(page, seconds) {
  return until('the page says what failed', async () =>
    (await calls(page)).find((call) => call.failure)?.failure, { seconds, seen: () => calls(page) });
}

function text(page, selector) {
  return page.$eval(selector, (element) => element.textContent.trim());
}

test('two pages see and hear each other, and break no rule of the policy', async () => {
  const [one, other] = await pair('pair');
  await Promise.all([seesTestSource(one), seesTestSource(other)]);
  const [call] = await calls(one);
  assert.deepEqual(Object.values(call.layers).map((layer) => layer.state), Array(5).fill('ok'));
  assert.equal(call.stats.in.find((s) => s.kind === 'video').codec, 'VP8');
  assert.match(call.stats.pair.local.type, /host|prflx/);
  assertNoComplaints(one);
  assertNoComplaints(other);
});

test('three in a room: everyone calls everyone', async () => {
  const three = [await open('three'), await open('three'), await open('three')];
  await Promise.all(three.map((page) => connected(page, 2)));
  for (const page of three) assert.equal(await page.$$eval('.tile', (tiles) => tiles.length), 3);
});

test('muted, the other hears nothing; camera off, the other sees black', async () => {
  const [one, other] = await pair('mute');
  await seesTestSource(other);
  await press(one, '#mute');
  assert.equal(await text(one, '#mute'), 'Unmute');
  const measured = () => other.evaluate(() => window.duet.measure());
  await until('silence', async () => (await measured()).audio.rms < 0.001);
  await press(one, '#blind');
  await until('black', async () =>
    (await measured()).video.colours.flat().every((value) => value < 40));
  await press(one, '#mute');
  await press(one, '#blind');
  await seesTestSource(other);
});

test('a DTLS transport object that stays at \'connecting\' hides no call that runs', async () => {
  const one = await open('lagging');
  await one.evaluate(() => {
    Object.defineProperty(RTCDtlsTransport.prototype, 'state', { get: () => 'connecting' });
  });
  const other = await open('lagging');
  await Promise.all([connected(one), connected(other)]);
  assert.equal((await calls(one))[0].layers.dtls.state, 'ok');
});

test('hanging up ends the call on both sides; joining again brings it back', async () => {
  const [one, other] = await pair('hang-up');
  await press(one, '#hang');
  await until('the other has no call', async () => !(await calls(other)).length);
  assert.equal((await calls(one)).length, 0);
  assert.equal(await text(one, '#hang'), 'Join again');
  await press(one, '#hang');
  await Promise.all([connected(one), connected(other)]);
});

test('a second picture comes and goes, also when both sides show one at once', async () => {
  const [one, other] = await pair('second');
  await Promise.all([shareTestPicture(one), shareTestPicture(other)]); // glare
  const pictures = (page, count) => until(`${count} pictures`, async () =>
    (await calls(page))[0]?.pictures === count, { seen: () => calls(page) });
  await Promise.all([pictures(one, 2), pictures(other, 2)]);
  await seesTestSource(one, undefined, { picture: 1 });
  await seesTestSource(other, undefined, { picture: 1 });
  await one.evaluate(() => window.duet.media.share(null));
  await pictures(other, 1);
  await pictures(one, 2);
});

test('a reload leaves one call, not two', async () => {
  const [one, other] = await pair('reload');
  const [{ id }] = await calls(other);
  await one.reload();
  await until('another call', async () => (await calls(other)).some((c) => c.live && c.id !== id));
  await connected(other, 1);
});

test('when the server goes, calls go on; when it is back, each is replaced by a new one', async () => {
  const [one, other] = await pair('cut');
  const [{ id }] = await calls(one);
  relay.cut();
  await until('the page says so', () => one.evaluate(() =>
    /Calls go on/.test(document.getElementById('notices').textContent)));
  const before = await one.evaluate(() => document.querySelectorAll('.tile video')[1].currentTime);
  await until('the picture still moves', async () => before + 2 <
    await one.evaluate(() => document.querySelectorAll('.tile video')[1].currentTime));
  relay.mend();
  for (const page of [one, other]) {
    await until('a new call in place of the old one', async () => {
      const [call, ...more] = await calls(page);
      return call?.live && !more.length && call.id !== id;
    }, { seen: () => calls(page) });
    await seesTestSource(page);
  }
});

test('the same with duet call, whoever is back first: one call, and the picture goes on', async () => {
  let server = await serve('--peer', 'none');
  const { host } = new URL(server.url);
  const one = await openPage(browser, server.url, { room: 'back' });
  pages.push(one);
  const caller = call(server.url, 'back', '--size', '320x240');
  await connected(one);
  await caller.event('received', (e) => e.event === 'received');
  await server.kill();
  await caller.event('lost', (e) => e.event === 'signaling' && e.state === 'closed');
  server = await serve('--peer', 'none', '--listen', host);
  await caller.event('met again', (e) => e.event === 'call-goes-on' ||
    (e.event === 'summary' && e.ok), { seconds: 60 }); // the old call goes on, or was replaced
  await until('one call', async () => (await calls(one)).length === 1, { seen: () => calls(one) });
  await connected(one);
  await seesTestSource(one);
  assert.deepEqual(caller.events.filter((e) => /disconnected|failed/.test(e.state)), []);
  await caller.stop();
  await server.stop();
});

test('whose socket goes without a word stays while the picture moves, and no longer', async () => {
  const [one, other] = await pair('gone');
  await one.evaluate(() => window.duet.room.calls.forEach((call) => call.pc.close()));
  await one.close();
  pages.splice(pages.indexOf(one), 1);
  await until('the tile is gone', async () => !(await calls(other)).length);
});

test('a fingerprint that is not the certificate\'s: DTLS failed', async () => {
  relay.bend = (message) => message.sdp ? { ...message,
    sdp: message.sdp.replace(/(a=fingerprint:sha-256 )../g, '$100') } : message;
  const one = await open('dtls'), other = await open('dtls');
  assert.match(await failure(one), /^DTLS: the handshake failed/);
  assert.match(await failure(other), /^DTLS: the handshake failed/);
  relay.bend = (message) => message;
  await press(other, '.failure:not([hidden]) button');
  await Promise.all([connected(one), connected(other)]);
});

test('a fingerprint that somebody between the page and duet has put in place of duet\'s', async () => {
  const server = await serve('--peer', 'none');
  const callee = call(server.url, 'callee', '--size', '320x240');
  await callee.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const between = await passOn(server.url, ['caller', 'callee'], (message) =>
    message.type === 'answer' ? { ...message, sdp: otherFingerprint(message.sdp) } : message);
  const one = await openPage(browser, server.url, { room: 'caller' });
  pages.push(one);
  assert.match(await failure(one), /^DTLS: the handshake failed: the certificate is not the one/);
  const [{ layers }] = await calls(one);
  assert.deepEqual(['signaling', 'ice', 'dtls', 'srtp', 'media'].map((name) => layers[name].state),
    ['ok', 'ok', 'failed', 'wait', 'wait']);
  assert.match(await text(one, '.failure:not([hidden])'), /^DTLS: the handshake failed/);
  // duet, which was told the truth, says what the page's alert was.
  const told = await callee.event('failed', (e) => e.event === 'connection-state' && e.state === 'failed');
  assert.equal(told.layer, 'dtls');
  await callee.stop();
  assert.equal(callee.status, 1);
  between.leave();
  await server.stop();
});

test('an offer that cannot be read: signaling failed', async () => {
  relay.bend = (message) => message.sdp ? { ...message, sdp: 'v=0\r\nthis is none\r\n' } : message;
  const one = await open('sdp');
  await open('sdp');
  assert.match(await failure(one), /^Signaling: their offer was refused/);
});

test('no answer: signaling failed', async () => {
  relay.bend = (message) => message.type === 'answer' ? null : message;
  await open('answer');
  assert.match(await failure(await open('answer')), /^Signaling: no answer to our offer/);
});

test('addresses where nobody answers: ICE failed', { timeout: 90000 }, async () => {
  const nobody = 'candidate:1 1 udp 2130706431 127.0.0.1 40009 typ host';
  relay.bend = (message) => message.candidate?.candidate
    ? { ...message, candidate: { ...message.candidate, candidate: nobody } } : message;
  const one = await open('ice'), other = await open('ice');
  assert.match(await failure(one, 60), /^ICE: (no answer to \d+ checks|none of the \d+ addresses)/);
  assert.match(await failure(other, 60), /^ICE: (no answer to \d+ checks|none of the \d+ addresses)/);
});

test('without a camera the page says so and sends the test source', async () => {
  const one = await open('camera', { source: '' }), other = await open('camera');
  assert.match(await text(one, '#notices'), /test source is sent instead/);
  await Promise.all([connected(one), connected(other)]);
  await seesTestSource(other);
});

test('a camera that is allowed late takes the test picture\'s place in the running call', async () => {
  const one = await openPage({
    async newPage() { // a browser whose question stays open until we answer it
      const page = await browser.newPage();
      await page.evaluateOnNewDocument(() => {
        const allowed = new Promise((resolve) => { window.allow = resolve; });
        navigator.mediaDevices.getUserMedia = async ({ audio }) => {
          await allowed;
          if (audio) throw new DOMException('none', 'NotFoundError');
          const canvas = document.createElement('canvas'); // all black
          canvas.getContext('2d').fillRect(0, 0, 300, 150);
          return canvas.captureStream(10);
        };
      });
      return page;
    },
  }, relay.url, { room: 'late', source: '' });
  pages.push(one);
  const other = await open('late');
  await Promise.all([connected(one), connected(other)]);
  await seesTestSource(other);
  assert.match(await text(one, '#notices'), /still asking you/);
  await one.evaluate(() => window.allow());
  await until('the other sees the camera, and still hears the tone', async () => {
    const { video, audio } = await other.evaluate(() => window.duet.measure());
    return video.colours.flat().every((value) => value < 40) && audio.hz > 430;
  });
  assert.match(await text(one, '#notices'), /microphone was not found/);
});

test('the room is in the address, and can be changed on the page', async () => {
  const one = await open('first');
  const other = await open('elsewhere');
  await one.$eval('#name', (field) => field.select());
  await one.type('#name', 'elsewhere');
  await one.keyboard.press('Enter');
  await Promise.all([connected(one), connected(other)]);
  assert.equal(new URL(one.url()).searchParams.get('room'), 'elsewhere');
  await one.goBack();
  await until('alone in the first room', async () => !(await calls(other)).length);
  assert.equal(await one.$eval('#name', (field) => field.value), 'first');
});

test('a room name that no room can have is refused in words', async () => {
  const one = await open('two words');
  assert.match(await text(one, '#notices'), /A room is named with/);
  assert.equal((await one.evaluate(() => window.duet.signaling.state)), 'closed');
});

test('the keyboard reaches and works everything, in the order it is seen', async () => {
  const one = await open('keyboard');
  const reached = [];
  for (let i = 0; i < 6; i++) {
    await one.keyboard.press('Tab');
    reached.push(await one.evaluate(() => {
      const { id } = document.activeElement;
      const visible = getComputedStyle(document.activeElement).outlineStyle !== 'none';
      return visible ? id : `${id} without a visible focus`;
    }));
  }
  assert.deepEqual(reached, ['name', 'copy', 'mute', 'blind', 'share', 'hang']);
  await one.focus('#mute');
  await one.keyboard.press('Space');
  assert.equal(await text(one, '#mute'), 'Unmute');
});

test('every control and picture has a name', async () => {
  const [one] = await pair('names');
  const tree = await one.accessibility.snapshot({ interestingOnly: true });
  const nameless = [];
  (function walk(node) {
    if (['button', 'textbox', 'Video', 'img'].includes(node.role) && !node.name) nameless.push(node);
    node.children?.forEach(walk);
  })(tree);
  assert.deepEqual(nameless, []);
});

test('a phone 320 pixels wide shows everything without scrolling sideways', async () => {
  await open('phone');
  const one = await open('phone', { size: { width: 320, height: 640 } });
  await connected(one);
  const wide = await one.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > 320.5 && element.checkVisibility())
    .map((element) => element.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, []);
  assert.equal(await one.evaluate(() => document.documentElement.scrollWidth), 320);
});

test('text stands out from what is behind it, in light and in dark', async () => {
  const one = await open('contrast');
  for (const value of ['light', 'dark']) {
    await one.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
    const weak = await one.evaluate(contrasts);
    assert.deepEqual(weak, [], value);
  }
});

// In the page: the pairs of colours whose contrast is below WCAG 2.1's 4.5 to 1.
function contrasts() {
  const style = getComputedStyle(document.documentElement);
  const luminance = (name) => {
    const hex = style.getPropertyValue(name).trim();
    const channels = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
  };
  const pairs = [['--ink', '--page'], ['--ink', '--card'], ['--soft', '--page'], ['--soft', '--card'],
    ['--busy', '--card'], ['--failed', '--card'], ['--failed', '--failed-back'], ['--ok', '--card'],
    ['--accent', '--page'], ['--on-accent', '--accent'],
    ...['--signaling', '--checks', '--handshake', '--media'].map((layer) => [layer, '--card'])];
  return pairs.filter(([a, b]) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return !((light + 0.05) / (dark + 0.05) >= 4.5);
  });
}

test('many messages at once are spread below the server\'s limit', async () => {
  const one = await open('rate');
  const arrived = [];
  relay.bend = () => void arrived.push(Date.now());
  await open('rate'); // somebody to send to
  const [{ id }] = await connectedOrNot(one);
  await one.evaluate((to) => {
    for (let i = 0; i < 120; i++) window.duet.signaling.send({ type: 'candidate', to, candidate: null });
  }, id);
  await until('all have arrived', () => arrived.length >= 120);
  for (const at of arrived) {
    const within = arrived.filter((other) => other >= at && other < at + 900);
    assert.ok(within.length <= 50 * 2, `${within.length} messages in 0.9 s from two pages`);
  }
});

function connectedOrNot(page) {
  return until('a call', async () => {
    const now = await calls(page);
    return now.length ? now : null;
  });
}
