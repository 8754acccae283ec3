#!/usr/bin/env node
// Makes call.pcapng anew: the call of "A call, byte by byte" (../a-call-byte-by-byte.md). The text
// shows packets by their number, so another capture wants another text: tests/programs/tour.test.js
// says what no longer agrees.
//
//     sudo docs/tour/make.js [OUTPUT.pcapng]        (after ./scripts/test, which installs puppeteer)
//
// Two network namespaces with a cable between them and addresses of RFC 5737: `duet serve` and `duet
// call` live in one, headless Chromium in the other. dumpcap listens at duet's end of the cable, so
// the file holds what passed between duet and the browser and nothing else. Of it are left out the
// loading of the page (and whatever else comes neither by UDP nor in the WebSocket's connection) and
// the middle of the media: SRTP and SRTCP, but no STUN. Needs root, iproute2, dumpcap, tshark,
// editcap and Chromium.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = process.argv[2] ?? fileURLToPath(new URL('call.pcapng', import.meta.url));
const DUET = process.env.DUET ?? `${ROOT}build/release/apps/duet`;
const puppeteer = createRequire(`${ROOT}tests/browser/`)('puppeteer-core');
const { findBrowser } = await import(`${ROOT}tests/browser/lib/browser.js`);

const SERVER = '192.0.2.1', BROWSER = '192.0.2.2', PORT = 8080; // RFC 5737
const PAGE = `http://${SERVER}:${PORT}/?room=tour&source=test`;
const TALK_MS = 6500; // until the browser hangs up: long enough for consent checks of both sides
const MEDIA_FIRST_S = 1.6, MEDIA_LAST_S = 0.3; // of it in the file: the rest of the media is left out

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
const within = (space, ...command) => ['ip', 'netns', 'exec', space, ...command];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const spaces = { duet: `tour-${process.pid}-duet`, browser: `tour-${process.pid}-browser` };
const folder = mkdtempSync(join(tmpdir(), 'duet-tour-'));
const file = (name) => join(folder, name);
const children = [];

function start(space, ...command) {
  const [program, ...words] = within(space, ...command);
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.said = '';
  child.stdout.on('data', (data) => { child.said += data; });
  child.over = new Promise((resolve) => child.on('close', resolve));
  children.push(child);
  return child;
}

async function stop(child) {
  if (child.exitCode === null) child.kill('SIGINT');
  await child.over;
}

async function until(what, holds, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(20);
  }
}

function network() {
  for (const space of Object.values(spaces)) {
    ip('netns', 'add', space);
    execFileSync('ip', within(space, 'sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1',
      'net.ipv6.conf.default.disable_ipv6=1').slice(1));
    ip('-n', space, 'link', 'set', 'lo', 'up');
  }
  ip('link', 'add', 'cable', 'netns', spaces.duet, 'type', 'veth', 'peer', 'name', 'cable',
    'netns', spaces.browser);
  for (const [who, address] of [['duet', SERVER], ['browser', BROWSER]]) {
    ip('-n', spaces[who], 'address', 'add', `${address}/24`, 'dev', 'cable');
    // Packets as they would be on a real cable: nothing longer than its MTU.
    ip('-n', spaces[who], 'link', 'set', 'cable', 'gso_max_segs', '1', 'up');
  }
  // A page that may not use the camera is shown the address of the default route alone.
  ip('-n', spaces.browser, 'route', 'add', 'default', 'via', SERVER);
}

// Chromium inside its namespace; puppeteer speaks to it through a pipe, which needs no network.
async function browse() {
  const wrapper = file('chromium');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${spaces.browser} ${findBrowser('chromium')} "$@"\n`);
  chmodSync(wrapper, 0o755);
  return puppeteer.launch({
    browser: 'chrome', executablePath: wrapper, headless: true, pipe: true,
    userDataDir: file('profile'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--autoplay-policy=no-user-gesture-required',
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      // The page's origin is no secure one here, and the test picture needs that.
      `--unsafely-treat-insecure-origin-as-secure=http://${SERVER}:${PORT}`],
  });
}

async function call() {
  const server = start(spaces.duet, DUET, 'serve', '--listen', `${SERVER}:${PORT}`, '--peer', 'none', '--json');
  await until('the server listens', () => server.said.includes('listening'));
  const browser = await browse();
  const page = await browser.newPage();
  await page.goto('about:blank');
  const dump = start(spaces.duet, 'dumpcap', '-q', '-i', 'cable', '-w', file('all.pcapng'));
  await sleep(1000);
  await page.goto(PAGE);
  await until('the page is in the room', () => page.evaluate(() => window.duet?.signaling?.state === 'open'
    || document.querySelector('#hang') !== null));
  await sleep(500);
  const caller = start(spaces.duet, DUET, 'call', `ws://${SERVER}:${PORT}/ws?room=tour`, '--json',
    '--keylog', file('keys'), '--size', '160x120', '--fps', '15', '--bitrate', '100');
  await until('pictures arrive', () => page.evaluate(() => window.duet.calls().some((one) => one.live)));
  await sleep(TALK_MS);
  await page.click('#hang');
  await sleep(500);
  await stop(caller);
  await browser.close();
  await stop(dump);
  await stop(server);
  console.log(caller.said.trim().split('\n').at(-1));
}

// The middle of the media, as ranges of packet numbers.
function middle(capture) {
  const out = execFileSync(DUET, ['explain', '--json', capture], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const packets = out.trim().split('\n').map((line) => JSON.parse(line));
  const media = packets.filter((p) => ['srtp', 'srtcp'].includes(p.protocol));
  const from = media[0].time + MEDIA_FIRST_S, to = media.at(-1).time - MEDIA_LAST_S;
  const ranges = [];
  for (const { number, time } of media) {
    if (time < from || time > to) continue;
    if (ranges.at(-1)?.[1] === number - 1) ranges.at(-1)[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map((range) => range.join('-'));
}

// UDP and the WebSocket's connection, with the secrets in front.
function finish() {
  const tshark = (...args) => execFileSync('tshark', ['-r', file('all.pcapng'), ...args],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const editcap = (...args) => execFileSync('editcap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [stream] = tshark('-Y', 'websocket', '-T', 'fields', '-e', 'tcp.stream').trim().split('\n');
  tshark('-Y', `(udp && !dns && !mdns) || tcp.stream == ${stream}`, '-w', file('call.pcapng'));
  editcap(file('call.pcapng'), file('short.pcapng'), ...middle(file('call.pcapng')));
  editcap('--inject-secrets', `tls,${file('keys')}`, file('short.pcapng'), OUT);
  console.log(`${OUT}: ${readFileSync(OUT).length} bytes`);
}

try {
  network();
  await call();
  finish();
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  for (const space of Object.values(spaces)) spawnSync('ip', ['netns', 'del', space]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
