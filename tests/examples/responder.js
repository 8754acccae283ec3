// A STUN server of a few lines on the loopback interface. RFC 8489 5, 14; written by hand, so that
// it shares no mistake with stun/.

import { createSocket } from 'node:dgram';

const COOKIE = Buffer.from('2112a442', 'hex');

export const SUCCESS = 0x0101; // Binding success response
export const ERROR = 0x0111; // Binding error response

const u16 = (value) => Buffer.from([value >> 8, value & 0xff]);

export function attribute(type, value) {
  return Buffer.concat([u16(type), u16(value.length), value, Buffer.alloc(-value.length & 3)]);
}

// XOR-MAPPED-ADDRESS of an IPv4 address (14.2).
export function address(ip, port) {
  const bytes = ip.split('.').map((part, i) => Number(part) ^ COOKIE[i]);
  return attribute(0x0020, Buffer.from([0, 1, ...u16(port ^ 0x2112), ...bytes]));
}

export function message(type, id, attributes) {
  const body = Buffer.concat(attributes);
  return Buffer.concat([u16(type), u16(body.length), COOKIE, id, body]);
}

// Listens, and sends what `answer({ type, id, attributes }, from)` returns, a list of datagrams.
// { port, asker(): whoever asked last, close() }
export async function responder(answer) {
  const socket = createSocket('udp4');
  let asker;
  socket.on('message', (datagram, from) => {
    asker = from;
    const request = { type: datagram.readUInt16BE(0), id: datagram.subarray(8, 20),
      attributes: datagram.subarray(20) };
    for (const reply of answer(request, from)) socket.send(reply, from.port, from.address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, asker: () => asker, close: () => socket.close() };
}
