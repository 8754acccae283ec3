// A participant that is broken on purpose: it speaks signaling properly, and descriptions and
// packets as a test bends them.

import { createSocket } from 'node:dgram';
import { createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const UFRAG = 'brokenfrag', PWD = 'thePasswordOfABrokenPeer';

// An answer to `offer` that takes all it has, made of the offer's own lines. Each of `changes` is a
// pair of what is replaced, in every line that has it, and by what.
export function answerTo(offer, { candidates = [], end = true, changes = [] } = {}) {
  const lines = offer.split('\r\n').filter((line) => !/^a=(candidate|end-of-cand|ssrc|msid:)/.test(line));
  const address = [...candidates.map((c) => `a=candidate:${c}`), ...end ? ['a=end-of-candidates'] : []];
  // Candidates belong to the section that the others are bundled with: the first.
  const second = lines.findIndex((line, i) => line.startsWith('m=') && i > lines.findIndex((l) => l.startsWith('m=')));
  lines.splice(second < 0 ? lines.length - 1 : second, 0, ...address);
  const text = lines.join('\r\n')
    .replace(/a=ice-ufrag:.*/g, `a=ice-ufrag:${UFRAG}`).replace(/a=ice-pwd:.*/g, `a=ice-pwd:${PWD}`)
    .replace(/a=setup:actpass/g, 'a=setup:passive');
  return changes.reduce((sdp, [from, to]) => sdp.replaceAll(from, to), text);
}

// An offer of such a participant: one of duet's under another name.
export const offerLike = (offer, options) => answerTo(offer, options).replace(/a=setup:passive/g, 'a=setup:actpass');

export const hostCandidate = (port) => `1 1 udp 2130706431 127.0.0.1 ${port} typ host`;

// A UDP socket of the loopback interface; .port.
export async function udpSocket(take = () => {}) {
  const socket = createSocket('udp4');
  socket.on('message', (packet, from) => take(packet, from, socket));
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.port = socket.address().port;
  return socket;
}

export const isStun = (packet) => packet[0] < 4;

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function attribute(message, type, value) { // RFC 8489 14
  const out = Buffer.concat([message, Buffer.alloc(4), value]);
  out.writeUInt16BE(type, message.length);
  out.writeUInt16BE(value.length, message.length + 2);
  out.writeUInt16BE(out.length - 20, 2);
  return out;
}

// The answer of RFC 8445 7.3 to a check that came from `from`, with the integrity of `password`.
function bindingSuccess(request, from, password) {
  const address = from.address.split('.').map(Number), mapped = Buffer.alloc(8);
  mapped[1] = 1;
  mapped.writeUInt16BE(from.port ^ 0x2112, 2);
  address.forEach((byte, i) => { mapped[4 + i] = byte ^ request[4 + i]; });
  const head = Buffer.concat([Buffer.from([1, 1, 0, 0]), request.subarray(4, 20)]);
  const message = attribute(head, 0x0020, mapped);
  // The length that is signed counts the attribute itself: RFC 8489 14.5, 14.7.
  const ahead = (text, more) => { const m = Buffer.from(text); m.writeUInt16BE(text.length - 20 + more, 2); return m; };
  const signed = attribute(message, 0x0008,
    createHmac('sha1', password).update(ahead(message, 24)).digest());
  const check = Buffer.alloc(4);
  check.writeUInt32BE((crc32(ahead(signed, 8)) ^ 0x5354554e) >>> 0);
  return attribute(signed, 0x8028, check);
}

// A socket that answers every check with the integrity of `password`, and says nothing else.
export function stunResponder(password) {
  return udpSocket((packet, from, socket) => {
    if (isStun(packet) && packet.readUInt16BE(0) === 1) {
      socket.send(bindingSuccess(packet, from, password), from.port, from.address);
    }
  });
}

// A participant that answers checks and speaks DTLS by `openssl s_server` with these options, the key
// and certificate in `folder` among them: { port, fingerprint, close() }. Throws where there is no
// openssl.
export async function dtlsServer(folder, ...options) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-subj', '/CN=broken', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const fingerprint = new X509Certificate(readFileSync(cert)).fingerprint256;
  const probe = await udpSocket(); // a port that nobody has
  const { port } = probe;
  await new Promise((resolve) => probe.close(resolve));
  const server = spawn('openssl', ['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, '-key', key,
    '-cert', cert, ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
  await new Promise((resolve) => server.stdout.once('data', resolve)); // "ACCEPT"
  let caller;
  const inside = await udpSocket((packet) => caller && outside.send(packet, caller.port, caller.address));
  const outside = await udpSocket((packet, from, socket) => {
    if (isStun(packet)) {
      if (packet.readUInt16BE(0) === 1) socket.send(bindingSuccess(packet, from, PWD), from.port, from.address);
      return;
    }
    caller = from;
    inside.send(packet, port, '127.0.0.1');
  });
  return { port: outside.port, fingerprint, close() {
    for (const socket of [inside, outside]) socket.close();
    server.kill();
  } };
}

export const randomPassword = () => randomBytes(18).toString('base64url');
