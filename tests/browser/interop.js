// Many calls between browsers and duet, in each of four arrangements: ../../scripts/interop.

import { parseArgs } from 'node:util';
import { launch } from './lib/browser.js';
import { oneCall } from './lib/arrangement.js';

const USAGE = `usage: scripts/interop [--runs N] [--browser chromium|firefox] [--role offerer|answerer]

Makes N calls (default 1) in each arrangement: the browser as offerer and as answerer, each checked
by the picture and the sound on both sides. Leaves with 1 if any of them failed.`;

function options() {
  try {
    const { values } = parseArgs({ options: {
      runs: { type: 'string', default: '1' }, browser: { type: 'string' },
      role: { type: 'string' }, help: { type: 'boolean', short: 'h' },
    } });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const runs = Number(values.runs);
    const kinds = values.browser ? [values.browser] : ['chromium', 'firefox'];
    const roles = values.role ? [values.role] : ['offerer', 'answerer'];
    if (!(Number.isInteger(runs) && runs > 0)) throw new Error('--runs takes a number from 1');
    if (!kinds.every((kind) => ['chromium', 'firefox'].includes(kind)) ||
        !roles.every((role) => ['offerer', 'answerer'].includes(role))) {
      throw new Error('--browser takes chromium or firefox, --role takes offerer or answerer');
    }
    return { runs, kinds, roles };
  } catch (error) {
    console.error(`interop: ${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)].toFixed(0) : '-';
}

const { runs, kinds, roles } = options();
const rows = [];
for (const kind of kinds) {
  for (const role of roles) {
    const browser = await launch(kind);
    const good = [];
    for (let run = 1; run <= runs; run++) {
      const what = `${kind} as ${role}, call ${run} of ${runs}`;
      try {
        const { duet } = await oneCall(browser, role);
        good.push(duet);
        console.log(`${what}: connected in ${duet.connectMs.toFixed(0)} ms, ${duet.video.good} of ` +
          `${duet.video.frames} pictures right, ${duet.audio.hz.toFixed(1)} Hz, ${duet.srtp}`);
      } catch (error) {
        console.log(`${what}: FAILED: ${error.message}`);
      }
    }
    await browser.close();
    rows.push({ browser: kind, role, calls: `${good.length} of ${runs}`,
      'connect ms (median)': median(good.map((s) => s.connectMs)),
      'first picture ms (median)': median(good.map((s) => s.firstFrameMs)) });
  }
}
console.table(rows);
const failed = rows.some((row) => row.calls !== `${runs} of ${runs}`);
console.log(failed ? 'interop: some calls failed' : 'interop: every call went through');
process.exit(failed ? 1 : 0);
