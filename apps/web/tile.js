// One participant on the page: picture, name, the layers of the call, and its numbers.

import { LAYERS, NAMES } from './report.js';

export class Tile {
  element = document.getElementById('tile').content.firstElementChild.cloneNode(true);
  video = this.element.querySelector('video');
  #extras = new Map(); // track to its video element: second pictures
  #rows = new Map();   // label to its two cells
  #layers = new Map(); // name to its list item

  constructor(layers = LAYERS) {
    const list = this.element.querySelector('.layers');
    for (const name of layers) {
      const item = make('li', '', make('b', NAMES[name]), make('span'));
      this.#layers.set(name, item);
      list.append(item);
    }
  }

  set onLadder(handler) { this.element.querySelector('.ladder-button').onclick = handler; }

  // Whether there is a ladder to be had, and whether it is open.
  ladder(there, open) {
    const button = this.element.querySelector('.ladder-button');
    button.hidden = !there;
    if (button.getAttribute('aria-pressed') !== String(open)) {
      button.setAttribute('aria-pressed', String(open));
    }
  }

  focusLadder() { this.element.querySelector('.ladder-button').focus(); }

  set onAgain(handler) { this.element.querySelector('.failure button').onclick = handler; }

  name(name, detail = '') {
    const heading = this.element.querySelector('h2');
    if (heading.title === `${name} ${detail}`) return;
    heading.title = `${name} ${detail}`;
    heading.replaceChildren(name, make('span', detail));
    this.element.setAttribute('aria-label', name);
    this.video.setAttribute('aria-label', `Picture of ${name}`);
  }

  waiting(text) { say(this.element.querySelector('.waiting'), text); }

  // The first picture and all sound go into the big video, further pictures beside it.
  show(tracks) {
    const pictures = tracks.filter((track) => track.kind === 'video');
    const main = tracks.filter((track) => track.kind === 'audio' || track === pictures[0]);
    this.#stream(this.video, main);
    const further = pictures.slice(1);
    for (const [track, video] of this.#extras) {
      if (further.includes(track)) continue;
      video.remove();
      this.#extras.delete(track);
    }
    for (const track of further) {
      if (this.#extras.has(track)) continue;
      const video = make('video');
      video.autoplay = video.playsInline = video.muted = true;
      video.setAttribute('aria-label', 'Second picture');
      this.#stream(video, [track]);
      this.#extras.set(track, video);
      this.element.querySelector('.extras').append(video);
    }
  }

  get videos() { return [this.video, ...this.#extras.values()]; }

  #stream(video, tracks) {
    const stream = video.srcObject ?? new MediaStream();
    const had = stream.getTracks();
    had.filter((track) => !tracks.includes(track)).forEach((track) => stream.removeTrack(track));
    tracks.filter((track) => !had.includes(track)).forEach((track) => stream.addTrack(track));
    if (!video.srcObject && tracks.length) video.srcObject = stream;
  }

  // layers as report.js tells them; failure is '' or one line.
  status(layers, failure) {
    for (const [name, item] of this.#layers) {
      const { state, text } = layers[name];
      if (item.dataset.state !== state) item.dataset.state = state;
      say(item.lastChild, text || '…');
    }
    const box = this.element.querySelector('.failure');
    box.hidden = !failure;
    say(box.firstChild, failure);
  }

  // Rows of [label, received, sent]; one without the last spans both columns.
  facts(rows) {
    for (const [label, row] of this.#rows) {
      if (!rows.some((wanted) => wanted[0] === label)) {
        row.remove();
        this.#rows.delete(label);
      }
    }
    for (const [label, ...cells] of rows) {
      let row = this.#rows.get(label);
      if (!row) {
        const heading = make('th', label);
        heading.scope = 'row';
        row = make('tr', '', heading, ...cells.map(() => make('td')));
        if (cells.length === 1) row.lastChild.colSpan = 2;
        this.#rows.set(label, row);
      }
      cells.forEach((text, i) => say(row.children[i + 1], text));
      this.element.querySelector('tbody').append(row);
    }
    this.element.querySelector('table').hidden = !rows.length;
    this.element.querySelector('thead').hidden = rows.every((row) => row.length < 3);
  }
}

// What a call's numbers look like as rows. Two pictures make two groups of rows.
export function factsOf(stats) {
  if (!stats) return [];
  const rows = [];
  const both = (kind) => [stats.in, stats.out].map((list) => list.filter((s) => s.kind === kind));
  const [seen, shown] = both('video');
  for (let i = 0; i < Math.max(seen.length, shown.length); i++) {
    const nth = i ? ` ${i + 1}` : '';
    const pair = [seen[i], shown[i]];
    rows.push([`Picture${nth}`, ...pair.map((s) => s?.codec ?? '–')]);
    rows.push([`Size${nth}`, ...pair.map((s) => s?.width ? `${s.width} × ${s.height}` : '–')]);
    rows.push([`Frame rate${nth}`, ...pair.map((s) => s?.fps ? `${s.fps.toFixed(0)} /s` : '–')]);
    rows.push([`Bit rate${nth}`, ...pair.map((s) => bits(s?.kbps))]);
  }
  const [heard, told] = both('audio').map((list) => list[0]);
  rows.push(['Sound', ...[heard, told].map((s) => s?.codec ?? '–')]);
  rows.push(['Bit rate, sound', ...[heard, told].map((s) => bits(s?.kbps))]);
  if (stats.rttMs !== undefined) rows.push(['Round trip', `${stats.rttMs.toFixed(1)} ms`]);
  if (stats.pair?.local && stats.pair.remote) {
    const { local, remote } = stats.pair;
    rows.push(['Path', `${end(local)} to ${end(remote)}, ${local.protocol}`]);
  }
  if (stats.dtls.cipher) rows.push(['DTLS', stats.dtls.cipher]);
  if (stats.srtp) rows.push(['SRTP', stats.srtp]);
  return rows;
}

function end({ type, address, port }) {
  const host = address.includes(':') ? `[${address}]` : address;
  return host ? `${host}:${port} (${type})` : type;
}

function bits(kbps) {
  if (kbps === undefined) return '–';
  return kbps < 1000 ? `${kbps.toFixed(0)} kbit/s` : `${(kbps / 1000).toFixed(2)} Mbit/s`;
}

function make(name, text = '', ...children) {
  const element = document.createElement(name);
  element.append(text, ...children);
  return element;
}

// Screen readers hear about what changes: touch nothing that stays the same.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
