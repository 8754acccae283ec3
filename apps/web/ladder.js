// The ladder of one participant's connections: two lifelines, time downwards, an arrow for each
// message, and beside it what became of it. Any message opens into its fields.

import { Explained, make } from './explained.js';
import { PHASES, PHASE_NAMES, Story, capital, duration, number } from './story.js';

const ROW_PX = 44;       // what an evenly spaced rung takes
const GAP_MAX_PX = 420;  // a longer pause is shown broken
const GAP_TOLD_S = 0.05; // pauses from here on are told even where they take no room
// From far to near: whole phases, one rung after the other, then to scale: so many ms a rung.
const ZOOMS = ['phases', 'order', 200, 100, 50, 20, 10, 5, 2, 1];

let count = 0;

export class Ladder {
  element = make('section', 'ladder');
  onClose = () => {};
  ask = () => {};            // (number): for its fields
  nameOf = () => 'Somebody'; // (id): of a participant
  whose = () => '';          // the name of the one that shows this
  payloadName = () => '';    // (id, payload type): as the descriptions with `id` have it
  #stories = new Map();      // by the call's number
  #shown;                    // the Story that is drawn
  #over;                     // the same, if the person chose it when it was over: it stays
  #zoom = 1;
  #open = new Set();         // keys of folds that are open
  #elements = new Map();     // key to { element, rung }
  #explained = new Explained();
  #from;                     // the button that opened it
  #name = make('span');
  #tabs = make('div', 'tabs');
  #scale = make('output', 'scale');
  #phases = make('ol', 'phases');
  #heads = make('div', 'heads');
  #scroll = make('div', 'rungs-box');
  #list = make('ol', 'rungs');
  #status = make('p', 'ladder-status');
  #pinch = new Map();
  #due;

  constructor() {
    const heading = make('h2', '', 'Ladder ', this.#name);
    heading.id = `ladder-${++count}`;
    this.element.setAttribute('aria-labelledby', heading.id);
    const tools = make('div', 'tools', this.#button('−', 'Further away', () => this.zoom(-1)),
      this.#scale, this.#button('+', 'Closer', () => this.zoom(1)),
      this.#button('✕', 'Close the ladder', () => this.onClose()));
    this.#tabs.setAttribute('role', 'group');
    this.#tabs.setAttribute('aria-label', 'Whose connection');
    this.#phases.setAttribute('aria-label', 'How long it took');
    this.#list.setAttribute('aria-label', 'Messages, first to last');
    this.#status.setAttribute('role', 'status');
    this.#status.textContent = 'Asking to be shown…';
    this.#scroll.append(this.#heads, this.#list);
    this.element.append(make('header', '', heading, this.#tabs, tools), this.#phases,
      make('div', 'ladder-body', this.#scroll, this.#explained.element), this.#status);
    this.#explained.onClose = () => {
      this.element.classList.remove('opening');
      this.#list.querySelector('.chosen')?.classList.remove('chosen');
      if (this.#from?.isConnected) this.#from.focus();
    };
    this.#list.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#explained.close();
    });
    this.#list.addEventListener('focusin', ({ target }) => this.#rove(target));
    this.#scroll.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel']) {
      this.#scroll.addEventListener(type, (event) => this.#pointer(event));
    }
    this.#drawScale();
  }

  // ---- what comes

  lines(list) {
    for (const line of list) {
      if (line.type === 'trace') this.#reset();
      if (line.call === undefined) {
        if (line.type === 'lost') this.#shown?.take(line);
        continue;
      }
      if (!this.#stories.has(line.call)) this.#stories.set(line.call, new Story(line.call));
      this.#stories.get(line.call).take(line);
    }
    this.#drawTabs();
    this.#drawSoon();
  }

  explained(number, part, more) { this.#explained.part(number, part, more); }

  silent() {
    if (!this.#stories.size) {
      this.#status.textContent = 'No answer: it shows its calls to as many as it can. Try again later.';
    }
  }

  #reset() {
    this.#stories.clear();
    this.#shown = this.#over = undefined;
    delete this.#tabs.dataset.names; // its buttons are those of the stories that were
    this.#clear();
    this.#status.textContent = 'No call yet.';
  }

  // ---- whose connection

  #drawTabs() {
    const calls = [...this.#stories.values()];
    const mine = calls.filter((story) => this.nameOf(story.peer) === 'You');
    const stays = this.#shown && (!this.#shown.over || this.#shown === this.#over);
    const wanted = stays ? this.#shown
      : mine.at(-1) ?? calls.at(-1);
    const names = calls.map((story) => `${this.nameOf(story.peer)}${story.over ? ', over' : ''}`);
    if (this.#tabs.dataset.names !== `${names}`) {
      this.#tabs.dataset.names = `${names}`;
      this.#tabs.replaceChildren(...calls.map((story, i) => {
        const button = make('button', '', names[i]);
        button.type = 'button';
        button.dataset.number = story.number;
        button.onclick = () => {
          this.#over = story.over ? story : undefined;
          this.#show(story);
        };
        return button;
      }));
      this.#tabs.hidden = calls.length < 2;
    }
    if (wanted !== this.#shown) this.#show(wanted);
  }

  #show(story) {
    this.#shown = story;
    this.#clear();
    this.#explained.close();
    this.#drawSoon();
  }

