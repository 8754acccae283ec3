// What the person is told beside the calls. The elements are live regions: screen readers say it too.

const $ = (id) => document.getElementById(id);

// A line that stays, one for each topic, with perhaps something to do about it; '' takes it away.
export function notice(topic, text, action) {
  const id = `notice-${topic}`;
  if ($(id)?.dataset.text === text) return;
  $(id)?.remove();
  if (!text) return;
  const line = document.createElement('p');
  line.id = id;
  line.dataset.text = text;
  line.append(text);
  if (action) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = action.text;
    button.onclick = action.run;
    line.append(' ', button);
  }
  $('notices').append(line);
}

// A line that passes after a few seconds.
export function passing(text) {
  const line = $('passing');
  line.textContent = text;
  setTimeout(() => { if (line.textContent === text) line.textContent = ''; }, 4000);
}
