// What the layers of a call say of themselves, from the bottom of the stack up, and if the call
// fails: which of them did, and why, in one line.

export const LAYERS = ['signaling', 'ice', 'dtls', 'srtp', 'media'];
export const NAMES = { signaling: 'Signaling', ice: 'ICE', dtls: 'DTLS', srtp: 'SRTP',
  media: 'Media' };

const PATIENCE_MS = 10000; // without a step forward in so long, a layer is said to have failed
const SILENCE_MS = 3000;

// The states are: 'wait' (for the layer below), 'busy', 'ok', 'failed'.
export function report(call, stats, now = performance.now()) {
  const facts = { call, stats, late: now - call.since > PATIENCE_MS, now };
  const layers = {};
  let below = 'ok';
  for (const name of LAYERS) {
    layers[name] = call.fault?.layer === name ? ['failed', call.fault.why]
      : below !== 'ok' ? ['wait', ''] : TELLERS[name](facts);
    below = layers[name][0];
  }
  const failed = LAYERS.find((name) => layers[name][0] === 'failed');
  return {
    layers: Object.fromEntries(LAYERS.map((name) => {
      const [state, text] = layers[name];
      return [name, { state, text: state === 'failed' ? 'failed' : text }];
    })),
    failure: failed ? `${NAMES[failed]}: ${layers[failed][1]}` : '',
    connected: layers.srtp[0] === 'ok',
    live: layers.media[0] === 'ok',
  };
}

const TELLERS = {
  signaling({ call: { steps, left, pc }, late }) {
    const done = pc.localDescription && pc.remoteDescription;
    if (done) return ['ok', left ? 'they left it' : steps.offer === 'sent' ? 'we offered' : 'they offered'];
    if (left) return ['failed', 'they left before the call was agreed'];
    if (steps.offer === 'sent') {
      return late ? ['failed', 'no answer to our offer'] : ['busy', 'offer sent'];
    }
    if (steps.offer === 'received') return ['busy', 'offer received'];
    return late ? ['failed', 'no offer came from them'] : ['busy', 'awaiting offer'];
  },

  ice({ call, stats, late }) {
    const { pc, candidates } = call;
    switch (pc.iceConnectionState) {
      case 'connected': case 'completed': return ['ok', pc.iceConnectionState];
      case 'disconnected': return call.hasMet || !late ? ['busy', 'disconnected']
        : ['failed', noPath(candidates, stats?.checks)];
      case 'failed': return ['failed', noPath(candidates, stats?.checks)];
      case 'closed': return ['failed', 'closed'];
      case 'checking': return ['busy', 'checking'];
      default: return late ? ['failed', noPath(candidates, stats?.checks)] : ['busy', 'gathering'];
    }
  },

  dtls({ call: { pc }, stats }) {
    switch (dtlsState(pc, stats)) {
      case 'connected': return ['ok', stats?.dtls.version ?? 'connected'];
      case 'failed': return ['failed',
        'the handshake failed: the certificate is not the one in the description, or nothing agreed on'];
      case 'closed': return ['failed', 'the other side closed it'];
      default: return ['busy', 'handshake'];
    }
  },

  // Keyed by the handshake itself; browsers tell at most the profile.
  srtp({ stats }) { return ['ok', profile(stats?.srtp)]; },

  media({ call, stats, now }) {
    call.keyedAt ??= now;
    const late = now - call.keyedAt > PATIENCE_MS;
    const inbound = stats?.in ?? [];
    if (!call.tracks.length) return ['ok', 'sending only'];
    const packets = inbound.reduce((total, s) => total + s.packets, 0);
    const seen = inbound.some((s) => s.kind === 'video' && s.frames > 0);
    const wanted = call.tracks.some((track) => track.kind === 'video');
    if (seen || (packets && !wanted)) return ['ok', stalled(call, packets, now) ? 'stalled' : 'flowing'];
    if (!packets) return late ? ['failed', 'connected, but nothing has arrived'] : ['busy', 'awaiting'];
    return late ? ['failed', `${packets} packets arrived, but no picture could be decoded`]
      : ['busy', 'decoding'];
  },
};

function noPath({ sent, received }, checks) {
  if (!sent) return 'this browser found no address to be reached at';
  if (!received && !checks?.sent) return 'the other side named no address to reach it at';
  if (checks?.sent && !checks.answered) {
    return `no answer to ${checks.sent} checks on ${checks.pairs} pairs of addresses`;
  }
  return checks?.answered ? 'the other side stopped answering' : `none of the ${received} addresses they named answers`;
}

function stalled(call, packets, now) {
  if (packets !== call.lastPackets) {
    call.lastPackets = packets;
    call.lastPacketAt = now;
  }
  return now - call.lastPacketAt > SILENCE_MS;
}

// Nothing comes any more of what the other side shows. Who shows nothing is not silent: whether he
// is there, the connection itself knows (RFC 7675).
export function isSilent(call, now = performance.now()) {
  return call.tracks.length > 0 && now - (call.lastPacketAt ?? 0) > SILENCE_MS;
}

// Three tell of the handshake, and the furthest of them is believed: Chromium's RTCDtlsTransport has
// been seen to stay at 'connecting' through a call whose statistics named the cipher and whose media
// flowed.
function dtlsState(pc, stats) {
  const ends = [...pc.getSenders(), ...pc.getReceivers()];
  const told = [ends.find((end) => end.transport)?.transport.state, stats?.dtls.state,
    pc.connectionState === 'connected' ? 'connected' : 'new'];
  return ['failed', 'closed', 'connected'].find((state) => told.includes(state));
}

// SRTP_AES128_CM_HMAC_SHA1_80 and SRTP_AEAD_AES_128_GCM, in one word.
function profile(name = 'keyed') {
  return name.replace(/^SRTP_(AEAD_)?|_HMAC.*$/g, '').replace('AES128', 'AES_128').replaceAll('_', '-');
}