  #clear() {
    this.#elements.clear();
    this.#open.clear();
    this.#list.replaceChildren();
  }

  // ---- drawing

  #drawSoon() {
    const draw = () => {
      this.#due = undefined;
      this.#draw();
    };
    // A page behind others gets no frames.
    this.#due ??= document.hidden ? setTimeout(draw, 250) : requestAnimationFrame(draw);
  }

  #draw() {
    const story = this.#shown;
    for (const tab of this.#tabs.children) {
      tab.setAttribute('aria-pressed', String(Number(tab.dataset.number) === story?.number));
    }
    if (!story) return;
    const box = this.#scroll;
    const follows = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    this.#name.textContent = this.whose();
    this.#heads.replaceChildren(make('span', '', capital(this.nameOf(story.peer))), make('span', '', 'duet'));
    this.#status.textContent = story.late ? 'You came when the call was going on: this is how it stood, ' +
      'and what happens since. With this panel open, the next call is shown from its beginning.' : '';
    this.#drawRungs(story);
    this.#drawPhases(story);
    if (follows && !this.#explained.number) box.scrollTop = box.scrollHeight;
  }

  // Elements are kept while their rung stays as it was: what has the focus keeps it.
  #drawRungs(story) {
    const rungs = this.#visible(story);
    let before, place = null;
    const keep = new Set();
    for (const rung of rungs) {
      let known = this.#elements.get(rung.key);
      const same = known && (rung.grouped ? known.rung?.grouped === rung.grouped
        : known.rung === rung && !story.dirty.has(rung));
      if (!same) known = this.#redraw(rung, known);
      keep.add(rung.key);
      this.#space(known.element, rung, before, story);
      const next = place ? place.nextSibling : this.#list.firstChild;
      if (next !== known.element) this.#list.insertBefore(known.element, next);
      place = known.element;
      before = rung;
    }
    for (const [key, { element }] of this.#elements) {
      if (keep.has(key)) continue;
      element.remove();
      this.#elements.delete(key);
    }
    story.dirty.clear();
    if (!this.#list.querySelector('[tabindex="0"]')) {
      this.#list.querySelector('button')?.setAttribute('tabindex', '0');
    }
  }

  #redraw(rung, known) {
    const focused = known?.element.contains(document.activeElement)
      ? [...known.element.querySelectorAll('button')].indexOf(document.activeElement) : -1;
    const element = this.#rung(rung);
    known?.element.replaceWith(element);
    const made = { element, rung };
    this.#elements.set(rung.key, made);
    if (focused >= 0) element.querySelectorAll('button')[focused]?.focus();
    return made;
  }

  // The rungs that are shown at this zoom, folds opened where they are open.
  #visible(story) {
    const rungs = ZOOMS[this.#zoom] === 'phases' ? byPhase(story.rungs) : story.rungs;
    const list = [];
    const add = (rung, depth) => {
      const alone = rung.kind === 'fold' && !rung.grouped && rung.parts.length === 1 &&
        rung.parts[0].kind === 'message';
      const shown = alone ? rung.parts[0] : rung;
      shown.depth = depth;
      list.push(shown);
      if (shown.kind === 'fold' && this.#open.has(shown.key)) {
        for (const part of shown.parts) add(part, depth + 1);
      }
    };
    for (const rung of rungs) add(rung, 0);
    return list;
  }

  // The pause before a rung: to scale, or only told.
  #space(element, rung, before, story) {
    const scale = ZOOMS[this.#zoom];
    const pause = before ? Math.max(0, rung.t - endOf(before, this.#open)) : 0;
    const exact = typeof scale === 'number' ? pause * 1000 / scale * ROW_PX : 0;
    const broken = exact > GAP_MAX_PX;
    const told = pause >= GAP_TOLD_S || exact > 60;
    element.style.setProperty('--gap', `${Math.round(Math.max(Math.min(exact, GAP_MAX_PX), told ? 22 : 0))}px`);
    element.dataset.pause = told ? duration(pause) : '';
    element.classList.toggle('paused', told);
    element.classList.toggle('broken-time', broken);
    const at = moment(rung, story);
    element.querySelector('time').textContent = before && at === moment(before, story) ? '' : at;
  }

  #rung(rung) {
    const item = make('li', `rung ${rung.kind} ${rung.layer}`);
    item.style.setProperty('--depth', rung.depth ?? 0);
    const lane = make('div', 'lane');
    if (rung.kind === 'message') lane.append(this.#arrow(rung));
    if (rung.kind === 'fold') lane.append(this.#fold(rung));
    if (rung.counted) lane.append(make('p', 'counted', countedText(rung.counted, rung.until - rung.t)));
    item.append(make('time'), lane);
    if (rung.notes.length) {
      item.append(make('ul', 'notes', ...rung.notes.map((note) => make('li', note.layer, this.#note(note, rung)))));
    }
    return item;
  }

  #arrow(rung) {
    const named = rung.payload && this.payloadName(this.#shown.peer, Number(rung.payload));
    const title = named ? `First ${named} packet` : rung.title;
    const way = rung.toUs ? 'to duet' : 'from duet';
    const arrow = make(rung.number ? 'button' : 'div', `arrow ${rung.toUs ? 'to-us' : 'from-us'}`,
      make('span', 'words', make('b', '', title), ' ', make('small', '', rung.detail)),
      make('span', 'shaft'));
    if (rung.fault) arrow.classList.add('dropped');
    if (!rung.number) return arrow;
    arrow.type = 'button';
    arrow.tabIndex = -1;
    arrow.setAttribute('aria-label', `${title}, ${way}, ${rung.detail}`);
    arrow.onclick = () => {
      this.#choose(arrow, rung);
      if (this.#explained.number === rung.number) return;
      this.#explained.open(`${title} ${way}`, rung.number);
      this.ask(rung.number);
    };
    return arrow;
  }

  #fold(rung) {
    const isOpen = this.#open.has(rung.key);
    const { title, detail } = foldText(rung);
    const button = make('button', 'folded', make('span', 'sign', isOpen ? '▾' : '▸'),
      make('span', 'words', make('b', '', title), ' ', make('small', '', detail)));
    button.type = 'button';
    button.tabIndex = -1;
    button.setAttribute('aria-expanded', String(isOpen));
    button.onclick = () => this.#toggle(rung, !isOpen);
    return button;
  }

  #toggle(rung, open) {
    if (open) this.#open.add(rung.key);
    else this.#open.delete(rung.key);
    this.#elements.get(rung.key).rung = undefined; // to be drawn again
    this.#draw();
  }

  #note(note, rung) {
    const content = [make('b', '', note.title), ' ', make('span', '', note.detail ?? '')];
    if (!note.rule && !note.more) return make('p', `note ${note.tone}`, ...content);
    const button = make('button', `note ${note.tone}`, ...content);
    button.type = 'button';
    button.tabIndex = -1;
    button.onclick = () => {
      this.#choose(button, rung);
      const rows = [['decided', note.detail, note.rule]];
      for (const other of note.more ?? []) {
        rows.push([`not ${other.local} → ${other.remote}`,
          `${other.localType} to ${other.remoteType}, ${other.state}, ` +
          `${other.requestsSent} request${other.requestsSent === 1 ? '' : 's'} sent`, other.why]);
      }
      this.#explained.tell(note.title, note.more?.length
        ? `Chosen over ${note.more.length} other${note.more.length > 1 ? 's' : ''}` : '', rows);
    };
    return button;
  }

  #choose(button) {
    this.#list.querySelector('.chosen')?.classList.remove('chosen');
    button.classList.add('chosen');
    this.#from = button;
    button.focus({ preventScroll: true }); // not every browser does so on a click
    this.element.classList.add('opening');
    requestAnimationFrame(() => button.scrollIntoView({ block: 'nearest' }));
  }

  // How long each phase took, as parts of a line.
  #drawPhases(story) {
    const { begun, late, marks: { checks, path, secure, media } } = story;
    const ends = { signaling: checks, checks: path, handshake: secure, media };
    const steps = late || begun === undefined ? [] : PHASES.filter((name) => ends[name] !== undefined);
    const texts = [];
    let from = begun;
    for (const name of steps) {
      texts.push([name, Math.max(0, ends[name] - from)]);
      from = Math.max(from, ends[name]);
    }
    const told = texts.map(([name, time]) => `${name} ${duration(time)}`).join();
    this.#phases.hidden = !texts.length;
    if (this.#phases.dataset.told === told) return;
    this.#phases.dataset.told = told;
        this.#phases.replaceChildren(...texts.map(([name, time]) => {
      const item = make('li', name, make('b', '', PHASE_NAMES[name]), ' ',
        make('span', '', duration(time)));
      item.style.flexGrow = Math.max(1, Math.round(time * 1000));
      return item;
    }));
  }

  // ---- zoom

  zoom(by, around = this.#scroll.getBoundingClientRect().top + this.#scroll.clientHeight / 3) {
    const next = Math.min(ZOOMS.length - 1, Math.max(0, this.#zoom + by));
    if (next === this.#zoom) return;
    const anchor = [...this.#list.children].find((item) =>
      item.querySelector('.lane').getBoundingClientRect().bottom >= around);
    const top = anchor?.querySelector('.lane').getBoundingClientRect().top;
    const focused = [...this.#elements.values()]
      .find(({ element }) => element.contains(document.activeElement));
    this.#zoom = next;
    this.#drawScale();
    this.#draw();
    if (focused && !focused.element.isConnected) this.#focusAt(focused.rung.t);
    if (anchor?.isConnected) {
      this.#scroll.scrollTop += anchor.querySelector('.lane').getBoundingClientRect().top - top;
    }
  }

  // The first that can have the focus, from a time on.
  #focusAt(t) {
    for (const { element, rung } of this.#elements.values()) {
      const button = rung.t >= t && element.querySelector('button');
      if (button) return button.focus({ preventScroll: true });
    }
  }

  #drawScale() {
    const zoom = ZOOMS[this.#zoom];
    this.#scale.textContent = zoom === 'phases' ? 'phases' : zoom === 'order' ? 'in order'
      : `${zoom} ms a step`;
    this.element.classList.toggle('to-scale', typeof zoom === 'number');
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.altKey) return; // else it scrolls; a pinch on a pad has ctrlKey
    event.preventDefault();
    this.turned = (this.turned ?? 0) + event.deltaY;
    if (Math.abs(this.turned) < 40) return;
    this.zoom(this.turned < 0 ? 1 : -1, event.clientY);
    this.turned = 0;
  }

  // Two fingers apart: closer.
  #pointer(event) {
    if (event.pointerType !== 'touch') return;
    if (event.type === 'pointerup' || event.type === 'pointercancel') {
      this.#pinch.delete(event.pointerId);
      this.pinched = undefined;
      return;
    }
    this.#pinch.set(event.pointerId, event);
    if (this.#pinch.size !== 2) return;
    const [a, b] = [...this.#pinch.values()];
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    this.pinched ??= apart;
    if (apart > 1.3 * this.pinched || apart < this.pinched / 1.3) {
      this.zoom(apart > this.pinched ? 1 : -1, (a.clientY + b.clientY) / 2);
      this.pinched = apart;
    }
  }

  // ---- keyboard: one stop for Tab, arrows inside

  #rove(target) {
    if (target.tagName !== 'BUTTON') return;
    this.#list.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    target.tabIndex = 0;
  }

  #key(event) {
    const buttons = [...this.#list.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (go !== undefined) {
      buttons[Math.min(buttons.length - 1, Math.max(0, go))]?.focus();
    } else if (event.key === '+' || event.key === '=' || event.key === '-') {
      this.zoom(event.key === '-' ? -1 : 1, buttons[at]?.getBoundingClientRect().top);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const wanted = String(event.key === 'ArrowLeft');
      if (buttons[at]?.getAttribute('aria-expanded') === wanted) buttons[at].click();
    } else {
      return;
    }
    event.preventDefault();
  }

  #button(sign, label, run) {
    const button = make('button', '', sign);
    button.type = 'button';
    button.title = label;
    button.setAttribute('aria-label', label);
    button.onclick = run;
    return button;
  }
}

