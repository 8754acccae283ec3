// What one sends: camera and microphone where there are any, else the test picture and tone.

import { testPicture, testTone } from './testsource.js';

const PATIENCE_MS = 5000; // so long the question for the camera may stay open before we join anyway

const REASONS = {
  NotAllowedError: 'was not allowed',
  NotFoundError: 'was not found',
  NotReadableError: 'is in use by another program',
  OverconstrainedError: 'cannot do what was asked of it',
};

// Emits 'change' when anything was replaced or switched; before that 'replaced' with {old, track},
// and 'shared' with {old, track, stream} for the second picture: the screen.
export class Media extends EventTarget {
  stream = new MediaStream();
  shared = null;     // the screen's stream while it is shown
  notes = new Map(); // kind to one line for the person: why it is the test source
  isTest = { audio: true, video: true };
  #off = new Set();  // kinds switched off
  #tests = {};       // what is running of the test source, by kind

  // Ready to call: at the latest after PATIENCE_MS; what the camera brings later is put in then.
  async open({ test = false } = {}) {
    if (test) return this.#fallBack(['audio', 'video'], '');
    if (!navigator.mediaDevices) {
      return this.#fallBack(['audio', 'video'],
        'The browser gives cameras only to secure pages (https, or this machine itself)');
    }
    const asked = this.#ask();
    const waited = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'waited'));
    if (await Promise.race([asked, waited]) === 'waited') {
      this.#fallBack(['audio', 'video'], 'The browser is still asking you for the camera');
    }
  }

  // Both at once is one question; if one of them is not to be had, the other may be.
  async #ask() {
    const wishes = [['audio', 'video'], ['video'], ['audio']];
    const had = new Set();
    for (const kinds of wishes) {
      if (kinds.some((kind) => had.has(kind))) continue;
      try {
        const got = await navigator.mediaDevices.getUserMedia({
          audio: kinds.includes('audio'),
          video: kinds.includes('video') && { width: { ideal: 640 }, height: { ideal: 480 } },
        });
        for (const track of got.getTracks()) {
          had.add(track.kind);
          this.#use(track, false, '');
          track.addEventListener('ended', () =>
            this.#fallBack([track.kind], `The ${device(track.kind)} has gone`));
        }
      } catch (error) {
        const reason = REASONS[error.name] ?? `failed (${error.message})`;
        for (const kind of kinds) {
          if (kinds.length === 1) this.#fallBack([kind], `The ${device(kind)} ${reason}`);
        }
        if (kinds.length === 2 && error.name === 'NotAllowedError') {
          return this.#fallBack(kinds, 'Camera and microphone were not allowed');
        }
      }
    }
  }

  #fallBack(kinds, note) {
    for (const kind of kinds) {
      const clock = () => this.#tests.audio?.clock() ?? performance.now() / 1000;
      const test = kind === 'audio' ? testTone() : testPicture(clock);
      this.#use(test.track, true, note);
      this.#tests[kind] = test;
    }
  }

  #use(track, isTest, note) {
    const { kind } = track;
    const old = this.stream.getTracks().find((t) => t.kind === kind);
    if (old) {
      this.stream.removeTrack(old);
      old.stop();
    }
    this.#tests[kind]?.stop();
    delete this.#tests[kind];
    this.stream.addTrack(track);
    track.enabled = !this.#off.has(kind);
    this.isTest[kind] = isTest;
    this.notes.set(kind, note);
    this.dispatchEvent(new CustomEvent('replaced', { detail: { old, track } }));
    this.dispatchEvent(new Event('change'));
  }

  isOn(kind) { return !this.#off.has(kind); }

  // Switched off, sound is silence and the picture black; the call itself stays as it is.
  set(kind, on) {
    if (on) this.#off.delete(kind);
    else this.#off.add(kind);
    for (const track of this.stream.getTracks()) {
      if (track.kind === kind) track.enabled = on;
    }
    this.dispatchEvent(new Event('change'));
  }

  async shareScreen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    this.share(stream);
  }

  // Shows `stream` beside the camera's picture; null: no longer.
  share(stream) {
    const old = this.shared?.getVideoTracks()[0];
    const track = stream?.getVideoTracks()[0];
    this.shared = stream;
    track?.addEventListener('ended', () => this.shared === stream && this.share(null));
    this.dispatchEvent(new CustomEvent('shared', { detail: { old, track, stream } }));
    this.dispatchEvent(new Event('change'));
    old?.stop();
  }
}

function device(kind) { return kind === 'audio' ? 'microphone' : 'camera'; }
