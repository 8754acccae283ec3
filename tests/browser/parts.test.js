// Parts of the page alone, without a browser: what they would do with one is noted by stand-ins.

import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// A browser takes the page's files for modules because index.html says so, node by a package.json.
const folder = mkdtempSync(join(tmpdir(), 'duet-parts-'));
cpSync(new URL('../../apps/web', import.meta.url), folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
const part = (name) => import(pathToFileURL(join(folder, name)));
after(() => rmSync(folder, { recursive: true }));

globalThis.CustomEvent ??= class extends Event { // node has it since 19
  constructor(type, { detail }) { super(type); this.detail = detail; }
};

class Socket { // WebSocket
  static OPEN = 1;
  static all = [];
  readyState = Socket.OPEN;
  constructor() { Socket.all.push(this); }
  send() {}
  close() {}
  hear(message) { this.onmessage({ data: JSON.stringify(message) }); }
}
globalThis.WebSocket = Socket;
globalThis.location = new URL('http://127.0.0.1/');

test('a server that lets in and closes at once is come back to ever more slowly', async (context) => {
  const { Signaling } = await part('signaling.js');
  const waits = [];
  context.mock.method(globalThis, 'setTimeout', (run, wait) => { waits.push(wait); run(); });
  context.mock.method(Math, 'random', () => 1);
  const signaling = new Signaling();
  signaling.join('full');
  for (let i = 0; i < 4; i++) {
    const socket = Socket.all.at(-1);
    socket.onopen();
    socket.hear({ type: 'error', code: 'room-full', message: 'this room holds no more participants' });
    socket.onclose({ code: 1013, reason: '' });
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  // Who was let in begins anew.
  const socket = Socket.all.at(-1);
  socket.onopen();
  socket.hear({ type: 'welcome', id: 'b', peers: [] });
  socket.onclose({ code: 1006, reason: '' });
  assert.equal(waits.at(-1), 500);
});

// As much of RTCPeerConnection as a call needs until the other side has answered.
class Connection {
  static all = [];
  signalingState = 'stable';
  localDescription = null;
  remoteDescription = null;
  senders = [];
  constructor() { Connection.all.push(this); }
  getSenders() { return this.senders; }
  getTransceivers() { return []; }
  addTrack(track) { this.senders.push({ track }); }
  removeTrack(sender) { sender.track = null; }
  close() {}
}
globalThis.RTCPeerConnection = Connection;

function source(...kinds) {
  const tracks = kinds.map((kind) => ({ kind }));
  return { getTracks: () => tracks, getVideoTracks: () => tracks.filter((t) => t.kind === 'video') };
}

test('a screen that is shared while an offer awaits its answer is shown in that call, too', async () => {
  const { Call } = await part('call.js');
  const media = Object.assign(new EventTarget(), { stream: source('audio', 'video'), shared: null });
  const offering = new Call({ id: 'a', polite: true, send() {}, media });
  const awaiting = new Call({ id: 'b', polite: true, send() {}, media });
  offering.start();
  const stream = media.shared = source('video');
  const [track] = stream.getVideoTracks();
  media.dispatchEvent(new CustomEvent('shared', { detail: { track, stream } }));
  assert.ok(offering.pc.senders.some((sender) => sender.track === track));
  // Who awaits an offer adds nothing yet: all tracks go into the answer, once.
  assert.equal(awaiting.pc.senders.length, 0);
});

// As much of an element as a ladder is made of.
class Box extends EventTarget {
  children = [];
  dataset = {};
  classList = { add() {}, remove() {}, toggle() {} };
  style = { setProperty() {} };
  setAttribute(name, value) { this[name] = value; }
  append(...children) {
    this.children.push(...children);
    for (const child of children) if (child instanceof Box) child.parent = this;
  }
  replaceChildren(...children) { this.children = children; }
  remove() { this.parent?.children.splice(this.parent.children.indexOf(this), 1); }
  insertBefore() {}
  querySelector() { return new Box(); }
  scrollIntoView() {}
}
globalThis.requestAnimationFrame = (draw) => draw();
globalThis.document = { createElement: () => new Box() };

// The ladders of a page whose own id is 'me', asked for by its address.
async function ladders() {
  const { Ladders } = await part('ladders.js');
  const signaling = Object.assign(new EventTarget(), { state: 'open', send() {} });
  const room = Object.assign(new EventTarget(), { id: 'me', calls: new Set() });
  const box = new Box();
  const all = new Ladders({ room, signaling, box, nameOf: ({ id }) => id, asked: true });
  const hear = (detail) => signaling.dispatchEvent(new CustomEvent('message', { detail }));
  return { all, room, box, hear };
}

test('the ladder of who is no longer there when signaling is back is closed', async () => {
  const { box, hear } = await ladders();
  const shows = (from) => hear({ type: 'trace', from, lines: [] });
  hear({ type: 'welcome', id: 'me', peers: ['stays', 'goes'] });
  shows('stays');
  shows('goes');
  assert.equal(box.children.length, 2);
  hear({ type: 'welcome', id: 'me again', peers: ['stays', 'new'] });
  assert.equal(box.children.length, 1);
  shows('new'); // perhaps the same program, that has come back with another id
  assert.equal(box.children.length, 2);
});

test('a call that is over leaves nothing behind: neither its tile nor its connection', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const { all, room } = await ladders();
  const tile = () => ({ ladder() {}, focusLadder() {} });
  const gone = (() => {
    const call = { id: 'guest', watchable: false };
    room.calls.add(call);
    all.offer(tile(), call);
    return new WeakRef(call);
  })();
  await new Promise((resolve) => setImmediate(resolve)); // until then a WeakRef holds it
  room.calls.clear();
  room.dispatchEvent(new Event('change'));
  collect();
  assert.equal(gone.deref(), undefined);
  assert.ok(all);
});

test('a call with one who only watches outlives the socket, and ends once it is not connected', async () => {
  const { Room } = await part('room.js');
  const { isSilent } = await part('report.js');
  const media = Object.assign(new EventTarget(), { stream: source('audio', 'video'), shared: null });
  const signaling = Object.assign(new EventTarget(), { send() {} });
  const room = new Room(signaling, media);
  const hear = (detail) => signaling.dispatchEvent(new CustomEvent('message', { detail }));
  hear({ type: 'welcome', id: 'me', peers: ['watcher', 'shows'] });
  const [watcher, shows] = room.calls;
  for (const { pc } of room.calls) pc.connectionState = 'connected';
  shows.pc.getTransceivers = () => [{ currentDirection: 'sendrecv', receiver: { track: {} } }];
  shows.lastPacketAt = 55_000; // ms
  for (const id of ['watcher', 'shows']) hear({ type: 'leave', id });
  room.sweep((call) => isSilent(call, 60_000));
  assert.deepEqual([...room.calls], [watcher]);
  watcher.pc.connectionState = 'disconnected';
  room.sweep((call) => isSilent(call, 60_000));
  assert.equal(room.calls.size, 0);
});

test('a new offer that is refused ends no call that goes on', async () => {
  const { Call } = await part('call.js');
  const media = Object.assign(new EventTarget(), { stream: source('audio', 'video'), shared: null });
  for (const connectionState of ['connected', 'new']) {
    const call = new Call({ id: 'a', polite: true, send() {}, media });
    call.pc.connectionState = connectionState;
    call.pc.setRemoteDescription = () => Promise.reject(new Error('no such codec'));
    await call.receive({ type: 'offer', sdp: 'v=0\r\n' });
    const why = 'their offer was refused: no such codec';
    assert.equal(call.fault?.why ?? call.note, why);
    assert.equal(call.fault === null, connectionState === 'connected');
  }
});

test('a call that is over stays shown while the person looks at it, whatever happens in others', async () => {
  const { Ladder } = await part('ladder.js');
  const ladder = new Ladder();
  const tabs = ladder.element.children[0].children[1];
  const shown = () => tabs.children.findIndex((tab) => tab['aria-pressed'] === 'true') + 1;
  const state = (call, name, t) => ({ type: 'state', layer: 'call', call, state: name, t });
  ladder.lines([state(1, 'new', 0), state(1, 'over', 1), state(2, 'new', 2)]);
  assert.equal(shown(), 2); // by itself: the newest
  tabs.children[0].onclick();
  assert.equal(shown(), 1);
  ladder.lines([state(2, 'received', 3)]);
  assert.equal(shown(), 1);
  tabs.children[1].onclick();
  ladder.lines([state(2, 'over', 4), state(3, 'new', 5)]);
  assert.equal(shown(), 3); // what one follows is over: the next
});

test('what is told anew after a reconnect is what the buttons of a ladder show', async () => {
  const { Ladder } = await part('ladder.js');
  const ladder = new Ladder();
  const tabs = ladder.element.children[0].children[1];
  const state = (call, name, t) => ({ type: 'state', layer: 'call', call, state: name, t });
  const remembered = [{ type: 'trace' }, state(1, 'new', 0), state(2, 'new', 1)];
  ladder.lines(remembered);
  ladder.lines(remembered);
  tabs.children[0].onclick();
  assert.equal(tabs.children[0]['aria-pressed'], 'true');
  ladder.lines([state(1, 'over', 2)]); // of the call that is looked at: the other takes its place
  assert.equal(tabs.children[1]['aria-pressed'], 'true');
});