// When it was, counted from the call's beginning.
function moment(rung, story) {
  return rung.t <= story.begun ? '0' : duration(rung.t - story.begun);
}

function endOf(rung, open) {
  return rung.kind === 'fold' && !open.has(rung.key) ? rung.until ?? rung.t : rung.t;
}

// Neighbours of one phase, as one fold, with what came of it.
function byPhase(rungs) {
  const groups = [];
  for (const rung of rungs) {
    let group = groups.at(-1);
    if (group?.phase !== rung.phase) {
      group = { kind: 'fold', grouped: 'yes', key: `phase ${rung.key}`, t: rung.t, layer: rung.phase,
        phase: rung.phase, parts: [], notes: [] };
      groups.push(group);
    }
    group.parts.push(rung);
    for (const note of rung.notes) {
      if (['plain', 'busy'].includes(note.tone)) continue;
      (groups.findLast(({ phase }) => phase === note.layer) ?? group).notes.push(note);
    }
    group.until = Math.max(group.until ?? 0, rung.until ?? rung.t);
  }
  // What tells whether one is as it was when it was last drawn.
  for (const group of groups) {
    group.grouped = `${group.parts.length} ${group.notes.length} ${group.until}`;
  }
  return groups;
}

function foldText(rung) {
  const time = duration(rung.until - rung.t);
  if (rung.grouped) {
    const messages = rung.parts.reduce((sum, part) => sum + (part.kind === 'message' ? 1
      : part.checks ?? 0), 0);
    return { title: PHASE_NAMES[rung.phase],
      detail: `${messages} message${messages === 1 ? '' : 's'}, ${time}` };
  }
  const { checks, toUs, fromUs } = rung;
  const media = toUs.packets + fromUs.packets > 0;
  const title = [media && 'Media', checks && `${media ? 'checks' : 'Checks again'} ×${checks}`]
    .filter(Boolean).join(' and ');
  return { title, detail: media ? countedText({ toUs, fromUs }, rung.until - rung.t) : time === '0 ms' ? '' : `within ${time}` };
}

function countedText({ toUs, fromUs }, seconds) {
  return `${number(toUs.packets)} packets to duet, ${number(fromUs.packets)} from it, ` +
    `${bytes(toUs.bytes + fromUs.bytes)}, ${duration(seconds)}`;
}

function bytes(count) {
  return count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
