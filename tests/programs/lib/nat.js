// An internet of network namespaces: a backbone, and homes behind NATs. Needs root, iproute2 and
// nftables.

import { execFileSync, spawnSync } from 'node:child_process';

export const BACKBONE = '203.0.113.1'; // RFC 5737

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const within = (name, ...command) =>
  execFileSync('ip', ['netns', 'exec', name, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });

// Why there can be no such thing here; '' if it can be.
export function whyNot() {
  if (process.getuid() !== 0) return 'only root may make network namespaces';
  for (const tool of ['ip', 'nft']) {
    if (spawnSync(tool, ['-V']).error) return `there is no command ${tool}`;
  }
  const name = `duet-${process.pid}-try`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) return `network namespaces can't be made here: ${made.stderr.trim()}`;
  const table = spawnSync('ip', ['netns', 'exec', name, 'nft', 'add', 'table', 'ip', 'nat'], { encoding: 'utf8' });
  ip('netns', 'del', name);
  return table.status === 0 ? '' : `nftables can't be used here: ${table.stderr.trim()}`;
}

// The backbone, and a home for each of `nats`: what `masquerade` is told ('' keeps ports where it
// can, 'fully-random' is a new port for every destination: symmetric). { backbone, homes: names of
// namespaces, addresses: of the NATs, close() }.
export function internet(nats) {
  const made = [];
  const name = (what) => `duet-${process.pid}-${what}`;
  const add = (what) => {
    ip('netns', 'add', name(what));
    made.push(name(what));
    ip('-n', name(what), 'link', 'set', 'lo', 'up');
    return name(what);
  };
  const close = () => {
    process.off('exit', close);
    for (const space of made.splice(0)) {
      const left = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' }).stdout;
      for (const pid of left.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
      spawnSync('ip', ['netns', 'del', space]);
    }
  };
  process.on('exit', close); // also when a test was given up
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  // A cable between two namespaces.
  const cable = (one, oneName, other, otherName) => ip('link', 'add', oneName, 'netns', one,
    'type', 'veth', 'peer', 'name', otherName, 'netns', other);
  const address = (where, device, text) => {
    if (text) ip('-n', where, 'address', 'add', text, 'dev', device);
    ip('-n', where, 'link', 'set', device, 'up');
  };
  try {
    const backbone = add('net');
    ip('-n', backbone, 'link', 'add', 'bridge', 'type', 'bridge');
    address(backbone, 'bridge', `${BACKBONE}/24`);
    const homes = nats.map((how, i) => {
      const nat = add(`nat${i}`), home = add(`home${i}`);
      cable(backbone, `port${i}`, nat, 'out');
      ip('-n', backbone, 'link', 'set', `port${i}`, 'master', 'bridge', 'up');
      address(nat, 'out', `203.0.113.${10 + i}/24`);
      cable(nat, 'in', home, 'eth');
      address(nat, 'in', `10.0.${i}.1/24`);
      address(home, 'eth', `10.0.${i}.2/24`);
      ip('-n', home, 'route', 'add', 'default', 'via', `10.0.${i}.1`);
      within(nat, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
      // As a home's router is: what nobody inside asked for is dropped, and leaves no trace.
      within(nat, 'nft', `table ip nat {
        chain out { type nat hook postrouting priority 100; oifname "out" masquerade ${how}; }
        chain in { type filter hook input priority 0; iifname "out" drop; }
        chain through { type filter hook forward priority 0;
          iifname "out" ct state != { established, related } drop; }
      }`);
      return home;
    });
    return { backbone, homes, addresses: nats.map((_, i) => `203.0.113.${10 + i}`), close };
  } catch (error) {
    close();
    throw error;
  }
}
