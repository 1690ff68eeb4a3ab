// Tells a handheld scanner, which types, from a person who types.
// A burst: keys less than 60 ms apart, six or more, ended by Enter. It is taken out of
// whatever had the focus; it never presses, chooses or writes anything.

const GAP_MS = 60;
const LEAST = 6;
// A scanner by radio may pause in the middle of a code. What was begun outside of a
// field goes on after so long; nobody types three such quick keys there by hand.
const PAUSE_MS = 1000;
const BEGUN = 3;
// Longer than a busy browser may keep the second key of a burst back.
const ALONE_MS = 150;
const WRITING = 'input:not([type="radio"], [type="checkbox"], [type="file"]), textarea';

export class Wedge {
  /**
   * @param {(text: string) => void} onScan a whole burst
   * @param {(event: {key: string, target: Element}) => void} onKey a printable key that
   *     a person pressed outside of a field
   * @param {() => void} onMistake that key was the first of a burst after all
   * @param {(field: Element) => void} onEnter a person pressed Enter in a field
   */
  constructor(onScan, onKey, onMistake, onEnter) {
    Object.assign(this, { onScan, onKey, onMistake, onEnter });
    this.told = false;
    this.text = "";
    this.last = -Infinity;
    this.before = null;
    this.waiting = null;
    document.addEventListener("keydown", (event) => this.down(event), true);
    // Some browsers press a button when the blank is let go, not when it goes down.
    document.addEventListener("keyup", (event) => this.up(event), true);
  }

  down(event) {
    const { key, target } = event;
    if (key === "Shift" || key === "CapsLock") return;
    // When the key went down, not when a busy page came to hear of it.
    const now = event.timeStamp;
    const quick = now - this.last < (this.begun() ? PAUSE_MS : GAP_MS);
    if (key === "Enter" && !event.ctrlKey) {
      this.enter(event, quick);
      return;
    }
    if (key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) {
      // Another key begins: the one before it stood alone, and counts before it.
      this.hurry();
      this.forget();
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = null;
    if (!quick) this.begin(target, key);
    this.text += key;
    this.last = now;
    if (this.field) return;
    event.preventDefault();
    event.stopPropagation();
    this.target = target;
    this.waiting = setTimeout(() => this.pressed(target), ALONE_MS);
  }

  begun() {
    return !this.field && this.text.length >= BEGUN;
  }

  hurry() {
    if (this.waiting === null) return;
    clearTimeout(this.waiting);
    this.pressed(this.target);
  }

  up(event) {
    if (event.key === " " && !event.target.matches(WRITING)) event.preventDefault();
  }

  begin(target, key) {
    this.text = "";
    this.told = false;
    // The first key of an empty reason that also chooses an action does that.
    const chooses = target.dataset?.choices?.includes(key) && !target.value;
    this.field = target.matches?.(WRITING) && !chooses ? target : null;
    this.before = this.field?.value;
  }

  enter(event, quick) {
    const burst = quick && this.text.length >= LEAST;
    if (!burst) this.hurry();
    // Part of a burst, or Enter in a field: neither may send a form or press a button.
    const idle = event.target.matches?.("a, button, summary, select") && !quick;
    if (!idle || event.target.closest?.("[data-confirm]")) event.preventDefault();
    if (quick) event.stopPropagation();
    const { text } = this;
    // A piece of a burst that was held up sends nothing.
    const person = !quick || text.length < 2;
    if (person && event.target.matches?.(WRITING)) this.onEnter(event.target);
    if (burst && this.field) this.field.value = this.before;
    if (burst && this.told) this.onMistake();
    this.forget();
    if (burst) this.onScan(text);
  }

  pressed(target) {
    this.waiting = null;
    if (this.text.length !== 1) return;
    this.told = true;
    this.onKey({ key: this.text, target });
  }

  forget() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.text = "";
    this.last = -Infinity;
  }
}
