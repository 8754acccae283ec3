// One connection's statistics (W3C webrtc-stats), once a second, in the few numbers that are shown.
// Browsers leave out different ones: what is not known is undefined.

// The rates are taken against the summary of the second before.
export function summarise(stats, before) {
  const all = [...stats.values()];
  const of = (type) => all.filter((s) => s.type === type);
  const get = (id) => id === undefined ? undefined : stats.get(id);
  const transport = of('transport')[0];
  const pair = get(transport?.selectedCandidatePairId) ??
    of('candidate-pair').find((p) => p.selected) ??
    of('candidate-pair').find((p) => p.nominated && p.state === 'succeeded');
  const echoed = of('remote-inbound-rtp').find((s) => s.roundTripTime > 0);
  const stream = (s, bytes) => ({
    id: s.id, kind: s.kind, ssrc: s.ssrc, bytes,
    packets: s.packetsReceived ?? s.packetsSent ?? 0,
    lost: s.packetsLost,
    codec: get(s.codecId)?.mimeType.split('/')[1],
    width: s.frameWidth, height: s.frameHeight,
    frames: s.framesDecoded ?? s.framesEncoded,
    fps: s.framesPerSecond,
    samples: s.totalSamplesReceived,
    level: s.audioLevel,
    at: s.timestamp,
    kbps: rate(s, bytes, before),
  });
  return {
    in: of('inbound-rtp').map((s) => stream(s, s.bytesReceived ?? 0)),
    out: of('outbound-rtp').filter((s) => s.active !== false).map((s) => stream(s, s.bytesSent)),
    rttMs: ms(pair?.currentRoundTripTime ?? echoed?.roundTripTime),
    pair: pair && {
      local: candidate(get(pair.localCandidateId)),
      remote: candidate(get(pair.remoteCandidateId)),
    },
    checks: {
      pairs: of('candidate-pair').length,
      sent: sum(of('candidate-pair'), 'requestsSent'),
      answered: sum(of('candidate-pair'), 'responsesReceived'),
    },
    dtls: {
      state: transport?.dtlsState,
      version: DTLS_VERSIONS[transport?.tlsVersion] ?? transport?.tlsVersion,
      cipher: transport?.dtlsCipher,
      role: transport?.dtlsRole,
    },
    srtp: transport?.srtpCipher,
  };
}

const DTLS_VERSIONS = { FEFF: 'DTLS 1.0', FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' };

function rate({ id, timestamp }, bytes, before) {
  const last = [...before?.in ?? [], ...before?.out ?? []].find((s) => s.id === id);
  if (!last || timestamp <= last.at) return undefined;
  return Math.max(0, 8 * (bytes - last.bytes) / (timestamp - last.at));
}

function candidate(c) {
  return c && { type: c.candidateType, protocol: c.protocol, address: c.address ?? '', port: c.port };
}

function sum(list, member) { return list.reduce((total, s) => total + (s[member] ?? 0), 0); }
function ms(seconds) { return seconds === undefined ? undefined : seconds * 1000; }
