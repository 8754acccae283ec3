// One call between a browser's page and duet, checked by what is seen and heard on both sides.

import assert from 'node:assert/strict';
import { call, serve } from './duet.js';
import { assertNoComplaints, connected, hasSent, openPage, seesTestSource } from './page.js';

const FRAMES = 75; // sent by the browser before the other side is asked what it got: 60 must decode

// role 'offerer': the page joins a room in which duet's own peer sits, and calls it.
// role 'answerer': the page waits alone; `duet call` joins and calls it.
// Returns { page, duet }: what either side measured.
export async function oneCall(browser, role) {
  const server = await serve(...role === 'offerer' ? [] : ['--peer', 'none']);
  let caller, page;
  try {
    page = await openPage(browser, server.url, { room: 'interop' });
    if (role === 'answerer') caller = call(server.url, 'interop', '--seconds', '60');
    const [{ id }] = await connected(page);
    const measured = await seesTestSource(page, id);
    await hasSent(page, id, FRAMES);
    assertNoComplaints(page);
    if (caller) await caller.stop();
    else await page.close();
    const summary = await (caller ?? server).summary();
    assertSawTestSource(summary);
    assert.equal(summary.role, role === 'offerer' ? 'answerer' : 'offerer');
    return { page: measured, duet: summary };
  } finally {
    if (!page?.isClosed()) await page?.close();
    await caller?.stop();
    assert.equal(await server.stop(), 0, `duet serve: ${server.errors}`);
  }
}

// What duet's summary must say when the browser sent the test source to it.
export function assertSawTestSource(summary) {
  const { video, audio } = summary;
  const told = JSON.stringify({ ...summary, stats: undefined });
  assert.ok(summary.ok, `${summary.reason}: ${told}`);
  assert.ok(video.frames >= 60, `too few frames: ${told}`);
  assert.ok(video.good >= 0.95 * video.frames, `wrong colours: ${told}`);
  assert.ok(audio.hz >= 430 && audio.hz <= 450, `wrong tone: ${told}`);
}
