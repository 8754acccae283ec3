// The way to the others until there is a direct one: a WebSocket to the server, which tells who is
// in the room and passes offers, answers and candidates on. One JSON object a message.

const FIRST_RETRY_MS = 500, LAST_RETRY_MS = 15000;
const RATE = 40; // messages a second at most: the server refuses a client's 51st

// Emits 'message' with the object in detail, and 'change' when state or why changed.
export class Signaling extends EventTarget {
  state = 'closed'; // closed, connecting, open, waiting (for the next try)
  why = '';         // what ended the last connection
  #room;
  #socket;
  #tries = 0;
  #timer;
  #queue = [];
  #sentAt = [];

  join(room) {
    this.leave();
    this.#room = room;
    this.#connect();
  }

  leave() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    for (const text of this.#queue.splice(0)) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    }
    socket?.close(1000);
    this.#tries = 0;
    this.#become('closed', '');
  }

  // Don't wait for the next try: the network is back.
  hurry() {
    if (this.state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  // Without a socket what one wants to say is lost; whoever comes back starts anew (room.js).
  send(message) {
    if (this.state !== 'open') return;
    this.#queue.push(JSON.stringify(message));
    this.#flush();
  }

  #flush() {
    const now = performance.now();
    this.#sentAt = this.#sentAt.filter((at) => at > now - 1000);
    while (this.#queue.length && this.#sentAt.length < RATE) {
      this.#socket.send(this.#queue.shift());
      this.#sentAt.push(now);
    }
    if (this.#queue.length) {
      setTimeout(() => this.state === 'open' && this.#flush(), this.#sentAt[0] + 1000 - now);
    }
  }

  #connect() {
    const url = new URL('ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    url.search = new URLSearchParams({ room: this.#room });
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#become('connecting', '');
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#queue = [];
      this.#become('open', '');
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      let detail;
      try {
        detail = JSON.parse(data);
      } catch {
        return; // not a message of ours: nothing to be done with it
      }
      if (detail.type === 'welcome') this.#tries = 0; // a full room opens, too, and closes at once
      this.dispatchEvent(new CustomEvent('message', { detail }));
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#retry(code, reason);
    };
  }

  // RFC 6455 7.2.3: wait before each try, twice as long each time, by chance a little less, so
  // that not all of a server's clients come back in the same instant. Who was welcomed has arrived.
  #retry(code, reason) {
    const longest = Math.min(FIRST_RETRY_MS * 2 ** this.#tries++, LAST_RETRY_MS);
    const wait = longest * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become('waiting', code === 1006 ? 'the server does not answer'
      : `the server closed the connection (${code}${reason && ` ${reason}`})`);
  }

  #become(state, why) {
    this.state = state;
    this.why = why;
    this.dispatchEvent(new Event('change'));
  }
}
