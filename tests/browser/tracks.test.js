// Renegotiation from the browser's side: a second picture comes, goes, and comes again.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from './lib/browser.js';
import { serve } from './lib/duet.js';
import { assertSawTestSource } from './lib/arrangement.js';
import { assertNoComplaints, calls, connected, hasSent, openPage, seesTestSource, shareTestPicture }
  from './lib/page.js';
import { until } from './lib/wait.js';

// Pictures sent of the second track, as the page's statistics have it.
async function sentOfSecond(page) {
  const [call] = await calls(page);
  return call?.stats?.out.filter((s) => s.kind === 'video')[1]?.frames ?? 0;
}

async function stable(page) {
  return page.evaluate(() =>
    [...window.duet.room.calls].every((call) => call.pc.signalingState === 'stable'));
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
      await until('the second picture is sent', async () => await sentOfSecond(page) > 30);
      await page.evaluate(() => window.duet.media.share(null));
      await until('both sides agree that it stopped', () => stable(page));
      await seesTestSource(page);
      await shareTestPicture(page);
      await until('another one is sent', async () => await sentOfSecond(page) > 30,
        { seen: () => calls(page) });
      const [call] = await calls(page);
      await hasSent(page, id, call.stats.out.find((s) => s.kind === 'video').frames + 60);
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
  });
}
