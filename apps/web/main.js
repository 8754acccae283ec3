// The page: joins the room that the address names, and shows who is there.
//
// /?room=NAME             which room (default: lobby)
// /?source=test           send the test picture and tone without asking for a camera
// /?ladder                show the ladder of whoever shows one, from the call's first message on

import { Media } from './media.js';
import { Signaling } from './signaling.js';
import { Room } from './room.js';
import { Tile, factsOf } from './tile.js';
import { summarise } from './stats.js';
import { isSilent, report } from './report.js';
import { Ladders } from './ladders.js';
import { notice, passing } from './notices.js';
import { play } from './sound.js';
import { openToTests } from './measure.js';

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const media = new Media();
const signaling = new Signaling();
const room = new Room(signaling, media);
const tiles = new Map();    // Call to Tile
const summaries = new Map(); // Call to its last second's numbers
const own = new Tile(['signaling']);
const ladders = new Ladders({ room, signaling, nameOf, box: $('ladders'),
  asked: query.has('ladder') });
let joined = false;

function roomName() {
  const name = new URLSearchParams(location.search).get('room') ?? 'lobby';
  return /^[A-Za-z0-9._-]{1,64}$/.test(name) ? name : '';
}

function join() {
  const name = roomName();
  $('name').value = name;
  $('go').hidden = true;
  document.title = `${name || 'no room'} · duet`;
  if (!name) return notice('room', 'A room is named with 1 to 64 letters, digits, . _ and -');
  notice('room', '');
  joined = true;
  $('alone').querySelector('code').textContent =
    `duet call '${location.origin.replace(/^http/, 'ws')}/ws?room=${name}'`;
  signaling.join(name);
}

function leave() {
  joined = false;
  notice('server', '');
  room.hangUp();
  signaling.leave();
}

// ---- calls

function nameOf(call) { return `${call.software || 'Somebody'} ${call.id.slice(0, 4)}`; }

room.addEventListener('call', ({ detail: call }) => {
  const tile = new Tile();
  tile.onAgain = () => room.callAgain(call);
  tiles.set(call, tile);
  $('tiles').append(tile.element);
  call.addEventListener('change', () => draw(call));
  call.addEventListener('connected', () => passing(`Connected with ${nameOf(call)}`));
  call.addEventListener('closed', () => {
    tiles.delete(call);
    summaries.delete(call);
    tile.element.remove();
    drawRoom();
    passing(`The call with ${nameOf(call)} has ended`);
  });
  draw(call);
  drawRoom();
});
room.addEventListener('say', ({ detail }) => passing(detail));
room.addEventListener('change', drawRoom);

function draw(call) {
  const tile = tiles.get(call);
  if (!tile) return;
  const { layers, failure, live } = report(call, summaries.get(call));
  tile.name(nameOf(call));
  tile.show(call.tracks);
  ladders.offer(tile, call);
  tile.status(layers, failure);
  tile.waiting(failure ? 'No call' : live ? '' : 'Connecting…');
  tile.facts(factsOf(summaries.get(call)));
  tile.element.classList.toggle('live', live);
  play(tile.video);
}

function drawRoom() {
  $('alone').hidden = signaling.state !== 'open' || room.calls.size > 0;
  $('tiles').dataset.count = tiles.size + 1;
}

async function everySecond() {
  await Promise.all([...tiles.keys()].map(async (call) => {
    const stats = await call.pc.getStats().catch(() => null);
    if (stats && tiles.has(call)) {
      summaries.set(call, summarise(stats, summaries.get(call)));
      draw(call);
    }
  }));
  room.sweep((call) => isSilent(call));
  drawServer();
  drawOwn();
  setTimeout(everySecond, 1000);
}

// ---- oneself and the server

