// What is sent when there is no camera and no microphone: a picture and a tone that any receiver
// can check (docs: the test source). Four quadrants of known colours with a grey cross between
// them; in the cross a bar that moves with every frame, the frame's number as sixteen blocks, and
// once a second, together with a short higher tone, a white square: picture and sound compared
// with each other tell how far they drifted apart.

const WIDTH = 640, HEIGHT = 480, RATE = 30;
const CROSS = { x: 272, y: 208, width: 96, height: 64 };

export const QUADRANTS = [
  { name: 'top left', x: 0, y: 0, rgb: [220, 30, 30] },
  { name: 'top right', x: 1, y: 0, rgb: [30, 200, 30] },
  { name: 'bottom left', x: 0, y: 1, rgb: [30, 30, 220] },
  { name: 'bottom right', x: 1, y: 1, rgb: [235, 235, 235] },
];
const GREY = [128, 128, 128], BLACK = [0, 0, 0], WHITE = [255, 255, 255];

// Paints one frame with fill(x, y, width, height, rgb): on a canvas or into planes, see below.
function paint(fill, number, flash) {
  for (const q of QUADRANTS) {
    fill(q.x * WIDTH / 2, q.y * HEIGHT / 2, WIDTH / 2, HEIGHT / 2, q.rgb);
  }
  fill(CROSS.x, 0, CROSS.width, HEIGHT, GREY);
  fill(0, CROSS.y, WIDTH, CROSS.height, GREY);
  fill(number * 8 % WIDTH, CROSS.y, 16, 40, BLACK);
  if (flash) fill(WIDTH / 2 - 16, CROSS.y + 4, 32, 32, WHITE);
  for (let bit = 0; bit < 16; bit++) {
    const colour = number >> (15 - bit) & 1 ? WHITE : BLACK;
    fill(bit * WIDTH / 16, CROSS.y + CROSS.height - 16, WIDTH / 16, 16, colour);
  }
}

// Chromium takes frames as planes, so the colours that leave are exactly the ones meant: BT.601,
// limited range. A captured canvas would be BT.709 there, and full range, told to the receiver
// only in a header extension that not everybody reads.
function planes() {
  const track = new MediaStreamTrackGenerator({ kind: 'video' });
  const writer = track.writable.getWriter();
  const data = new Uint8Array(WIDTH * HEIGHT * 3 / 2);
  const chroma = WIDTH * HEIGHT, half = WIDTH / 2;
  const fill = (x, y, width, height, [r, g, b]) => {
    const luma = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
    const cb = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
    const cr = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;
    for (let row = y; row < y + height; row++) {
      data.fill(luma, row * WIDTH + x, row * WIDTH + x + width);
    }
    for (let row = y / 2; row < (y + height) / 2; row++) {
      const at = chroma + row * half + x / 2;
      data.fill(cb, at, at + width / 2);
      data.fill(cr, at + chroma / 4, at + chroma / 4 + width / 2);
    }
  };
  return {
    track,
    show(number, flash) {
      paint(fill, number, flash);
      if (writer.desiredSize <= 0) return; // the encoder is behind: this frame is dropped
      writer.write(new VideoFrame(data, {
        format: 'I420', codedWidth: WIDTH, codedHeight: HEIGHT,
        timestamp: performance.now() * 1000,
        colorSpace: { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m',
          fullRange: false },
      })).catch(() => {}); // the track was stopped meanwhile
    },
  };
}

function canvas() {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d', { alpha: false });
  const fill = (x, y, width, height, rgb) => {
    context.fillStyle = `rgb(${rgb})`;
    context.fillRect(x, y, width, height);
  };
  paint(fill, 0, false);
  const [track] = canvas.captureStream(RATE).getVideoTracks();
  return { track, show: (number, flash) => paint(fill, number, flash) };
}

// The picture as a track, flashing when `clock` (seconds) begins a new second.
export function testPicture(clock = () => performance.now() / 1000) {
  const screen = 'MediaStreamTrackGenerator' in window && 'VideoFrame' in window
    ? planes() : canvas();
  let number = 0, second = -1;
  // A hidden tab's own timers run once a second; those of a worker go on.
  const ticker = new Worker(new URL('ticker.js', import.meta.url));
  ticker.onmessage = () => {
    const now = Math.floor(clock());
    screen.show(number++ & 0xffff, now !== second);
    second = now;
  };
  ticker.postMessage(1000 / RATE);
  return { track: screen.track, stop() { ticker.terminate(); screen.track.stop(); } };
}

// The tone as a track: one second of it, over and over. 440 Hz at -12 dBFS; its first 50 ms 880 Hz.
export function testTone() {
  const context = new AudioContext({ sampleRate: 48000 });
  const second = context.createBuffer(2, 48000, 48000);
  const samples = Float32Array.from({ length: 48000 }, (_, i) =>
    10 ** (-12 / 20) * Math.sin(2 * Math.PI * (i < 2400 ? 880 : 440) * i / 48000));
  second.copyToChannel(samples, 0);
  second.copyToChannel(samples, 1);
  const source = new AudioBufferSourceNode(context, { buffer: second, loop: true });
  const output = context.createMediaStreamDestination();
  source.connect(output);
  source.start();
  // Without a click or a key a page makes no sound, not even into a track.
  const wake = () => context.resume();
  const gestures = ['pointerdown', 'keydown'];
  gestures.forEach((name) => addEventListener(name, wake));
  return {
    track: output.stream.getAudioTracks()[0],
    clock: () => context.state === 'running' ? context.currentTime : performance.now() / 1000,
    stop() {
      gestures.forEach((name) => removeEventListener(name, wake));
      context.close();
    },
  };
}
