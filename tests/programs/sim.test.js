// `duet sim`: whole calls in virtual time, by the finished program. In the plain test run the release
// program runs the 2,000 worlds of the grid, and its bytes are compared with the sanitizer build's.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DUET } from '../browser/lib/duet.js';

const INSTRUMENTED = process.env.DUET_INSTRUMENTED === '1';
const GRID = INSTRUMENTED ? 50 : 2000;

const PAGE = { ...process.env, LC_ALL: 'C.UTF-8', COLUMNS: '100' };

function sim(args, program = DUET, env = {}) {
  const { status, signal, stdout, stderr } = spawnSync(program, ['sim', ...args],
    { encoding: 'utf8', timeout: 200000, maxBuffer: 1 << 28, env: { ...PAGE, ...env } });
  return { status: status ?? signal, out: stdout, errors: stderr.split('\n').filter((l) => l) };
}

test('the ladder tells a call from the first check to the goodbye, in time order', () => {
  const { status, out, errors } = sim(['--seed', '7', 'loss=5%', 'delay=50ms', 'nat-a=symmetric']);
  assert.equal(status, 0);
  assert.deepEqual(errors, []);
  const inOrder = [/^duet sim --seed 7 loss=5% delay=50ms nat-a=symmetric$/m, /seconds +A +B$/m,
    /connecting ●  /, /├──▶ STUN server: STUN Binding request /, /╞══ offer: audio, video ═+▶│ \d+ bytes/,
    /│◀═+ answer: audio, video ══╡/, /├── STUN check, controlling, to \S+ ─+▶│ 96 bytes/,
    /│◀─+ STUN answer, seen as \S+ ──┤/, /│ lost ✗─+ STUN check/, /STUN check, nominates/,
    /│◀─+ DTLS client_hello ──┤/, /├── DTLS server_hello to server_hello_done ─+▶│/,
    /│◀─+ DTLS certificate to handshake \(encrypted\) ──┤/, / connected ●/, /─✗ lost │/,
    /├── SRTP payload type/, /├┄┄ media ×\d+ ┄+▶│ for \d+ ms/, /│◀┄+ media ×\d+ · feedback ×\d+ ┄┄┤/,
    / closed ●/, /╞══ bye ═+▶│/, /^connected after \d+ ms$/m, /sound of A: \d+ frames sent/,
    /wire: \d+ packets/];
  let from = 0;
  for (const line of inOrder) {
    const at = out.slice(from).search(line);
    assert.notEqual(at, -1, `${line} after offset ${from} of\n${out}`);
    from += at;
  }
  const times = [...out.matchAll(/^ +(\d+\.\d{6}) /gm)].map((m) => Number(m[1]));
  assert.ok(times.length > 20);
  for (let i = 1; i < times.length; i++) assert.ok(times[i] >= times[i - 1], `line ${i}: ${times[i]}`);
});

test('a flight of the handshake is told whole where it fits', () => {
  const { out } = sim(['delay=1ms'], DUET, { COLUMNS: '160' });
  assert.match(out, /├── DTLS server_hello, certificate, server_key_exchange, certificate_request, server_hello_done ─+▶│/);
});

// Columns of a line: none of its characters here is wide or combining.
const columns = (line) => [...line].length;
const chart = (out) => out.split('\n\n')[1].split('\n');