function drawOwn() {
  const shared = media.shared?.getTracks() ?? [];
  own.show([...media.stream.getTracks(), ...shared]);
  const on = media.isOn('video');
  own.element.classList.toggle('mirror', !media.isTest.video);
  own.waiting(on ? '' : 'Camera off');
  own.name('You', [!media.isOn('audio') && 'muted', shared.length && 'sharing the screen']
    .filter(Boolean).join(', '));
  const settings = media.stream.getVideoTracks()[0]?.getSettings() ?? {};
  const picture = media.isTest.video ? 'Test picture' : 'Camera';
  const size = settings.width ? `, ${settings.width} × ${settings.height}` : '';
  own.facts([
    ['Picture', `${picture}${size}${on ? '' : ', off'}`],
    ['Sound', `${media.isTest.audio ? 'Test tone, 440 Hz' : 'Microphone'}${
      media.isOn('audio') ? '' : ', muted'}`],
    ['Room', roomName()],
  ]);
  drawButton('mute', media.isOn('audio'), ['mic', 'Mute'], ['mic-off', 'Unmute']);
  drawButton('blind', on, ['camera', 'Camera off'], ['camera-off', 'Camera on']);
  drawButton('share', !shared.length, ['screen', 'Share'], ['screen', 'Unshare']);
  drawButton('hang', joined, ['down', 'Hang up'], ['up', 'Join again']);
  $('share').disabled = !joined;
}

function drawButton(id, normal, [icon, text], [otherIcon, otherText]) {
  $(id).classList.toggle('on', !normal);
  $(id).querySelector('use').setAttribute('href', `#${normal ? icon : otherIcon}`);
  const label = $(id).querySelector('span');
  const wanted = normal ? text : otherText;
  if (label.textContent !== wanted) label.textContent = wanted;
}

function drawServer() {
  const { state, why } = signaling;
  const line = { closed: ['wait', 'not connected'], connecting: ['busy', 'connecting'],
    open: ['ok', 'connected'], waiting: ['failed', 'disconnected'] }[state];
  $('server').dataset.state = line[0];
  if ($('server').textContent !== line[1]) $('server').textContent = line[1];
  own.status({ signaling: { state: line[0], text: line[1] } }, '');
  if (state === 'open') notice('server', '');
  if (state === 'waiting') {
    notice('server', `No signaling: ${why}. ${room.calls.size ? 'Calls go on. ' : ''}Trying again…`);
  }
}

media.addEventListener('change', () => {
  notice('media', [...new Set(media.notes.values())].filter(Boolean)
    .map((note) => `${note}: the test source is sent instead.`).join(' '));
  drawOwn();
});
signaling.addEventListener('change', () => { drawServer(); drawRoom(); });

// ---- what the person does

$('mute').onclick = () => media.set('audio', !media.isOn('audio'));
$('blind').onclick = () => media.set('video', !media.isOn('video'));
$('share').hidden = !navigator.mediaDevices?.getDisplayMedia;
$('share').onclick = () => media.shared ? media.share(null)
  : media.shareScreen().catch((error) => passing(`The screen is not shared (${error.message})`));
$('hang').onclick = () => {
  if (joined) leave();
  else join();
  drawOwn();
  drawRoom();
};
$('name').oninput = () => { $('go').hidden = $('name').value === roomName(); };
$('room').onsubmit = (event) => {
  event.preventDefault();
  const wanted = new URLSearchParams(location.search);
  wanted.set('room', $('name').value);
  history.pushState(null, '', `?${wanted}`);
  move();
};
$('copy').onclick = async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    passing('The address of this room is copied: send it to whom you want to meet.');
  } catch {
    passing(`The address of this room: ${location.href}`);
  }
};
function move() {
  leave();
  join();
}
addEventListener('popstate', move);
addEventListener('pagehide', leave);
addEventListener('pageshow', ({ persisted }) => persisted && join());
addEventListener('online', () => joined && signaling.hurry());

// ---- begin

own.video.muted = true;
$('tiles').append(own.element);
$('name').value = roomName();
drawServer();
drawOwn();

openToTests({ room, media, signaling, tiles, summaries, ladders, nameOf });

// Only once loaded: a video that waits for its first frame keeps a page from being so.
if (document.readyState !== 'complete') {
  await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
}
await media.open({ test: query.get('source') === 'test' });
join();
drawOwn();
everySecond();
