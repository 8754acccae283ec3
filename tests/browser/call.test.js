// The project's main job: a browser's page and duet in a call, picture and sound both ways, with
// each browser on each side of the offer. `./scripts/interop --runs 20` makes many of these.

import { after, before, describe, test } from 'node:test';
import { launch } from './lib/browser.js';
import { oneCall } from './lib/arrangement.js';

for (const kind of ['chromium', 'firefox']) {
  describe(kind, () => {
    let browser;
    before(async () => { browser = await launch(kind); });
    after(() => browser?.close());
    test('offers', () => oneCall(browser, 'offerer'));
    test('answers', () => oneCall(browser, 'answerer'));
  });
  describe(`${kind}, which names its addresses only as .local`, () => {
    let browser;
    before(async () => { browser = await launch(kind, { addresses: false }); });
    after(() => browser?.close());
    test('offers', () => oneCall(browser, 'offerer'));
    test('answers', () => oneCall(browser, 'answerer'));
  });
}
