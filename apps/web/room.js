// Who is in the room, and the call with each of them. The one who joins offers to everyone there.
//
// The server knows us by an id that is new with every socket. Calls outlive sockets: when the way
// to the server breaks and comes back, everyone is called anew, and an old call ends only when the
// new one with the same page is connected, or when nothing comes through it any more. So that both
// sides know it is the same page, descriptions carry `key`, which every page draws for itself
// (others ignore it: signaling.md).

import { Call } from './call.js';

// Emits 'call' with the new call in detail, 'say' with a line for the person, and 'change'.
export class Room extends EventTarget {
  id = '';            // ours
  calls = new Set();  // all that are shown, old ones too
  #signaling;
  #media;
  #key = [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0')).join('');

  constructor(signaling, media) {
    super();
    this.#signaling = signaling;
    this.#media = media;
    signaling.addEventListener('message', ({ detail }) => this.#hear(detail));
  }

  // Ends all calls, telling the others.
  hangUp() {
    for (const call of [...this.calls]) this.#end(call, true);
  }

  callAgain(call) {
    const { id } = call;
    this.#end(call, true);
    this.#call(id).start();
  }

  #hear(message) {
    const { type, from } = message;
    switch (type) {
      case 'welcome': return this.#welcome(message);
      case 'join': return void this.#call(message.id);
      case 'leave': return this.#leave(message.id);
      case 'offer': return void (this.#find(from) ?? this.#call(from)).receive(message);
      case 'answer': case 'candidate': return void this.#find(from)?.receive(message);
      case 'bye': {
        const call = this.#find(from);
        if (call) this.#end(call, false);
        return;
      }
      case 'error': return this.#error(message);
    }
  }

  #welcome({ id, peers }) {
    this.id = id;
    for (const call of this.calls) call.left = true; // known by our old id only
    for (const peer of peers) this.#call(peer).start();
    this.dispatchEvent(new Event('change'));
  }

  #leave(id) {
    const call = this.#find(id);
    if (!call) return;
    call.left = true;
    if (!call.connected) this.#end(call, false);
  }

  #error({ code, message }) {
    if (code !== 'no-such-peer') this.#say(`The server says: ${message} (${code})`);
  }

  #find(id) { return [...this.calls].find((call) => call.id === id && !call.left); }

  #call(id) {
    const call = new Call({
      id, media: this.#media, polite: this.id < id,
      send: (message) => {
        if (call.left) return;
        const own = 'sdp' in message ? { key: this.#key } : {};
        this.#signaling.send({ ...message, ...own, to: id });
      },
    });
    call.addEventListener('connected', () => {
      for (const old of this.calls) {
        const same = old.id === call.id || (old.key && old.key === call.key);
        if (old.left && old !== call && same) this.#end(old, false);
      }
    });
    this.calls.add(call);
    this.dispatchEvent(new CustomEvent('call', { detail: call }));
    return call;
  }

  #end(call, tell) {
    if (tell && !call.left) this.#signaling.send({ type: 'bye', to: call.id });
    this.calls.delete(call);
    call.close();
    this.dispatchEvent(new Event('change'));
  }

  // Once a second: a call whose other end has left the server ends when it has gone silent, or is not
  // connected any more.
  sweep(isSilent) {
    for (const call of [...this.calls]) {
      if (call.left && (!call.connected || isSilent(call))) this.#end(call, false);
    }
  }

  #say(line) { this.dispatchEvent(new CustomEvent('say', { detail: line })); }
}
