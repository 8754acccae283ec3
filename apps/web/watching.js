// Asks those who show their calls (duet's own peer in the room: docs/signaling.md) what happens, and
// hands what they say to a ladder for each.

const ANSWER_MS = 4000;

// Emits 'shown' with a participant's id in detail when one begins to show what was asked for before
// the call, and 'silent' when one does not answer.
export class Watching extends EventTarget {
  #signaling;
  #takers = new Map(); // id to { lines(list), explained(number, part, more) }
  #waiting = new Map(); // id to timer
  wanted;              // whoever shows something is asked at once

  constructor(signaling, wanted) {
    super();
    this.#signaling = signaling;
    this.wanted = wanted;
    signaling.addEventListener('message', ({ detail }) => this.#hear(detail));
  }

  begin(id, taker) {
    const had = this.#takers.has(id);
    this.#takers.set(id, taker);
    if (!had) this.#ask(id);
  }

  end(id) {
    if (!this.#takers.delete(id)) return;
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#signaling.send({ type: 'watch', to: id, on: false });
  }

  explain(id, number) { this.#signaling.send({ type: 'explain', to: id, number }); }

  #ask(id) {
    this.#signaling.send({ type: 'watch', to: id, on: true });
    clearTimeout(this.#waiting.get(id));
    if (!this.#takers.has(id)) return;
    this.#waiting.set(id, setTimeout(() =>
      this.dispatchEvent(new CustomEvent('silent', { detail: id })), ANSWER_MS));
  }

  #hear(message) {
    const { type, from } = message;
    switch (type) {
      // Before our offers: so a ladder begins with them. Whoever shows nothing ignores it.
      case 'welcome':
        for (const id of message.peers) if (this.wanted || this.#takers.has(id)) this.#ask(id);
        return;
      case 'trace':
        if (!Array.isArray(message.lines)) return;
        if (!this.#takers.has(from) && this.wanted) {
          this.dispatchEvent(new CustomEvent('shown', { detail: from }));
        }
        clearTimeout(this.#waiting.get(from));
        return this.#takers.get(from)?.lines(message.lines);
      case 'explained':
        return this.#takers.get(from)?.explained(message.number, message.explain ?? {},
          message.more === true);
    }
  }
}
