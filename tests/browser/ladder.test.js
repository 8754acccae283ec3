// The ladder on the page of `duet serve`: what is drawn, what can be opened, who is shown it, and
// what is never in it.

import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { launch } from './lib/browser.js';
import { serve, stopAll } from './lib/duet.js';
import { assertNoComplaints, calls, connected, openPage, press, seesTestSource } from './lib/page.js';
import { until } from './lib/wait.js';

let browser, server, first; // `first`: a page with its ladder open from the beginning, for several tests
let pages = [], sockets = [];

before(async () => {
  [browser, server] = await Promise.all([launch('chromium'), serve()]);
  first = await open('first', { ladder: true });
  pages = [];
  await connected(first);
});
after(async () => {
  await first?.close();
  await browser?.close();
  const status = await server?.stop();
  await stopAll();
  assert.equal(status, 0, server?.errors);
});
afterEach(async () => {
  sockets.forEach((socket) => socket.terminate());
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
  sockets = [];
});

// A page that keeps all that its socket brings, in window.heard.
async function open(room, { ladder = false, size } = {}) {
  const page = await openPage({
    async newPage() {
      const fresh = await browser.newPage();
      await fresh.evaluateOnNewDocument(() => {
        window.heard = [];
        window.WebSocket = class extends WebSocket {
          constructor(url) {
            super(url);
            this.addEventListener('message', ({ data }) => window.heard.push(data));
          }
        };
      });
      return fresh;
    },
  }, ladder ? `${server.url}?ladder` : server.url, { room, size });
  pages.push(page);
  return page;
}

function heard(page, ...types) {
  return page.evaluate((types) => window.heard.filter((text) =>
    types.includes(JSON.parse(text).type)), types);
}

// What is on the ladder, top to bottom.
function drawn(page) {
  return page.evaluate(() => [...document.querySelectorAll('.rungs b')].map((b) => b.textContent));
}

// Waits until all of these are on the ladder, each behind the one before.
function drawnInOrder(page, ...wanted) {
  return until(`on the ladder: ${wanted}`, async () => {
    const titles = await drawn(page);
    let at = -1;
    return wanted.every((title) => (at = titles.findIndex((is, i) => i > at && is.startsWith(title))) >= 0);
  }, { seconds: 15, seen: () => drawn(page) });
}

// Somebody in the room without a page: { messages, send }, and `peers` of its welcome.
async function visitor(room) {
  const url = new URL('ws', server.url.replace(/^http/, 'ws'));
  url.searchParams.set('room', room);
  const socket = new WebSocket(url, { headers: { origin: new URL(server.url).origin } });
  sockets.push(socket);
  const messages = [];
  socket.on('message', (data) => messages.push(JSON.parse(data)));
  const welcome = await until('a welcome', () => messages.find((m) => m.type === 'welcome'));
  return { socket, messages, peers: welcome.peers, id: welcome.id,
    send: (message) => socket.send(JSON.stringify(message)),
    lines: () => messages.filter((m) => m.type === 'trace').flatMap((m) => m.lines) };
}

test('from the first message on: signaling, checks, the handshake, media and feedback, in order', async () => {
  const page = first;
  await drawnInOrder(page, 'The call begins', 'Offer', 'Answer', 'Binding request', 'ClientHello',
    'Certificate is', 'First VP8 packet', 'Media');
  await drawnInOrder(page, 'Pair chosen', 'DTLS connected', 'SRTP profile', 'First opus packet',
    'Transport feedback');
  await drawnInOrder(page, 'Sender report');
  assert.deepEqual(await page.$$eval('.phases b', (list) => list.map((b) => b.textContent)),
    ['Signaling', 'Checks', 'DTLS', 'Media']);
  await seesTestSource(page);
  assertNoComplaints(page);
});

