// A man in the middle of two `duet call`: he sits in the room of each and passes on what they say,
// bent. With `wire` their packets cross his sockets too.

import { call } from '../../browser/lib/duet.js';
import { hostCandidate, udpSocket } from './broken.js';
import { join } from './socket.js';

const LOOPBACK = /candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/i;

// The wire between both: each has a socket that it takes for the other. pass(packet, i) says what
// of program i's crosses.
async function startWire() {
  const wire = { pass: () => true, ends: [{}, {}] };
  for (const [i, end] of wire.ends.entries()) {
    const other = wire.ends[1 - i];
    end.socket = await udpSocket((packet, from) => {
      if (from.port !== end.real || !other.real || !wire.pass(packet, i)) return;
      other.socket.send(packet, other.real, '127.0.0.1');
    });
  }
  wire.close = () => wire.ends.forEach((end) => end.socket.close());
  // What program `i` says of its addresses: kept here, and replaced by the socket of ours that the
  // other side is to use.
  wire.bend = (message, i) => {
    const ours = `candidate:${hostCandidate(wire.ends[1 - i].socket.port)}`;
    const named = (message.sdp ?? message.candidate?.candidate ?? '').match(LOOPBACK);
    if (named) wire.ends[i].real = Number(named[1]);
    if (message.sdp) {
      const lines = message.sdp.split('\r\n').filter((line) => !/^a=(candidate|end-of-cand)/.test(line));
      lines.splice(lines.findIndex((line) => line.startsWith('a=mid:')) + 1, 0, `a=${ours}`);
      return { ...message, sdp: lines.join('\r\n') };
    }
    return message.candidate?.candidate ? null : message;
  };
  return wire;
}

// Sits in two rooms of the server at `url`, in each before whoever calls and after whoever is to be
// called, and passes on: bend(message, i) returns what goes to the other room instead of what came
// from room `i`; null: nothing. .leave() when done.
export async function passOn(url, rooms, bend) {
  const ears = [await join(url, rooms[0]), await join(url, rooms[1])];
  const partner = ears.map((ear) => ear.peers[0]);
  ears.forEach((ear, i) => {
    ear.listen = (message) => {
      if (!message.from) return;
      partner[i] = message.from;
      const bent = bend(message, i);
      if (bent && partner[1 - i]) ears[1 - i].send({ ...bent, from: undefined, to: partner[1 - i] });
    };
  });
  return { leave() { ears.forEach((ear) => ear.leave()); } };
}

// Two programs that call each other through the middle: { caller, callee, wire, leave() }.
export async function middle(url, room, { bend = (message) => message, onWire = false, args = [] } = {}) {
  const wire = onWire ? await startWire() : null;
  const rooms = [`${room}-caller`, `${room}-callee`];
  const callee = call(url, rooms[1], ...args);
  await callee.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const between = await passOn(url, rooms, (message, i) => {
    const bent = bend(message);
    return bent && wire ? wire.bend(bent, i) : bent;
  });
  const caller = call(url, rooms[0], ...args);
  return { caller, callee, wire, leave() { between.leave(); wire?.close(); } };
}

// Every fingerprint's first byte another.
export const otherFingerprint = (sdp) => sdp.replace(/(a=fingerprint:sha-256 )(..)/g,
  (whole, before, byte) => before + (byte === '00' ? '11' : '00'));
