// docs/a-call-byte-by-byte.md: what it shows is what the program prints, and what it names is there.
//
// Every block that is a `console` begins with a command. It is run; each line of the block must be a
// line of what it prints, in order and without another between them, but for `[...]`, which stands for
// one or more lines that were left out. Blanks at the end of a line don't count.
//
// In the text, `folder/file.c` names a file, and `name()` a function of the file named last before it
// in the same paragraph.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DUET } from '../browser/lib/duet.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(ROOT, 'docs/a-call-byte-by-byte.md');
const ELIDED = '[...]';

const source = readFileSync(PAGE, 'utf8');
const trimmed = (text) => text.split('\n').map((line) => line.trimEnd());

// [{ command, lines, at }] and the text between them.
function parse(text) {
  const blocks = [], prose = [];
  let block = null;
  trimmed(text).forEach((line, i) => {
    if (line === '```console') {
      block = { at: i + 1, lines: [] };
    } else if (line === '```' && block) {
      block.command = block.lines.shift();
      blocks.push(block);
      block = null;
    } else if (block) {
      block.lines.push(line);
    } else {
      assert.doesNotMatch(line, /^```/, `line ${i + 1}: only console blocks are checked`);
      prose.push(line);
    }
  });
  assert.equal(block, null, 'the last block is closed');
  return { blocks, prose };
}

const printed = new Map(); // by command: many blocks show parts of one

function run(command) {
  if (!printed.has(command)) {
    const [dollar, program, ...args] = command.split(' ');
    assert.deepEqual([dollar, program], ['$', 'duet'], command);
    const { status, stdout, stderr } = spawnSync(DUET, args,
      { cwd: ROOT, encoding: 'utf8', env: { ...process.env, COLUMNS: '' } });
    assert.equal(status, 0, `${command}: ${stderr}`);
    const lines = trimmed(stdout);
    while (lines.at(-1) === '') lines.pop();
    printed.set(command, lines);
  }
  return printed.get(command);
}

// Where `part` stands in `all` from `from` on; -1: nowhere.
function find(all, part, from) {
  for (let i = from; i + part.length <= all.length; i++) {
    if (part.every((line, k) => all[i + k] === line)) return i;
  }
  return -1;
}

// What is wrong with the lines of a block; undefined: nothing.
function differs(lines, all) {
  const parts = [[]];
  for (const line of lines) {
    if (line === ELIDED) parts.push([]);
    else parts.at(-1).push(line);
  }
  if (parts.flat().length === 0) return 'it shows nothing';
  const last = parts.length - 1;
  let at = 0; // behind what was found so far
  for (const [i, part] of parts.entries()) {
    if (part.length === 0 && i > 0 && i < last) return `one ${ELIDED} follows another`;
    if (part.length === 0) continue;
    const from = i === 0 ? 0 : at + 1; // what is left out is at least a line
    let found = find(all, part, from);
    if (i === last && i > 0) found = find(all, part, Math.max(from, all.length - part.length));
    if (found < 0 || (i === 0 && found > 0)) {
      return `it is not so that it prints\n${part.join('\n')}\nfrom its line ${from + 1} on`;
    }
    at = found + part.length;
  }
  const open = last > 0 && parts[last].length === 0; // `[...]` at the end
  return open === at < all.length ? undefined : `it prints ${all.length} lines, ${at} of them up to here`;
}

const { blocks, prose } = parse(source);

test('what the blocks show is what duet explain prints', () => {
  assert.ok(blocks.length > 30, `${blocks.length} blocks`);
  for (const { at, command, lines } of blocks) {
    const wrong = differs(lines, run(command));
    assert.equal(wrong, undefined, `line ${at}, ${command}: ${wrong}`);
  }
});

test('the comparison finds what differs', () => {
  const all = ['a', 'b', 'c', 'd'];
  for (const good of ['a b c d', `a ${ELIDED}`, `${ELIDED} d`, `a ${ELIDED} d`, `${ELIDED} b ${ELIDED}`,
    `a b ${ELIDED} d`]) {
    assert.equal(differs(good.split(' '), all), undefined, good);
  }
  for (const bad of ['a b c', 'b c d', 'a c d', 'a x c d', `a ${ELIDED} b c d`, `${ELIDED} a b c d`,
    `a b c d ${ELIDED}`, `a ${ELIDED} c`, `${ELIDED} d ${ELIDED}`, `a ${ELIDED} d c`, ELIDED,
    `a ${ELIDED} ${ELIDED} d`, `a ${ELIDED} x ${ELIDED}`]) {
    assert.notEqual(differs(bad.split(' '), all), undefined, bad);
  }
});

test('the files and functions that it names are there', () => {
  const defined = (file, name) => readFileSync(join(ROOT, file), 'utf8').split('\n')
    .some((line) => /^\w/.test(line) && !line.endsWith(';') && new RegExp(`[ *]${name}\\(`).test(line));
  let count = 0, file;
  for (const line of prose) {
    if (line === '') file = undefined;
    for (const [token, path, name] of line.matchAll(/`(?:(\w+\/\w+\.\w+)|(\w+)\(\))`/g)) {
      if (path) {
        file = path;
        assert.ok(existsSync(join(ROOT, path)), token);
      } else {
        assert.ok(file, `${token}: of which file?`);
        assert.ok(defined(file, name), `${file} defines no ${name}()`);
        count++;
      }
    }
  }
  assert.ok(count > 60, `${count} functions`);
});

test('its links lead somewhere', () => {
  const anchors = new Set(prose.filter((line) => line.startsWith('#')).map((line) => `#${line.replace(/^#+ /, '')
    .toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')}`));
  for (const [, target] of prose.join('\n').matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith('#')) assert.ok(anchors.has(target), target);
    else assert.ok(existsSync(join(dirname(PAGE), target)), target);
  }
});

test('the packets in its table of contents are those of its chapters', () => {
  const shown = new Set(blocks.flatMap(({ command }) => {
    const [, first = 0, last = first] = command.match(/--packets (\d+)(?:-(\d+))?/) ?? [];
    return Array.from({ length: last - first + 1 }, (_, i) => Number(first) + i);
  }));
  const rows = prose.filter((line) => /^\| \d+ \|/.test(line));
  assert.equal(rows.length, prose.filter((line) => /^## \d+\./.test(line)).length);
  for (const row of rows) {
    for (const number of row.split('|')[3].match(/\d+/g) ?? []) assert.ok(shown.has(Number(number)), row);
  }
});