test('a check opens into its fields, each with its bytes and its section; an offer in parts', async () => {
  const page = first;
  await page.bringToFront();
  await drawnInOrder(page, 'Offer', 'Binding request', 'Binding success');
  const fields = () => page.$$eval('.fields li', (list) => list.map((li) => li.textContent));
  const openOne = async (title) => {
    await page.$$eval('button.arrow', (list, title) =>
      list.find((arrow) => arrow.textContent.startsWith(title)).click(), title);
    await until(`the fields of ${title}`, async () => (await fields()).length > 3 &&
      await page.$eval('.asked', (line) => !line.textContent), { seen: fields });
    return fields();
  };
  const check = (await openOne('Binding request')).join('\n');
  assert.match(check, /magic cookie.*0x2112a442.*0004.*21 12 a4 42.*RFC 8489 5/s);
  assert.match(check, /USERNAME.*RFC 8489 14.3/s);
  assert.match(check, /PRIORITY.*RFC 8445 16.1/s);
  const offer = await openOne('Offer');
  assert.ok(offer.length > 60, `${offer.length} fields`);
  assert.match(offer.join('\n'), /ice-pwd.*\*\*\*\*/s);
  assert.match(await page.$eval('.opened', (aside) => aside.textContent), /session description/);
  await page.keyboard.press('Escape');
  assert.ok(await page.$eval('.opened', (aside) => aside.hidden));
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Offer/);
});

test('no password and no key is in what is told, and nothing that was encrypted', async () => {
  const page = first;
  await drawnInOrder(page, 'Offer', 'Answer', 'Sender report');
  await page.evaluate(() => {
    for (const arrow of document.querySelectorAll('button.arrow')) {
      if (/^(Offer|Answer)/.test(arrow.textContent)) arrow.click();
    }
  });
  const parsed = async (type) => (await heard(page, type)).map((text) => JSON.parse(text));
  const descriptions = (await parsed('trace')).flatMap(({ lines }) => lines)
    .filter(({ message }) => message === 'offer' || message === 'answer');
  // An offer and its answer; on a busy machine there may be a second round.
  assert.ok(descriptions.length >= 2 && descriptions.length % 2 === 0, JSON.stringify(descriptions));
  assert.deepEqual(descriptions.map(({ message }) => message),
    descriptions.map((_, i) => (i % 2 ? 'answer' : 'offer')));
  await until('both are explained', async () => {
    const whole = (await parsed('explained')).filter(({ explain, more }) => explain.fields && !more);
    return descriptions.every((line) => whole.some((answer) => answer.number === line.number));
  });
  const passwords = await page.evaluate(() => [...window.duet.room.calls].flatMap(({ pc }) =>
    [pc.localDescription, pc.remoteDescription].flatMap(({ sdp }) =>
      [...sdp.matchAll(/^a=ice-pwd:(.*)$/gm)].map(([, password]) => password.trim()))));
  assert.ok(passwords.length >= 2);
  const told = (await heard(page, 'trace', 'explained')).join('\n');
  for (const password of passwords) {
    assert.ok(!told.includes(password), 'a password in plain');
    assert.ok(!told.includes(Buffer.from(password).toString('hex')), 'a password in hex');
  }
  assert.ok(!/"sdp":|"inside":|CLIENT_RANDOM|"key(s|log)":/.test(told));
});

test('near and far, with keys and buttons; a fold opens', async () => {
  const page = first;
  await page.bringToFront();
  await drawnInOrder(page, 'Offer', 'Media');
  const scale = () => page.$eval('.scale', (line) => line.textContent);
  await press(page, '.tools button');
  assert.equal(await scale(), 'phases');
  assert.deepEqual((await page.$$eval('.folded b', (list) => list.map((b) => b.textContent))).slice(0, 4),
    ['Signaling', 'Checks', 'DTLS', 'Media']);
  await page.focus('.folded');
  await page.keyboard.press('ArrowRight');
  await drawnInOrder(page, 'Signaling', 'Offer', 'Answer', 'Checks');
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  assert.equal(await scale(), '200 ms a step');
  await page.focus('button.arrow');
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  const top = await focused();
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await focused(), top);
  await page.keyboard.press('Home');
  assert.equal(await focused(), top);
});