test('the ladder keeps to its width, and to ASCII where nothing else is known', () => {
  const world = ['--seed', '7', 'loss=20%', 'nat-a=symmetric', 'nat-b=symmetric', 'fault=password'];
  for (const COLUMNS of ['', '60', '80', '100', '132', '999', 'many']) {
    for (const LC_ALL of ['C', 'C.UTF-8', 'de_DE.utf8']) {
      const { status, out } = sim(world, DUET, { COLUMNS, LC_ALL });
      assert.equal(status, 0);
      const widest = Math.max(...chart(out).map(columns));
      const most = { 60: 72, 80: 80, 132: 132, 999: 200 }[COLUMNS] ?? 100;
      assert.ok(widest <= most && widest > most - 12, `${COLUMNS}: ${widest}`);
      assert.equal(/[^\x20-\x7e\n]/.test(out), LC_ALL !== 'C', LC_ALL);
      assert.doesNotMatch(out, /\x1b/);
    }
  }
  for (const env of [{ LC_ALL: '', LC_CTYPE: '', LANG: 'C.UTF-8' }, { LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }])
    assert.match(sim(['delay=1ms'], DUET, env).out, /╞══ offer/);
  assert.match(sim(['delay=1ms'], DUET, { LC_ALL: '', LC_CTYPE: '', LANG: '' }).out, /\|== offer: audio, video =+>\|/);
});

test('checks that repeat are counted, lost ones too', () => {
  const lines = chart(sim(['nat-a=symmetric', 'nat-b=symmetric']).out);
  assert.ok(lines.some((line) => /├┄┄ check ×\d\d+ \((\d+) lost\) ┄+▶│ for \d+\.\d s$/.test(line)), lines.join('\n'));
  assert.ok(lines.some((line) => /✗ nobody has that address │ 96 bytes$/.test(line)));
  assert.ok(lines.filter((line) => line.includes('check ')).length < 15, lines.join('\n'));
  assert.ok(lines.some((line) => /● failed: no answer to \d+ checks/.test(line)));
});

test('each packet of media has its line only with --all', () => {
  const lines = (...more) => sim(['media=1s', ...more]).out.split('\n')
    .filter((l) => l.includes('SRTP payload')).length;
  assert.ok(lines() >= 4 && lines() < 8, `the first of sound, of picture, of padding each way: ${lines()}`);
  assert.ok(lines('--all') > 100);
});

// When the code that `duet` is made of last changed.
function newestSource() {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const notOfDuet = /^(\.|build|docs|fuzz|tests|scripts)/;
  let newest = 0;
  for (const folder of readdirSync(root).filter((name) => !notOfDuet.test(name) && statSync(root + name).isDirectory()))
    for (const file of readdirSync(root + folder).filter((name) => /\.[ch]$/.test(name)))
      newest = Math.max(newest, statSync(`${root}${folder}/${file}`).mtimeMs);
  return newest;
}

test('same seed, same bytes: twice, and in each other build that there is', (t) => {
  const worlds = [['--seed', '3', '--all', 'media=1s'], ['--replay', '11', '--all'],
    ['--seed', '9', 'codecs=real', 'loss=3%', 'media=1s', '--all'], ['--replay', '20', '--all']];
  const builds = [DUET];
  for (const preset of ['asan', 'debug', 'release']) {
    const other = fileURLToPath(new URL(`../../build/${preset}/apps/duet`, import.meta.url));
    if (!existsSync(other)) t.diagnostic(`not compared with the ${preset} build: it is not there`);
    else if (statSync(other).mtimeMs < newestSource()) t.diagnostic(`not compared with the ${preset} build: it is of older code`);
    else builds.push(other);
  }
  for (const world of worlds) {
    const { out } = sim(world);
    assert.match(out, /digest [0-9a-f]{16}/);
    for (const program of builds) assert.equal(sim(world, program).out, out, `${program} ${world}`);
  }
});

test(`${GRID} worlds of the grid: every call connects or fails with a reason, no rule is broken`, () => {
  const { status, out, errors } = sim(['--runs', String(GRID), '--json']);
  assert.equal(status, 0, `${errors}\n${out}`);
  const rows = out.trim().split('\n').map((line) => JSON.parse(line));
  const summary = rows.pop();
  assert.equal(summary.runs, GRID);
  assert.equal(summary.broken, 0);
  assert.ok(summary.heapEarly > 0 && summary.heapEnd > 0, 'what ./scripts/soak leak looks at');
  assert.equal(rows.reduce((sum, row) => sum + row.count, 0), GRID);
  assert.ok(summary.connected > GRID / 3, out);
  for (const { outcome } of rows) {
    assert.doesNotMatch(outcome, /OpenSSL failed/, 'that is no reason');
    assert.match(outcome, /^(connected$|(connected, then lost|failed): (ice|dtls|srtp|sdp|signaling): .+)/);
  }
});

