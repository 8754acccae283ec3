// The ladders that are open on the page, and the buttons that open them. Whether one was open last
// time is remembered: then it is asked for before the call, and shows it from its beginning.

import { Ladder } from './ladder.js';
import { Watching } from './watching.js';

const MEMORY = 'duet-ladder';

export class Ladders {
  #open = new Map(); // participant's id to its Ladder
  #ids = new Set();  // ours, so far
  #room;
  #nameOf;
  #box;
  #watching;
  #tiles = new Map(); // participant's id to its tile, while there is a call

  // `asked`: by the page's address.
  constructor({ room, signaling, nameOf, box, asked }) {
    this.#room = room;
    this.#nameOf = nameOf;
    this.#box = box;
    this.#watching = new Watching(signaling, asked || remembered());
    this.#watching.addEventListener('shown', ({ detail: id }) => this.#begin(id));
    this.#watching.addEventListener('silent', ({ detail: id }) => this.#open.get(id)?.silent());
    room.addEventListener('change', () => {
      this.#ids.add(room.id);
      // A tile holds its call, and the call a connection, of which a page may not have any number.
      for (const id of this.#tiles.keys()) if (!this.#call(id)) this.#tiles.delete(id);
    });
    signaling.addEventListener('message', ({ detail: { type, id, peers } }) => {
      if (type === 'leave') this.#end(id);
      if (type === 'welcome') this.#endAllBut(peers);
    });
    signaling.addEventListener('change', () => {
      if (signaling.state === 'closed') for (const id of [...this.#open.keys()]) this.#end(id);
    });
  }

  get open() { return this.#open; }

  // The button on the tile of a participant that shows its calls.
  offer(tile, call) {
    this.#tiles.set(call.id, tile);
    tile.onLadder = () => {
      if (this.#open.has(call.id)) return this.#close(call.id);
      this.#watching.wanted = true;
      remember(true);
      this.#begin(call.id);
      this.#open.get(call.id).element.scrollIntoView({ block: 'start', behavior: 'smooth' });
    };
    tile.ladder(call.watchable, this.#open.has(call.id));
  }

  #begin(id) {
    if (this.#open.has(id)) return;
    const ladder = new Ladder();
    ladder.whose = () => this.#name(id);
    ladder.ask = (number) => this.#watching.explain(id, number);
    ladder.nameOf = (other) => this.#name(other);
    ladder.payloadName = (other, type) => this.#ids.has(other) ? this.#payloadName(id, type) : '';
    ladder.onClose = () => this.#close(id);
    this.#open.set(id, ladder);
    this.#box.append(ladder.element);
    this.#watching.begin(id, ladder);
    this.#tiles.get(id)?.ladder(true, true);
  }

  // The person closes it: the next call begins without.
  #close(id) {
    this.#watching.wanted = false;
    remember(false);
    this.#end(id);
    this.#tiles.get(id)?.focusLadder();
  }

  #end(id) {
    const ladder = this.#open.get(id);
    if (!ladder) return;
    this.#open.delete(id);
    this.#watching.end(id);
    ladder.element.remove();
    this.#tiles.get(id)?.ladder(true, false);
  }

  // Signaling is back: who left meanwhile, or was given another id, is not told of.
  #endAllBut(peers) {
    for (const id of [...this.#open.keys()]) if (!peers.includes(id)) this.#end(id);
  }

  #call(id) { return [...this.#room.calls].find((call) => call.id === id); }

  #name(id) {
    if (this.#ids.has(id)) return 'You';
    const call = this.#call(id);
    return call ? this.#nameOf(call) : `Somebody ${id.slice(0, 4)}`;
  }

  // a=rtpmap of what was agreed with that participant.
  #payloadName(id, type) {
    const sdp = this.#call(id)?.pc.remoteDescription?.sdp ?? '';
    return sdp.match(new RegExp(`^a=rtpmap:${type} ([\\w-]+)/`, 'm'))?.[1] ?? '';
  }
}

// A browser that keeps nothing for pages remembers nothing.
function remembered() {
  try { return localStorage.getItem(MEMORY) === 'open'; } catch { return false; }
}

function remember(open) {
  try {
    if (open) localStorage.setItem(MEMORY, 'open');
    else localStorage.removeItem(MEMORY);
  } catch { /* not this time */ }
}