test('nobody looks: nothing is told; opened late: how it stands; closed: no more', async () => {
  const page = await open('nobody');
  await connected(page);
  await seesTestSource(page);
  assert.deepEqual(await heard(page, 'trace', 'explained'), []);

  // Opened late: how it stands, and what happens since.
  assert.ok(await page.$eval('.tile:last-child .ladder-button', (button) => button.checkVisibility()));
  await press(page, '.tile:last-child .ladder-button');
  await drawnInOrder(page, 'The call begins', 'ICE', 'DTLS connected', 'Pair chosen');
  await drawnInOrder(page, 'First');
  assert.match(await page.$eval('.ladder-status', (line) => line.textContent), /going on/);
  await press(page, '.ladder .tools button:last-child');
  assert.equal(await page.$('.ladder'), null);
  await until('the last line is here', async () => {
    const before = (await heard(page, 'trace')).length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    return before === (await heard(page, 'trace')).length;
  });
  await page.reload(); // it is remembered that it was closed
  await connected(page);
  assert.deepEqual(await heard(page, 'trace'), []);
});

test('only those in the room are shown anything', async () => {
  const [{ id }] = await calls(first);
  const stranger = await visitor('elsewhere');
  stranger.send({ type: 'watch', to: id, on: true });
  stranger.send({ type: 'explain', to: id, number: 1 });
  await until('it is refused twice', () =>
    stranger.messages.filter((m) => m.code === 'no-such-peer').length === 2);
  assert.deepEqual(stranger.lines(), []);
  const guest = await visitor('first');
  guest.send({ type: 'explain', to: guest.peers[0], number: 1 }); // without watching: no answer
  guest.send({ type: 'watch', to: guest.peers[0], on: true });
  await until('the guest is told', () => guest.lines().some((line) => line.message === 'offer'));
  assert.ok(!guest.messages.some((m) => m.type === 'explained'));
});

test('one who does not read holds up nobody', async () => {
  const page = first;
  const guest = await visitor('first');
  guest.send({ type: 'watch', to: guest.peers[0], on: true });
  await until('the guest is told', () => guest.lines().length > 0);
  guest.socket.pause();
  for (let i = 0; i < 40; i++) guest.send({ type: 'explain', to: guest.peers[0], number: 1 });
  const [{ stats: before }] = await calls(page);
  await until('a second of pictures', async () =>
    (await calls(page))[0].stats.in.some((s, i) => s.frames > before.in[i].frames + 20));
  await seesTestSource(page);
  guest.socket.resume();
  const had = guest.lines().length;
  await until('the guest is told more', () => guest.lines().length > had);
});

test('two watch: both see it, also when one of them is loaded again, which is another call', async () => {
  const page = first;
  const guest = await visitor('first');
  guest.send({ type: 'watch', to: guest.peers[0], on: true });
  const count = (state) => guest.lines().filter((line) => line.state === state).length;
  await until('the guest is told', () => count('new') === 1);
  await page.reload();
  await drawnInOrder(page, 'Offer', 'Binding request', 'ClientHello', 'Media');
  await until('the guest sees the end of one, and the other', () => count('over') === 1 && count('new') === 2);
  // The page is told in a batch of its own, after the guest or before; at first it may have only what
  // is kept of the call that is over.
  const tabsOf = () => page.$$eval('.tabs button', (list) => list.map((b) => b.textContent));
  await until('the page sees both', async () => (await tabsOf()).length === 2);
  const tabs = await tabsOf();
  assert.match(tabs[0], /, over$/);
  assert.equal(tabs[1], 'You');
  await until('its own call is the one shown', async () =>
    await page.$eval('.tabs [aria-pressed=true]', (tab) => tab.textContent) === 'You');
  await drawnInOrder(page, 'Offer', 'Binding request', 'ClientHello', 'Media');
  guest.send({ type: 'watch', to: guest.peers[0], on: true }); // begins anew
  await until('the guest is told again', () => count('new') === 4);
});

test('a phone 320 pixels wide shows it without scrolling sideways', async () => {
  const page = await open('phone', { ladder: true, size: { width: 320, height: 640 } });
  await connected(page);
  await drawnInOrder(page, 'Offer', 'Media');
  await page.$eval('button.arrow', (arrow) => arrow.click());
  await until('fields', () => page.$('.fields li'));
  const wide = await page.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > 320.5 && element.checkVisibility())
    .map((element) => element.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, []);
});
