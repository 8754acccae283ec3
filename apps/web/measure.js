// Looks and listens as a person would, at what is really shown and played: is it the test source?

import { report } from './report.js';
import { QUADRANTS } from './testsource.js';

const TOLERANCE = 45; // of 255, in each channel

// The mean colours of the middles of a video's quadrants, and whether they are the right ones.
export function look(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width) return { width: 0, height: 0, good: false, colours: [] };
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const colours = QUADRANTS.map(({ x, y }) => {
    const side = Math.floor(Math.min(width, height) / 8);
    const left = Math.floor(width * (x ? 0.79 : 0.21) - side / 2);
    const top = Math.floor(height * (y ? 0.79 : 0.21) - side / 2);
    return mean(context.getImageData(left, top, side, side).data);
  });
  const good = colours.every((colour, i) =>
    colour.every((value, c) => Math.abs(value - QUADRANTS[i].rgb[c]) <= TOLERANCE));
  return { width, height, good, colours };
}

function mean(pixels) {
  const total = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 4) {
    for (let c = 0; c < 3; c++) total[c] += pixels[i + c];
  }
  return total.map((sum) => Math.round(4 * sum / pixels.length));
}

// An ear at a stream: hear() gives the strongest component in Hz and the loudness (RMS of 1).
export class Ear {
  #context = new AudioContext({ sampleRate: 48000 });
  #analyser = new AnalyserNode(this.#context, { fftSize: 16384, smoothingTimeConstant: 0 });

  constructor(stream) {
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  hear() {
    const levels = new Float32Array(this.#analyser.frequencyBinCount);
    this.#analyser.getFloatFrequencyData(levels);
    const loudest = levels.indexOf(levels.reduce((a, b) => Math.max(a, b), -Infinity));
    const samples = new Float32Array(4096);
    this.#analyser.getFloatTimeDomainData(samples);
    const rms = Math.sqrt(samples.reduce((total, s) => total + s * s, 0) / samples.length);
    const hz = loudest * this.#context.sampleRate / this.#analyser.fftSize;
    return { state: this.#context.state, hz: rms > 0.001 ? hz : 0, rms };
  }

  close() { this.#context.close(); }
}

// window.duet: what the tests in tests/browser ask and do.
export function openToTests({ room, media, signaling, tiles, summaries, ladders, nameOf }) {
  const ears = new Map(); // Call to Ear
  window.duet = {
    room, media, signaling, ladders,
    calls: () => [...room.calls].map((call) => ({
      id: call.id, name: nameOf(call), left: call.left, note: call.note,
      ...report(call, summaries.get(call)), stats: summaries.get(call),
      pictures: tiles.get(call).videos.length,
    })),
    // What is seen and heard at this moment of the call with `id`, or of the first.
    measure(id, picture = 0) {
      const call = [...room.calls].find((c) => c.id === id) ?? [...room.calls][0];
      const { videos, video } = tiles.get(call);
      if (!ears.has(call) && video.srcObject?.getAudioTracks().length) {
        ears.set(call, new Ear(video.srcObject));
      }
      return { video: videos[picture] ? look(videos[picture]) : null,
        audio: ears.get(call)?.hear() ?? null };
    },
  };
}
