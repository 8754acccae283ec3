// What the lines of a trace (docs/trace.md, docs/signaling.md) say of one call, as the rungs of a
// ladder. No drawing here: ladder.js draws.
//
// A rung is { key, t, layer, phase, kind, ... }; `phase` is what the call is about at that time, and
// goes on from one to the next, while messages of all layers cross:
//   kind 'message'  something crossed: toUs, title, detail, number (it can be opened), fault
//   kind 'moment'   nothing crossed: only `notes`
//   kind 'fold'     what repeats: `parts`, rungs again, and what was counted
// Each may have `notes`, what became of it: { title, detail, tone, rule, more }.

export const PHASES = ['signaling', 'checks', 'handshake', 'media'];
export const PHASE_NAMES = { signaling: 'Signaling', checks: 'Checks', handshake: 'DTLS',
  media: 'Media' };

const AT_ONCE_S = 0.0015; // what is told of one turn of the loop belongs together
const PARTS_MAX = 600;    // of one fold: the oldest are counted only
const RUNGS_MAX = 3000;

export class Story {
  rungs = [];
  begun;          // seconds, of the trace's clock
  peer = '';      // with whom
  over = false;
  late = false;   // we came when it was already going on
  marks = {};     // seconds: checks, path, handshake, secure, media
  dirty = new Set(); // rungs that are not as they were last drawn
  #seen = new Set(); // what each pair has carried already
  #phase = 'signaling';
  #keys = 0;

  constructor(number) { this.number = number; }

  take(line) {
    this.begun ??= line.t;
    this.late ||= Boolean(line.standing);
    const teller = TELLERS[line.type];
    if (teller) teller(this, line);
  }

  // ---- for the tellers

  mark(name, line) { if (!line.standing) this.marks[name] ??= line.t; }

  // Something crossed. `repeats` names what makes two of them the same; '' if it stands for itself.
  message(line, layer, { title, detail = '', repeats = '', payload }) {
    const phase = this.#reach(layer, title === 'Offer');
    const rung = { kind: 'message', t: line.t, layer, phase, toUs: line.type === 'input', title, detail,
      payload, number: line.number, notes: [], fault: line.taken === false ? line.fault : undefined, line };
    if (rung.fault) {
      rung.notes.push({ title: 'Dropped', detail: rung.fault.rule, tone: 'failed', line });
    }
    const again = repeats && !rung.fault && this.#seen.has(repeats);
    if (repeats) this.#seen.add(repeats);
    if (again) this.#fold(rung).checks++;
    else this.#push(rung);
  }

  counted(line) {
    const way = ({ srtp, srtcp, bytes }) => ({ packets: srtp + srtcp, bytes });
    const [toUs, fromUs] = [way(line.in), way(line.out)];
    const since = Math.max(line.since, this.rungs.at(-1)?.t ?? 0);
    const part = { kind: 'moment', t: since, until: line.t, layer: 'media',
      phase: this.#reach('media'), notes: [], counted: { toUs, fromUs } };
    const fold = this.#fold(part);
    fold.layer = 'media';
    for (const [sum, more] of [[fold.toUs, toUs], [fold.fromUs, fromUs]]) {
      sum.packets += more.packets;
      sum.bytes += more.bytes;
    }
    fold.until = line.t;
  }

  // What became of it: a state, a decision. It stands beside what caused it.
  note(line, note, layer = this.#phase) {
    const last = this.rungs.at(-1);
    const phase = this.#reach(layer);
    const together = last && last.kind !== 'fold' && Math.abs(line.t - last.t) < AT_ONCE_S;
    if (together) this.dirty.add(last);
    const rung = together ? last
      : this.#push({ kind: 'moment', t: line.t, layer, phase, notes: [] });
    rung.notes.push({ tone: 'plain', layer, ...note, line });
  }

  // A later phase is reached by its first message; a new offer begins again.
  #reach(layer, again = false) {
    if (again || PHASES.indexOf(layer) > PHASES.indexOf(this.#phase)) this.#phase = layer;
    return this.#phase;
  }

  // ----

  #push(rung) {
    rung.key = ++this.#keys;
    if (this.rungs.length >= RUNGS_MAX) this.rungs.splice(200, 1); // the beginning stays
    this.rungs.push(rung);
    this.dirty.add(rung);
    return rung;
  }

  #fold(part) {
    let fold = this.rungs.at(-1);
    if (fold?.kind !== 'fold') {
      fold = this.#push({ kind: 'fold', t: part.t, layer: part.layer, phase: part.phase, notes: [], parts: [], checks: 0,
        toUs: { packets: 0, bytes: 0 }, fromUs: { packets: 0, bytes: 0 } });
    }
    part.key = ++this.#keys;
    fold.parts.push(part);
    if (fold.parts.length > PARTS_MAX) fold.parts.shift();
    fold.until = Math.max(fold.until ?? 0, part.until ?? part.t);
    this.dirty.add(fold);
    return fold;
  }
}

