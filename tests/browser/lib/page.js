// Our page in a browser, as tests see it.

import assert from 'node:assert/strict';
import { until } from './wait.js';

// Opens the page in a room. What goes wrong in it is kept in page.complaints.
export async function openPage(browser, url, { room = 'test', source = 'test', size } = {}) {
  const page = await browser.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (line) => line.type() === 'error' && page.complaints.push(line.text()));
  if (size) await page.setViewport(size);
  const wanted = new URL(url);
  wanted.searchParams.set('room', room);
  if (source) wanted.searchParams.set('source', source);
  await page.goto(wanted.href);
  await until('the page has started', () => page.evaluate(() => Boolean(window.duet)));
  return page;
}

export function calls(page) { return page.evaluate(() => window.duet.calls()); }

// Waits until there are `count` calls in which pictures arrive, and returns them.
export function connected(page, count = 1, seconds = 30) {
  return until(`${count} calls connected`, async () => {
    const now = await calls(page);
    return now.length === count && now.every((call) => call.live) ? now : null;
  }, { seconds, seen: () => calls(page) });
}

// Waits until what is shown and heard of a call is the test source; returns what was measured.
export function seesTestSource(page, id, { picture = 0, seconds = 20 } = {}) {
  let last;
  return until('the test source is seen and heard', async () => {
    last = await page.evaluate((...args) => window.duet.measure(...args), id, picture);
    const heard = picture > 0 || (last.audio?.hz >= 430 && last.audio.hz <= 450);
    return last.video?.good && heard ? last : null;
  }, { seconds, seen: () => last });
}

// How many of our pictures went to `id`: the camera's, or those of what is shown beside it. Asked of
// the sender itself: the connection's own list also has streams that ended, in no order one can use.
export function picturesSent(page, id, stream = 'camera') {
  return page.evaluate(async (id, stream) => {
    const { room, media } = window.duet;
    const call = [...room.calls].find((c) => c.id === id);
    const [track] = (stream === 'camera' ? media.stream : media.shared)?.getVideoTracks() ?? [];
    const sender = track && call?.pc.getSenders().find((s) => s.track === track);
    const stats = [...(await sender?.getStats())?.values() ?? []];
    return stats.find((s) => s.type === 'outbound-rtp')?.framesSent ?? 0;
  }, id, stream);
}

// Waits until so many of our pictures were sent in a call: the other side has had enough to judge.
export function hasSent(page, id, frames, { stream = 'camera', seconds = 30 } = {}) {
  return until(`${frames} pictures sent`,
    async () => await picturesSent(page, id, stream) >= frames,
    { seconds, seen: () => calls(page) });
}

// A click by the page's own means: the driver's needs the tab to be in front.
export function press(page, selector) { return page.$eval(selector, (button) => button.click()); }

// Shows the others a second test picture, as if it were our screen.
export function shareTestPicture(page) {
  return page.evaluate(async () => {
    const { testPicture } = await import('./testsource.js');
    window.duet.media.share(new MediaStream([testPicture().track]));
  });
}

export function assertNoComplaints(page) { assert.deepEqual(page.complaints, []); }