test('a run of the table can be shown again, and made short', () => {
  const rows = sim(['--runs', '60', '--json']).out.trim().split('\n').map((line) => JSON.parse(line));
  const failed = rows.find((row) => row.outcome?.includes('fingerprint differs'));
  assert.ok(failed, 'no world with a wrong fingerprint among 60');
  const seed = String(failed.seeds[0]);
  const replayed = sim(['--replay', seed]);
  assert.equal(replayed.status, 0);
  assert.match(replayed.out, /failed: [AB]: dtls: fingerprint differs/);
  const short = sim(['--shrink', seed]);
  assert.match(short.out, new RegExp(`^duet sim --seed ${seed} fault=fingerprint$`, 'm'));
});

// Links' luck is a function of the packet's number: were many sent more, or sooner, because of the
// stranger, others than those of the call without him would be lost. (One may be: the flight before
// the last is repeated sooner when media comes, true or not.)
test('a stranger off the path costs no call 100 ms, held against the same calls without him', () => {
  const runs = INSTRUMENTED ? 10 : 300;
  for (const world of [['loss=2%'], ['loss=10%', 'reorder=5%', 'dup=5%'], ['loss=2%', 'signal=500ms'],
    ['nat-a=symmetric', 'nat-b=full-cone', 'loss=5%']]) {
    const { status, out, errors } = sim(['--runs', String(runs), '--json', ...world, 'media=300ms',
      'attack=off-path', '--against', 'attack=none']);
    assert.equal(status, 0, `${errors}\n${out}`);
    const { against, connected } = JSON.parse(out.trim().split('\n').pop());
    assert.equal(connected, runs);
    assert.equal(against.both, runs);
    assert.equal(against.lost, 0);
    assert.ok(against.latestMs <= 100, `${world}: ${JSON.stringify(against)}`);
    assert.ok(against.later <= runs / 50, `${world}: ${JSON.stringify(against)}`);
  }
});

test('a worse world shows against a better one', () => {
  const { status, out } = sim(['--runs', '40', 'loss=40%', 'media=20ms', '--against', 'loss=0%']);
  assert.equal(status, 0);
  const [, both, later, latest] = out.match(/^against loss=0%: (\d+) connected in both, (\d+) of them later, by (\d+) ms at most \(seed \d+\); \d+ lost/m);
  assert.ok(both > 35 && later > 20 && latest > 100, out);
  const blocked = sim(['--runs', '3', 'nat-a=blocked', '--against', 'nat-a=full-cone']);
  assert.match(blocked.out, /^against nat-a=full-cone: 0 connected in both, 0 of them later; 3 lost, seeds 1, 2, 3$/m);
});

test('wrong words are refused with exit status 2 and by name', () => {
  for (const [args, named] of [[['loss=much'], /loss=much/], [['fault=none', 'nat-a=round'], /nat-a=round/],
    [['--runs', '0'], /--runs/], [['--runs', '3', '--replay', '4'], /only one/], [['--dance'], /--dance/],
    [['--runs', '2', '--against', 'loss=much'], /loss=much/], [['--against', 'loss=1%'], /--against/],
    [['--runs', '3', 'seed=7'], /no seed=/], [['--runs', '3', 'loss=1%', '--against', 'seed=7'], /no seed=/],
    [['--replay', '3', 'seed=7'], /no seed=/], [['--shrink', '3', 'loss=1%', 'seed=7'], /no seed=/]]) {
    const { status, out, errors } = sim(args);
    assert.equal(status, 2, `${args}`);
    assert.equal(out, '');
    assert.match(errors[0], named);
  }
  const fine = sim(['--shrink', '1', 'delay=1ms']);
  assert.equal(fine.status, 1);
  assert.match(fine.errors[0], /ended well/);
});
