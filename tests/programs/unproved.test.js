// The program that people run checks every tag: what fuzz builds alone let pass (base/unproved.h) is
// not in it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DUET } from '../browser/lib/duet.js';

test('the program has nothing of the switch that lets unproved packets pass', () => {
  const header = readFileSync(new URL('../../base/unproved.h', import.meta.url), 'utf8');
  const tag = /#define UNPROVED_TAG "([^"]+)"/.exec(header)[1];
  const program = readFileSync(DUET);
  assert.ok(tag.length >= 32);
  assert.ok(program.includes('authentication tag differs'), 'a text of rtp/protect.c is there');
  assert.ok(!program.includes(tag), 'the text is in the program');
  assert.ok(!program.includes(tag.slice(0, 10)), 'its beginning is in the program');
});
