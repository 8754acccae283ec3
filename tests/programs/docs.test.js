// What the documentation says of the tree, held against it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, relative } from 'node:path';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TESTS = join(ROOT, 'tests');

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sources(path);
    return entry.name.endsWith('.c') ? [path] : [];
  });
}

// 'inv 12' to the files whose tests have it in their names, in order.
function keepers() {
  const found = new Map();
  for (const path of sources(TESTS)) {
    const names = readFileSync(path, 'utf8').matchAll(/START_TEST\((inv|pitfall)_(\d+[a-z]?)_/g);
    for (const [, list, number] of names) {
      const row = `${list} ${number}`;
      found.set(row, (found.get(row) ?? new Set()).add(relative(TESTS, path)));
    }
  }
  return new Map([...found].map(([row, files]) => [row, [...files].sort()]));
}

// The same, as docs/invariants.md has it: the files in the last cell of each row.
function told() {
  const page = readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8');
  const [invariants, pitfalls] = page.split('## Pitfalls');
  const rows = new Map();
  for (const [list, part] of [['inv', invariants], ['pitfall', pitfalls]]) {
    for (const [, number, cells] of part.matchAll(/^\| (\d+[a-z]?) \|(.*)\|$/gm)) {
      const files = [...cells.split('|').at(-1).matchAll(/`([^`]+)`/g)].map(([, file]) => file);
      rows.set(`${list} ${number}`, files.sort());
    }
  }
  return rows;
}

test('docs/invariants.md names the files whose tests keep each row', () => {
  const rows = told(), found = keepers();
  assert.ok(rows.size > 100);
  for (const [row, files] of rows) assert.deepEqual(files, found.get(row) ?? [], row);
  for (const row of found.keys()) assert.ok(rows.has(row), `there is no row ${row}`);
});
