// Renegotiation from the browser's side: a second picture comes, goes, and comes again; ICE is
// restarted.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.js';
import { serve } from './lib/duet.js';
import { assertSawTestSource } from './lib/arrangement.js';
import { assertNoComplaints, connected, hasSent, openPage, picturesSent, seesTestSource,
  shareTestPicture } from './lib/page.js';
import { until } from './lib/wait.js';

async function stable(page) {
  return page.evaluate(() =>
    [...window.duet.room.calls].every((call) => call.pc.signalingState === 'stable'));
}

// Of both descriptions in force: the page's, then duet's.
async function ufrags(page) {
  return page.evaluate(() => {
    const [{ pc }] = window.duet.room.calls;
    return [pc.currentLocalDescription, pc.currentRemoteDescription]
      .map((description) => description?.sdp.match(/^a=ice-ufrag:(.*)$/m)?.[1].trim());
  });
}

for (const kind of ['chromium', 'firefox']) {
  describe(kind, () => {
    let browser, server;
    before(async () => {
      browser = await launch(kind);
      server = await serve();
    });
    after(async () => {
      await browser?.close();
      assert.equal(await server?.stop(), 0, server?.errors);
    });

    test('adds a second picture, stops it, and adds another', async () => {
      const page = await openPage(browser, server.url, { room: 'tracks' });
      const [{ id }] = await connected(page);
      await seesTestSource(page);
      await shareTestPicture(page);
      await hasSent(page, id, 30, { stream: 'screen' });
      await page.evaluate(() => window.duet.media.share(null));
      await until('both sides agree that it stopped', () => stable(page));
      await seesTestSource(page);
      await shareTestPicture(page);
      await hasSent(page, id, 30, { stream: 'screen' });
      await hasSent(page, id, await picturesSent(page, id) + 60);
      await seesTestSource(page);
      assertNoComplaints(page);
      await page.close();
      const summary = await server.summary();
      assertSawTestSource(summary);
      const second = summary.tracks.filter((track) => track.kind === 'video').slice(1);
      const frames = second.reduce((sum, track) => sum + track.frames, 0);
      const good = second.reduce((sum, track) => sum + track.good, 0);
      assert.ok(frames >= 30 && good >= 0.9 * frames, JSON.stringify(summary.tracks));
    });

    test('restarts ICE, and the picture goes on', async () => {
      const page = await openPage(browser, server.url, { room: 'restart' });
      const [{ id }] = await connected(page);
      await seesTestSource(page);
      const before = await ufrags(page);
      await page.evaluate(() => [...window.duet.room.calls].forEach((call) => call.pc.restartIce()));
      await until('both sides have new credentials', async () => {
        const now = await ufrags(page);
        return before.every((ufrag, i) => now[i] && now[i] !== ufrag) && stable(page);
      });
      await until('a new pair is there', () => page.evaluate(() =>
        [...window.duet.room.calls].every((call) =>
          ['connected', 'completed'].includes(call.pc.iceConnectionState))));
      await hasSent(page, id, await picturesSent(page, id) + 60);
      await seesTestSource(page);
      assertNoComplaints(page);
      await page.close();
      assertSawTestSource(await server.summary(1));
    });
  });
}
