// How long from descriptions exchanged to connected: Chromium with itself, and Chromium with duet,
// by turns in one browser, so that both meet the same machine.
//
//     node setuptime.js [RUNS]
//
// The clock runs in the page that offered, from the moment it sets the answer until its connection
// is connected (ICE and DTLS done), in both cases.

import { launch } from './lib/browser.js';
import { serve } from './lib/duet.js';

const runs = Number(process.argv[2] ?? 20);
const server = await serve();
const chromium = await launch('chromium', {});
const page = await chromium.newPage();
await page.goto(server.url + '?room=elsewhere&source=test');

// In the page: one call each way of counting. Returns milliseconds.
await page.evaluate(() => {
  const media = () => {
    const canvas = document.createElement('canvas');
    const stream = canvas.captureStream(30);
    const audio = new AudioContext().createMediaStreamDestination();
    return [...stream.getTracks(), ...audio.stream.getTracks()];
  };
  const connected = (pc) => new Promise((resolve, reject) => {
    const look = () => {
      if (pc.connectionState === 'connected') resolve();
      if (pc.connectionState === 'failed') reject(new Error('failed'));
    };
    pc.addEventListener('connectionstatechange', look);
    look();
  });

  window.withItself = async () => {
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
    b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
    media().forEach((t) => a.addTrack(t));
    media().forEach((t) => b.addTrack(t));
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    const start = performance.now();
    const done = connected(a);
    await a.setRemoteDescription(b.localDescription);
    await done;
    const took = performance.now() - start;
    a.close();
    b.close();
    return took;
  };

  window.withDuet = (room) => new Promise((resolve, reject) => {
    const url = new URL('/ws', location.href.replace(/^http/, 'ws'));
    url.searchParams.set('room', room);
    const socket = new WebSocket(url), pc = new RTCPeerConnection();
    let peer;
    const send = (message) => socket.send(JSON.stringify({ to: peer, ...message }));
    pc.onicecandidate = (e) => send({ type: 'candidate', candidate: e.candidate });
    media().forEach((t) => pc.addTrack(t));
    socket.onmessage = async ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'welcome') {
        peer = message.peers[0];
        await pc.setLocalDescription();
        send({ type: 'offer', sdp: pc.localDescription.sdp });
      } else if (message.type === 'answer') {
        const start = performance.now();
        connected(pc).then(() => {
          resolve(performance.now() - start);
          socket.close();
          pc.close();
        }, reject);
        await pc.setRemoteDescription({ type: 'answer', sdp: message.sdp });
      } else if (message.type === 'candidate') {
        await pc.addIceCandidate(message.candidate);
      }
    };
  });
});

const times = { itself: [], duet: [] };
for (let i = 0; i < runs; i++) {
  times.itself.push(await page.evaluate(() => window.withItself()));
  times.duet.push(await page.evaluate((room) => window.withDuet(room), `time-${i}`));
}
await chromium.close();
await server.stop();

const median = (list) => [...list].sort((x, y) => x - y)[Math.floor(list.length / 2)];
for (const [who, list] of Object.entries(times)) {
  console.log(`Chromium with ${who.padEnd(6)}  median ${median(list).toFixed(0)} ms, ` +
    `slowest ${Math.max(...list).toFixed(0)} ms of ${list.length}`);
}
