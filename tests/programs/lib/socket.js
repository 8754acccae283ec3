// A participant made of bytes: HTTP and WebSocket (RFC 6455) as raw as a test wants them.

import { connect as connectTcp } from 'node:net';
import { randomBytes } from 'node:crypto';
import { until } from '../../browser/lib/wait.js';

export const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10;

// A TCP connection to the server at `url`; what it said is in .text and .bytes.
export function dial(url) {
  const { hostname, port } = new URL(url);
  const stream = connectTcp(Number(port), hostname.replace(/[[\]]/g, ''));
  const chunks = [];
  const line = { stream, ended: false };
  Object.defineProperty(line, 'bytes', { get: () => Buffer.concat(chunks) });
  Object.defineProperty(line, 'text', { get: () => line.bytes.toString('latin1') });
  stream.on('data', (data) => chunks.push(data));
  stream.on('error', () => {}); // a reset is an end too
  stream.on('close', () => { line.ended = true; });
  line.said = (what, pattern, options) => until(what, () => line.text.match(pattern),
    { seen: () => ({ text: line.text.slice(-200), ended: line.ended }), ...options });
  line.over = (options) => until('the server ends the connection', () => line.ended,
    { seen: () => line.text.slice(-200), ...options });
  return line;
}

// Sends one request, and resolves with { status, head, body } when the server has closed.
export async function ask(url, request) {
  const line = dial(url);
  line.stream.write(request);
  await line.over();
  const [head, ...rest] = line.text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') };
}

export function upgradeRequest(url, room, fields = '') {
  return `GET /ws?room=${room} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nUpgrade: websocket\r\n` +
    'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${fields}\r\n`;
}

// A masked frame of a client: RFC 6455 5.2.
export function frame(opcode, payload) {
  const data = Buffer.from(payload), mask = randomBytes(4);
  const head = data.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | data.length])
    : data.length < 65536 ? Buffer.from([0x80 | opcode, 0xfe, data.length >> 8, data.length & 255])
      : Buffer.from([0x80 | opcode, 0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((s) => data.length >> s & 255)]);
  return Buffer.concat([head, mask, data.map((byte, i) => byte ^ mask[i & 3])]);
}

// The whole frames in `bytes`, and how far they reach.
function frames(bytes) {
  const list = [];
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) break;
    let length = bytes[at + 1] & 127, from = at + 2;
    if (length === 126) {
      if (bytes.length < at + 4) break;
      length = bytes.readUInt16BE(at + 2);
      from += 2;
    } else if (length === 127) {
      if (bytes.length < at + 10) break;
      length = Number(bytes.readBigUInt64BE(at + 2));
      from += 8;
    }
    if (bytes.length < from + length) break;
    list.push({ opcode: bytes[at] & 15, data: bytes.subarray(from, from + length) });
    at = from + length;
  }
  return { list, at };
}

// A participant in `room`. .messages has what came (.listen, if set, is told each), .id and .peers are of the welcome, .code of the
// server's Close frame. Its stream is `stream` if given (TLS).
export async function join(url, room, { stream, patient = {} } = {}) {
  const { hostname, port } = new URL(url);
  const socket = stream ?? connectTcp(Number(port), hostname.replace(/[[\]]/g, ''));
  const one = { stream: socket, messages: [], pongs: [], ended: false, code: undefined };
  let bytes = Buffer.alloc(0), open = false;
  socket.on('error', () => {});
  socket.on('close', () => { one.ended = true; });
  socket.on('data', (data) => {
    bytes = Buffer.concat([bytes, data]);
    if (!open) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      one.answer = bytes.subarray(0, end).toString('latin1');
      bytes = bytes.subarray(end + 4);
      open = true;
    }
    const { list, at } = frames(bytes);
    bytes = bytes.subarray(at);
    for (const { opcode, data: payload } of list) {
      if (opcode === TEXT) {
        one.messages.push(JSON.parse(payload));
        one.listen?.(one.messages.at(-1));
      }
      if (opcode === PONG) one.pongs.push(payload.toString());
      if (opcode === PING) socket.write(frame(PONG, payload));
      if (opcode === CLOSE) one.code = payload.readUInt16BE(0);
    }
  });
  socket.write(upgradeRequest(url, room));
  one.send = (message) => socket.write(frame(TEXT,
    typeof message === 'string' ? message : JSON.stringify(message)));
  // The first message, from number `from` on, for which `is` holds.
  one.message = (what, is, { from = 0, ...options } = {}) => until(`a message: ${what}`,
    () => one.messages.slice(from).find(is),
    { seen: () => ({ messages: one.messages.slice(-3), ended: one.ended, code: one.code }), ...options });
  one.gone = (options) => until('the socket is closed', () => one.ended,
    { seen: () => one.messages.slice(-3), ...options });
  one.leave = () => { socket.destroy(); };
  const first = await one.message('the first', () => true, patient);
  one.id = first.id;
  one.peers = first.peers;
  return one;
}

// The server still answers: a ping, whose pong proves it.
export async function answers(one) {
  const token = randomBytes(8).toString('hex');
  one.stream.write(frame(PING, token));
  await until('a pong', () => one.pongs.includes(token), { seen: () => ({ ended: one.ended, code: one.code }) });
}