const TELLERS = {
  input: crossed,
  output: crossed,
  state: (story, line) => (STATES[line.layer] ?? STATES.other)(story, line),
  decision(story, line) {
    const [phase, title] = DECISIONS[line.what] ?? [undefined, `Decided: ${line.what}`];
    if (line.what === 'pair') story.mark('path', line);
    story.note(line, { title, detail: line.chosen.replace('->', '→'), rule: line.rule,
      more: line.over, tone: 'decided' },
      phase);
  },
  media: (story, line) => story.counted(line),
  lost: (story, line) => story.note(line,
    { title: `${number(line.lines)} lines are missing here`, tone: 'failed',
      detail: 'they came too fast, or are no longer kept' }),
};

const DECISIONS = {
  pair: ['checks', 'Pair chosen'],
  role: ['handshake', 'duet is the DTLS'],
  certificate: ['handshake', 'Certificate is'],
  cipher: ['handshake', 'Cipher suite'],
  'srtp-profile': ['handshake', 'SRTP profile'],
  glare: ['signaling', 'Both offered: stands'],
};

const TONES = { connected: 'ok', completed: 'ok', failed: 'failed', disconnected: 'busy',
  checking: 'busy', connecting: 'busy' };

const STATES = {
  call(story, line) {
    if (line.peer) story.peer = line.peer;
    if (line.state === 'new') return story.note(line, { title: 'The call begins' }, 'signaling');
    if (line.state === 'over') story.over = true;
    const titles = { over: 'The call is over', received: 'All that was asked for has come',
      'call-goes-on': 'Signaling is back: the call goes on' };
    story.note(line, { title: titles[line.state] ?? line.state,
      tone: line.state === 'received' ? 'ok' : 'plain' });
  },
  connection(story, line) { // while it is being made, ICE and DTLS say how
    if (line.state !== 'connecting') stated(story, line, 'Connection');
  },
  ice: (story, line) => stated(story, line, 'ICE', 'checks'),
  dtls(story, line) {
    if (line.state === 'connecting') story.mark('handshake', line);
    if (line.state === 'connected') story.mark('secure', line);
    stated(story, line, 'DTLS', 'handshake');
  },
  track(story, { kind, mid, send, recv, ...line }) {
    const way = send && recv ? 'both ways' : send ? 'duet sends' : recv ? 'duet receives' : 'unused';
    story.note(line, { title: `${kind === 'audio' ? 'Audio' : 'Video'} agreed`,
      detail: `${way}, mid ${mid}` });
  },
  description: (story, line) => story.note(line,
    { title: `Refused: ${line.what}`, detail: line.why, tone: 'failed' }, 'signaling'),
  other: (story, line) => story.note(line, { title: `${line.layer}: ${line.state}` }),
};

function stated(story, line, name, phase) {
  const why = [line.reason, line.alert && `alert ${line.alert}`].filter(Boolean).join('; ');
  story.note(line, { title: `${name} ${line.state}`, detail: why, tone: TONES[line.state] ?? 'plain' },
    phase);
}

// ---- what crossed

function crossed(story, line) {
  switch (line.layer) {
    case 'signaling': return signaled(story, line);
    case 'wire': return (WIRE[line.protocol] ?? odd)(story, line);
    case 'mdns': return story.note(line, { title: line.address ? 'Name found' : 'Nobody has the name',
      detail: `${line.name}${line.address ? ` is ${line.address}` : ''}` }, 'checks');
    case 'media': return story.note(line, {
      title: `First ${line.media} frame ${line.type === 'input' ? 'to send' : 'received'}`,
      detail: `${number(line.length)} bytes${line.key && line.media === 'video' ? ', a key frame' : ''}`,
      tone: 'ok' }, 'media');
  }
}

