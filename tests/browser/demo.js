// ../../scripts/demo --check: a person's first minute with duet, without the person.

import { launch } from './lib/browser.js';
import { serve } from './lib/duet.js';
import { connected, hasSent, openPage, seesTestSource } from './lib/page.js';
import { until } from './lib/wait.js';
import { assertSawTestSource } from './lib/arrangement.js';

const picture = process.argv[2] ?? 'demo.png';
let browser, server;
try {
  server = await serve();
  browser = await launch('chromium', { addresses: false }); // as people have it
  const page = await openPage(browser, server.url, { room: 'lobby',
    size: { width: 1280, height: 1080 } });
  const [{ id }] = await connected(page);
  const { video, audio } = await seesTestSource(page, id);
  await hasSent(page, id, 90);
  await until('passing messages have passed', () =>
    page.$eval('#passing', (line) => !line.textContent));
  await page.screenshot({ path: picture, fullPage: true });
  await page.close();
  const summary = await server.summary();
  console.log(`the page:  ${video.width} x ${video.height}, quadrants ` +
    `${video.colours.map((colour) => `(${colour})`).join(' ')}, ${audio.hz.toFixed(0)} Hz`);
  console.log(`duet:      ${summary.video.width} x ${summary.video.height}, ${summary.video.good} of ` +
    `${summary.video.frames} pictures with the right quadrants, ${summary.audio.hz.toFixed(0)} Hz`);
  console.log(`the call:  connected in ${summary.connectMs.toFixed(0)} ms; ` +
    `${summary.dtls.version}, ${summary.dtls.cipher}, ${summary.srtp}`);
  assertSawTestSource(summary);
  console.log(`demo: picture and sound went both ways; the page as it was: ${picture}`);
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
await browser?.close();
await server?.stop();
