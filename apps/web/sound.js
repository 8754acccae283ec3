// Browsers play no sound before the person has touched the page: until then videos play without.

import { notice } from './notices.js';

const silenced = new Set(); // videos that wait for a click or a key

export async function play(video) {
  if (!video.paused || !video.srcObject?.getTracks().length) return;
  try {
    await video.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError') return;
    video.muted = true;
    silenced.add(video);
    video.play().catch(() => {});
    notice('sound', 'The browser keeps the sound off until you touch the page.',
      { text: 'Turn sound on', run: unmute });
  }
}

function unmute() {
  notice('sound', '');
  for (const video of silenced) video.muted = false;
  silenced.clear();
}

for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, unmute);
