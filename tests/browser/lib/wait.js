// Waiting for something to become true, never for time to pass.

// Resolves with the first truthy value of `probe`; after `seconds` fails, saying what was last seen.
export async function until(what, probe, { seconds = 30, seen } = {}) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) {
      const last = seen ? `; last seen: ${JSON.stringify(await seen())}` : '';
      throw new Error(`not within ${seconds} s: ${what}${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
