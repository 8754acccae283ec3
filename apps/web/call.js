// A call with one other participant: one RTCPeerConnection, kept in agreement with the other side
// by "perfect negotiation" (W3C WebRTC 10.7): either side may offer at any time, and when both do
// so at once the polite one takes its own offer back.

// Emits 'change' when anything about the call may have changed, 'connected', and 'closed'.
export class Call extends EventTarget {
  id;              // the other's, as signaling knows it
  key = '';        // the other page's own name for itself, which outlives its socket
  software = '';   // what the other side's descriptions say they were made by
  watchable = false; // the other side shows its calls to whoever asks (watching.js)
  since = performance.now();
  steps = { offer: '', answer: '' }; // '', 'sent' or 'received'
  fault = null;    // { layer, why }: what ended it before it began
  note = '';       // something that went wrong and did not end it
  hasMet = false;  // ICE has found a path at least once
  left = false;    // the other's socket is gone; the call itself may go on
  pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  candidates = { sent: 0, received: 0 };
  #polite;
  #send;
  #making = false;
  #ignoring = false;
  #answering = false;

  // send(message) takes it to the other side; media is what we show them.
  constructor({ id, polite, send, media }) {
    super();
    this.id = id;
    this.#polite = polite;
    this.#send = send;
    this.media = media;
    media.addEventListener('replaced', this.#replace);
    media.addEventListener('shared', this.#share);
    this.#watch();
  }

  // We offer: adding tracks makes the browser ask for a negotiation.
  start() {
    this.#addTracks();
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.media.removeEventListener('replaced', this.#replace);
    this.media.removeEventListener('shared', this.#share);
    this.pc.close();
    this.dispatchEvent(new Event('closed'));
  }

  get connected() { return this.pc.connectionState === 'connected'; }

  // What the other side shows us now: the main picture first.
  get tracks() {
    return this.pc.getTransceivers()
      .filter((t) => ['sendrecv', 'recvonly'].includes(t.currentDirection))
      .map((t) => t.receiver.track);
  }

  // An offer, answer or candidate of the other side. One bad candidate ends nothing.
  async receive(message) {
    try {
      if (message.type === 'candidate') await this.#candidate(message.candidate);
      else await this.#description(message);
    } catch (error) {
      if (this.closed) return;
      const why = `their ${message.type} was refused: ${error.message}`;
      if (message.type === 'candidate') this.note = why;
      else this.#fail(why);
    }
    this.#changed();
  }

  async #description({ type, sdp, key, watchable }) {
    const { pc } = this;
    const free = !this.#making && (pc.signalingState === 'stable' || this.#answering);
    this.#ignoring = type === 'offer' && !free && !this.#polite;
    if (this.#ignoring) return;
    this.key = key ?? this.key;
    this.software = softwareOf(sdp);
    this.watchable = watchable === true;
    this.steps[type] = 'received';
    if (type === 'offer' && !pc.getSenders().length) this.#addTracks();
    this.#answering = type === 'answer';
    try {
      await pc.setRemoteDescription({ type, sdp });
    } finally {
      this.#answering = false;
    }
    if (type === 'offer') {
      await pc.setLocalDescription();
      this.#sendDescription();
    }
  }

  async #candidate(candidate) {
    try {
      this.candidates.received += candidate?.candidate ? 1 : 0;
      await this.pc.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }

  #negotiate = async () => {
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.#sendDescription();
    } catch (error) {
      if (!this.closed) this.#fail(`the browser could not make an offer: ${error.message}`);
    } finally {
      this.#making = false;
    }
  };

  #sendDescription() {
    const { type, sdp } = this.pc.localDescription;
    this.steps[type] = 'sent';
    this.#send({ type, sdp });
    this.#changed();
  }

  #watch() {
    const { pc } = this;
    pc.onnegotiationneeded = this.#negotiate;
    pc.onicecandidate = ({ candidate }) => {
      this.candidates.sent += candidate?.candidate ? 1 : 0;
      this.#send({ type: 'candidate', candidate: candidate?.toJSON() ?? null });
    };
    pc.onconnectionstatechange = () => {
      if (this.connected) this.dispatchEvent(new Event('connected'));
      this.#changed();
    };
    pc.oniceconnectionstatechange = () => {
      this.hasMet ||= ['connected', 'completed'].includes(pc.iceConnectionState);
      this.#changed();
    };
    pc.ontrack = pc.onsignalingstatechange = this.#changed;
  }

  #addTracks() {
    const { stream, shared } = this.media;
    for (const track of stream.getTracks()) this.pc.addTrack(track, stream);
    if (shared) this.pc.addTrack(shared.getVideoTracks()[0], shared);
  }

  #sender(track) { return this.pc.getSenders().find((s) => s.track && s.track === track); }

  // Another camera: into the place of the old one, without asking the other side.
  #replace = ({ detail: { old, track } }) => {
    this.#sender(old)?.replaceTrack(track);
  };

  // A second picture comes or goes: the browser then asks for a negotiation, or does so once the one
  // under way is done (W3C WebRTC 4.7.3). Who awaits the first offer takes it along into the answer.
  #share = ({ detail: { old, track, stream } }) => {
    const sender = this.#sender(old);
    if (sender) this.pc.removeTrack(sender);
    if (track && this.pc.getSenders().length) this.pc.addTrack(track, stream);
  };

  // RFC 8829 5.10: a description that is refused leaves all as it was, so what is connected goes on.
  #fail(why) {
    if (this.connected) this.note = why;
    else this.fault ??= { layer: 'signaling', why };
  }

  #changed = () => this.dispatchEvent(new Event('change'));
}

// What wrote a description: a=tool would say it (RFC 8866 6.3); browsers are known by other marks.
function softwareOf(sdp) {
  const tool = sdp.match(/^a=tool:([\w.-]{1,24})/m)?.[1];
  if (tool) return tool;
  if (/^o=mozilla/m.test(sdp)) return 'Firefox';
  return /^a=msid-semantic:/m.test(sdp) ? 'Browser' : 'Program';
}
