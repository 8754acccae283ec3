// A man in the middle of two `duet call`: he sits in the room of each and passes on what they say,
// bent. With `wire` their packets cross his sockets too.

import { call } from '../../browser/lib/duet.js';
import { hostCandidate, udpSocket } from './broken.js';
import { join } from './socket.js';

const LOOPBACK = /candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/i;

// The wire between both: each has a socket that it takes for the other. pass(packet) says what
// crosses.
async function startWire() {
  const wire = { pass: () => true, ends: [{}, {}] };
  for (const [i, end] of wire.ends.entries()) {
    const other = wire.ends[1 - i];
    end.socket = await udpSocket((packet, from) => {
      if (from.port !== end.real || !other.real || !wire.pass(packet)) return;
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

// Two programs that call each other through the middle: { caller, callee, wire, leave() }.
// bend(message, of) returns what is passed on instead, `of` being 'caller' or 'callee'.
export async function middle(url, room, { bend = (message) => message, onWire = false, args = [] } = {}) {
  const wire = onWire ? await startWire() : null;
  const callee = call(url, `${room}-callee`, ...args);
  await callee.event('in the room', (e) => e.event === 'signaling' && e.state === 'open');
  const ears = [await join(url, `${room}-caller`), await join(url, `${room}-callee`)];
  const caller = call(url, `${room}-caller`, ...args);
  const partner = [undefined, ears[1].peers[0]];
  ears.forEach((ear, i) => {
    ear.listen = (message) => {
      if (!message.from) return;
      partner[i] = message.from;
      let bent = bend(message, i ? 'callee' : 'caller');
      if (bent && wire) bent = wire.bend(bent, i);
      if (bent && partner[1 - i]) ears[1 - i].send({ ...bent, from: undefined, to: partner[1 - i] });
    };
  });
  return { caller, callee, wire, leave() { ears.forEach((ear) => ear.leave()); wire?.close(); } };
}
