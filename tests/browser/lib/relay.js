// A signaling server for tests of the page alone: it serves apps/web and relays messages as
// duet does, and can bend what it relays, to see what the page makes of it. Not a second server:
// it checks nothing.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';

const WEB = new URL('../../../apps/web/', import.meta.url);
const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
export const POLICY = "default-src 'self'; connect-src 'self' ws: wss:; " +
  "media-src 'self' blob:; img-src 'self' data:";

// bend(message) returns what is passed on in its place; null: nothing.
export async function startRelay({ bend = (message) => message } = {}) {
  const http = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://relay').pathname.slice(1) || 'index.html';
    try {
      const body = await readFile(new URL(path, WEB));
      response.writeHead(200, { 'content-type': TYPES[path.split('.').pop()],
        'content-security-policy': POLICY });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const sockets = new Map(); // id to { socket, room }
  const server = new WebSocketServer({ noServer: true });
  const relay = { bend, refusing: false, messages: [] };

  http.on('upgrade', (request, stream, head) => {
    if (relay.refusing) return stream.destroy();
    const room = new URL(request.url, 'http://relay').searchParams.get('room');
    server.handleUpgrade(request, stream, head, (socket) => welcome(socket, room));
  });

  function welcome(socket, room) {
    const id = randomBytes(16).toString('hex');
    const others = [...sockets].filter(([, other]) => other.room === room);
    const tell = (other, message) => other.socket.send(JSON.stringify(message));
    tell({ socket }, { type: 'welcome', id, peers: others.map(([peer]) => peer) });
    others.forEach(([, other]) => tell(other, { type: 'join', id }));
    sockets.set(id, { socket, room });
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      relay.messages.push(message);
      const to = sockets.get(message.to);
      if (!to) return tell({ socket }, { type: 'error', code: 'no-such-peer', message: 'gone' });
      const bent = relay.bend(message);
      if (bent) tell(to, { ...bent, from: id });
    });
    socket.on('close', () => {
      sockets.delete(id);
      for (const other of sockets.values()) {
        if (other.room === room) tell(other, { type: 'leave', id });
      }
    });
  }

  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  relay.url = `http://127.0.0.1:${http.address().port}/`;
  // As if the network broke: every socket ends without a close frame; none comes up until told.
  relay.cut = () => {
    relay.refusing = true;
    for (const { socket } of sockets.values()) socket.terminate();
  };
  relay.mend = () => { relay.refusing = false; };
  relay.stop = () => {
    relay.cut();
    http.close();
    http.closeAllConnections?.();
  };
  return relay;
}
