// WebM files: one that ffmpeg made is played into a browser; what a browser sends is recorded, and
// ffprobe and ffmpeg find the right things in it.

import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './lib/browser.js';
import { call, serve, stopAll } from './lib/duet.js';
import { connected, hasSent, openPage, seesTestSource } from './lib/page.js';

const QUADRANTS = [[220, 30, 30], [30, 200, 30], [30, 30, 220], [235, 235, 235]];
let browser, folder;

before(async () => {
  browser = await launch('chromium');
  folder = mkdtempSync(join(tmpdir(), 'duet-files-'));
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

afterEach(stopAll);

// The test source's colours and tone, without its cross.
function makeFile(path, seconds) {
  const colours = QUADRANTS.flatMap(([r, g, b]) => ['-f', 'lavfi', '-i',
    `color=0x${[r, g, b].map((c) => c.toString(16).padStart(2, '0')).join('')}:s=320x240:r=30`]);
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...colours,
    '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000',
    '-filter_complex', '[0][1]hstack[a];[2][3]hstack[b];[a][b]vstack,' +
      'scale=out_color_matrix=bt601:out_range=tv,format=yuv420p[v]',
    '-map', '[v]', '-map', '4:a', '-t', `${seconds}`,
    '-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '800k', '-g', '60',
    '-c:a', 'libopus', '-b:a', '48k', path]);
}

// The colours in the middles of a recording's quadrants, of the picture at `seconds`.
function coloursIn(path, seconds) {
  const side = 16;
  const points = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => [x ? 0.79 : 0.21, y ? 0.79 : 0.21]);
  return points.map(([x, y]) => {
    const pixels = execFileSync('ffmpeg', ['-v', 'error', '-ss', `${seconds}`, '-i', path,
      '-frames:v', '1', '-vf', `crop=${side}:${side}:iw*${x}-8:ih*${y}-8`,
      '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
    assert.ok(pixels.length >= 3 * side * side, `no picture at ${seconds} s`);
    return [0, 1, 2].map((c) => {
      let total = 0;
      for (let i = c; i < 3 * side * side; i += 3) total += pixels[i];
      return Math.round(total / side / side);
    });
  });
}

function assertRecording(path) {
  const { streams, format } = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-of', 'json',
    '-show_streams', '-show_format', '-count_packets', path]));
  assert.match(format.format_name, /webm/);
  assert.deepEqual(streams.map((s) => s.codec_name).sort(), ['opus', 'vp8']);
  const pictures = streams.find((s) => s.codec_name === 'vp8');
  assert.ok(Number(pictures.nb_read_packets) >= 60, `${pictures.nb_read_packets} pictures`);
  const colours = coloursIn(path, 1.5);
  colours.forEach((colour, i) => colour.forEach((value, c) =>
    assert.ok(Math.abs(value - QUADRANTS[i][c]) <= 45, JSON.stringify(colours))));
}

test('a file made by ffmpeg, played into a page', async () => {
  const file = join(folder, 'quadrants.webm');
  makeFile(file, 20);
  const server = await serve('--peer', 'none');
  const page = await openPage(browser, server.url, { room: 'play' });
  const caller = call(server.url, 'play', '--seconds', '60', '--play', file);
  const [{ id }] = await connected(page);
  await seesTestSource(page, id);
  await page.close();
  await caller.stop();
  assert.equal(await server.stop(), 0, server.errors);
});

test('duet call records what a page sends', async () => {
  const file = join(folder, 'call.webm');
  const server = await serve('--peer', 'none');
  const page = await openPage(browser, server.url, { room: 'record' });
  const caller = call(server.url, 'record', '--seconds', '60', '--record', file);
  const [{ id }] = await connected(page);
  await hasSent(page, id, 120);
  await caller.stop();
  await page.close();
  await server.stop();
  assertRecording(file);
});

test('duet serve records each participant', async () => {
  const records = mkdtempSync(join(folder, 'serve-'));
  const server = await serve('--record', records);
  const page = await openPage(browser, server.url, { room: 'record' });
  const [{ id }] = await connected(page);
  await hasSent(page, id, 120);
  await page.close();
  await server.summary();
  await server.stop();
  const [name, ...more] = readdirSync(records);
  assert.deepEqual(more, []);
  assertRecording(join(records, name));
});
