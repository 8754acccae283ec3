// Chromium and Firefox, headless, each with a profile of its own that is gone afterwards.

import { mkdtemp, rm } from 'node:fs/promises';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';

const NAMES = { chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  firefox: ['firefox-esr', 'firefox'] };

// The program: what the environment names (CHROMIUM, FIREFOX), else the first one in PATH.
export function findBrowser(kind) {
  const named = process.env[kind.toUpperCase()];
  if (named) return named;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES[kind]) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch { /* not here */ }
    }
  }
  throw new Error(`there is no ${kind}: install it, or name it in ${kind.toUpperCase()}`);
}

// addresses: true shows the machine's addresses in candidates; false leaves the names ending in
// .local that browsers hide them behind from pages without a camera.
export async function launch(kind, { addresses = true, flags = [], fakeCamera = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), `duet-${kind}-`));
  const options = kind === 'chromium' ? chromium(addresses, fakeCamera, flags)
    : firefox(addresses, fakeCamera);
  const browser = await puppeteer.launch({
    browser: kind === 'chromium' ? 'chrome' : 'firefox',
    executablePath: findBrowser(kind),
    headless: true,
    userDataDir: profile,
    defaultViewport: { width: 1280, height: 860 },
    ...options,
  });
  return {
    kind,
    browser,
    newPage: () => browser.newPage(),
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function chromium(addresses, fakeCamera, flags) {
  const features = addresses ? ['--disable-features=WebRtcHideLocalIpsWithMdns'] : [];
  const camera = fakeCamera
    ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : [];
  return {
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      // Tabs behind others get no processor time from a busy machine unless told otherwise.
      '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
      '--disable-background-timer-throttling', '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required', ...features, ...camera, ...flags],
  };
}

function firefox(addresses, fakeCamera) {
  return {
    extraPrefsFirefox: {
      'media.navigator.streams.fake': fakeCamera,
      'media.navigator.permission.disabled': fakeCamera,
      'media.cubeb.force_mock_context': true, // else an AudioContext stays suspended
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.autoplay.block-webaudio': false,
      'media.peerconnection.ice.obfuscate_host_addresses': !addresses,
      // Firefox gives a hidden tab's timers and pictures next to nothing; tests hide tabs.
      'dom.min_background_timeout_value': 4,
      'dom.timeout.enable_budget_timer_throttling': false,
    },
  };
}
