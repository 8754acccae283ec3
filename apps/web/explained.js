// A message in its fields, beside the ladder: what each is called, its bytes, its value, what it
// means, and the section that says so.

const BYTES_BESIDE = 12; // more open on demand, up to
const BYTES_SHOWN = 1024;

export class Explained {
  element = make('aside', 'opened');
  number;       // of the message that is shown, or asked for
  onClose = () => {};
  #title = make('h3');
  #summary = make('p', 'summary');
  #list = make('ol', 'fields');
  #hex = '';
  #asked = make('p', 'asked');

  constructor() {
    const close = make('button', 'close', '✕');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close');
    close.onclick = () => this.close();
    this.element.hidden = true;
    this.element.tabIndex = -1;
    this.element.setAttribute('aria-label', 'What is in this message');
    this.element.append(make('header', '', this.#title, close), this.#summary, this.#asked, this.#list);
  }

  // A message whose fields are being asked for.
  open(title, number) {
    this.#begin(title, number);
    this.#asked.textContent = 'Asking duet what is in it…';
  }

  // What needs no asking: [name, value, meaning, spec] each.
  tell(title, summary, rows) {
    this.#begin(title, undefined);
    this.#summary.textContent = summary;
    this.#list.append(...rows.map(([name, value, meaning = '', spec = '']) =>
      this.#field({ name, value, meaning, spec, length: 0 })));
  }

  #begin(title, number) {
    this.number = number;
    this.#title.textContent = title;
    this.#summary.textContent = this.#asked.textContent = this.#hex = '';
    this.#list.replaceChildren();
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  // A part of the answer; the first has the bytes and the summary.
  part(number, { error, summary, hex, fields = [] }, more) {
    if (number !== this.number) return;
    if (hex !== undefined) this.#hex = hex;
    if (summary !== undefined) this.#summary.textContent = summary;
    this.#asked.textContent = error ? error.message : more ? 'More is coming…' : '';
    this.#list.append(...fields.map((field) => this.#field(field)));
  }

  #bytes(offset, length) {
    const some = (count) => this.#hex.slice(2 * offset, 2 * (offset + Math.min(length, count)))
      .match(/../g)?.join(' ') ?? '';
    if (length <= BYTES_BESIDE) return make('code', '', some(length));
    const rest = length > BYTES_SHOWN ? ` … of ${length}` : '';
    return make('details', '', make('summary', '', make('code', '', some(BYTES_BESIDE - 4)),
      ` … ${length} bytes`), make('code', '', some(BYTES_SHOWN) + rest));
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.number = undefined;
    this.onClose();
  }

  #field({ name, offset, length, value, meaning, spec, depth = 0, broken }) {
    const item = make('li', broken ? 'broken' : '');
    item.style.setProperty('--depth', Math.min(depth, 5));
    const head = make('p', 'what', make('b', '', name), ' ', make('span', 'value', value));
    item.append(head);
    if (meaning) item.append(make('p', 'meaning', meaning));
    const foot = make('p', 'foot');
    if (length > 0) {
      foot.append(make('span', 'at', offset.toString(16).padStart(4, '0')), ' ',
        this.#bytes(offset, length));
    }
    if (spec) foot.append(...specLinks(spec));
    if (foot.childNodes.length) item.append(foot);
    return item;
  }
}

// "RFC 8489 14.5": where to read it.
function specLinks(spec) {
  const [, rfc, section] = spec.match(/^RFC (\d+)(?: (\d[\d.]*))?/) ?? [];
  if (!rfc) return [make('span', 'spec', spec)];
  const link = make('a', 'spec', spec);
  link.href = `https://www.rfc-editor.org/rfc/rfc${rfc}${section ? `#section-${section}` : ''}`;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return [link];
}

export function make(name, className = '', ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