function signaled(story, line) {
  const { message, candidate, length, candidates } = line;
  if (message === 'candidate') {
    return story.message(line, 'signaling',
      candidate ? { title: 'Candidate', detail: candidateInShort(candidate) }
        : { title: 'End of candidates', detail: 'all is gathered' });
  }
  const parts = [length && `${number(length)} bytes`,
    candidates && `${candidates} candidate${candidates > 1 ? 's' : ''}`].filter(Boolean);
  story.message(line, 'signaling', { title: capital(message), detail: parts.join(', ') });
  if (line.type === 'output' && candidates) {
    story.note(line, { title: 'duet has gathered', detail: 'its own addresses: all are in this message' });
  }
}

// "candidate:1 1 udp 2113937151 192.0.2.2 40248 typ host ..." (RFC 8839 5.1)
function candidateInShort(text) {
  const [, , transport, , address, port, , type] = text.split(' ');
  return type ? `${type} ${endpoint(address, port)} ${transport}` : text;
}

function endpoint(address, port) {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const WIRE = {
  stun(story, line) {
    const [title, ...detail] = wordsOf(line);
    story.mark('checks', line);
    const named = { check: 'Binding request', answer: 'Binding success' }[title] ?? capital(title);
    story.message(line, 'checks', { title: named,
      detail: [...detail, `${line.type === 'input' ? 'from' : 'to'} ${line.remote}`].join(', '),
      repeats: `${line.type} ${line.local} ${line.remote} ${title} ${detail}` });
  },
  dtls(story, line) {
    const names = wordsOf(line).map(camel);
    story.mark('handshake', line);
    story.message(line, 'handshake', { title: names.join(', '), detail: `${number(line.length)} bytes` });
  },
  srtp(story, line) {
    const type = line.says.match(/payload type (\d+)/)?.[1];
    if (line.type === 'input') story.mark('media', line);
    story.message(line, 'media', { title: 'First SRTP of its kind', payload: type,
      detail: `payload type ${type}, ${number(line.length)} bytes` });
  },
  srtcp(story, line) {
    const name = line.says.match(/begins with ([^,]+),/)?.[1] ??
      line.says.match(/^SRTCP (\w+) first/)?.[1] ?? '';
    story.message(line, 'media', { title: REPORTS[name] ?? `SRTCP ${name}`,
      detail: `first of its kind, ${number(line.length)} bytes, encrypted` });
  },
};

const REPORTS = { SR: 'Sender report', RR: 'Receiver report', TWCC: 'Transport feedback',
  NACK: 'Packets asked for again (NACK)', PLI: 'Key frame asked for (PLI)',
  FIR: 'Key frame asked for (FIR)', REMB: 'Bit rate estimate (REMB)', BYE: 'RTCP goodbye',
  XR: 'Extended report', SDES: 'Source description' };

function odd(story, line) {
  story.message(line, 'checks', { title: wordsOf(line).join(', '),
    detail: `${number(line.length)} bytes, ${line.remote}` });
}

// "STUN  Binding request, controlling, 92 bytes" without the protocol and the length.
function wordsOf({ says }) {
  return says.replace(/^S?R?[A-Z]+ +/, '').replace(/, \d+ bytes$/, '').split(', ');
}

// client_hello (bytes 0 to 1175 of 1413): ClientHello, as RFC 5246 writes it.
function camel(name) {
  return name.replace(/^[a-z]+(_[a-z]+)+|^certificate|^finished|^handshake/, (word) =>
    word.split('_').map(capital).join(''));
}

export function capital(text) { return text.charAt(0).toUpperCase() + text.slice(1); }

export function number(value) { return value.toLocaleString('en-US'); }

// Seconds as people read them: 3.2 ms, 147 ms, 2.51 s, 1:05 min.
export function duration(seconds) {
  const ms = seconds * 1000;
  if (ms < 0.05) return '0 ms';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}
