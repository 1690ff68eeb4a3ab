// The sounds of a gate. High and short: go on. Three and two low pulses: stop.
// One sound at a time: a new one cuts the old, and a hold cuts everything.

const RISE_S = 0.015;
const FALL_S = 0.025;

const even = (notes, pulse, gap) => notes.map((hz) => ({ hz, pulse, gap }));
const hold = (first, second) => ({
  wave: "sawtooth",
  level: 1,
  notes: [...even(first.slice(0, 2), 150, 100), { hz: first[2], pulse: 150, gap: 350 }, ...even(second, 150, 100)],
});

export const SOUNDS = {
  ACCEPTED: { wave: "triangle", level: 0.6, notes: even([1568], 90, 0) },
  BATCH: { wave: "triangle", level: 0.6, notes: even([1568, 1568], 60, 50) },
  REPEATED: { wave: "square", level: 0.35, lowpass: 2000, notes: even([392, 392], 70, 70) },
  UNREAD: { wave: "sawtooth", level: 0.5, notes: even([587, 740], 120, 100) },
  FOREIGN: { wave: "sine", level: 0.12, notes: even([523], 40, 0) },
  MISROUTED: hold([784, 587, 784], [587, 587]),
  UNEXPECTED: hold([587, 587, 587], [784, 784]),
  OUT_OF_SEQUENCE: hold([784, 698, 659], [587, 523]),
  SUPERSEDED: hold([784, 784, 784], [587, 587]),
  UNKNOWN: hold([784, 554, 784], [784, 554]),
  // A scan that could not be recorded must never resemble success.
  FAILED: { wave: "sawtooth", level: 1, notes: even([294, 294, 220], 200, 100) },
  acknowledged: { wave: "triangle", level: 0.4, notes: even([988], 60, 100) },
  complete: { wave: "triangle", level: 0.6, notes: even([523, 659, 784, 1047], 100, 40) },
  camera: { wave: "sawtooth", level: 0.7, notes: even([660, 330], 200, 100) },
};

const HOLD_EVERY_MS = 2500;
const LEAST_APART_MS = { REPEATED: 2000, FOREIGN: 5000 };
const BATCH_MS = 300;
const MUTE_MS = 30_000;

export class Sound {
  constructor() {
    /** Called when it can or cannot be heard any more. */
    this.onChange = () => {};
    this.context = new AudioContext();
    this.context.onstatechange = () => this.onChange();
    this.voice = null;
    this.held = null;
    this.timer = null;
    this.mutedUntil = 0;
    this.played = new Map();
    this.batched = 0;
    this.count = 0;
  }

  get running() {
    return this.context.state === "running";
  }

  get muteLeft() {
    return Math.max(0, Math.ceil((this.mutedUntil - performance.now()) / 1000));
  }

  async unlock() {
    await this.context.resume();
  }

  mute() {
    this.mutedUntil = performance.now() + MUTE_MS;
    this.stop();
  }

  /** Play once; while the gate is held nothing but the hold is heard. */
  play(name) {
    if (this.held || performance.now() < this.mutedUntil) return 0;
    const now = performance.now();
    if (now - (this.played.get(name) ?? -Infinity) < (LEAST_APART_MS[name] ?? 0)) return 0;
    this.played.set(name, now);
    return this.sound(name);
  }

  /** n scans were accepted at once, or one more within 300 ms of the last. */
  accepted(n) {
    const now = performance.now();
    const last = this.played.get("ACCEPTED") ?? -Infinity;
    if (n === 1 && now - last >= BATCH_MS) {
      this.play("ACCEPTED");
      return;
    }
    if (now - this.batched < BATCH_MS) return;
    this.batched = now;
    this.played.set("ACCEPTED", now);
    this.play("BATCH");
  }

  /** Sound the melody of this hold until it is over (null). */
  hold(seq, verdict) {
    const key = seq ? `${seq}` : null;
    if (key === this.held) return;
    clearInterval(this.timer);
    this.held = key;
    if (!key) {
      this.stop();
      return;
    }
    const repeat = () => {
      if (performance.now() >= this.mutedUntil) this.sound(verdict);
    };
    // A new hold is a new danger: an old mute does not cover it.
    this.mutedUntil = 0;
    repeat();
    this.timer = setInterval(repeat, HOLD_EVERY_MS);
  }

  /** Accepted, then one hold: what a shift begins with. */
  async test() {
    await this.unlock();
    const first = this.sound("ACCEPTED");
    await new Promise((resolve) => setTimeout(resolve, first + 500));
    await new Promise((resolve) => setTimeout(resolve, this.sound("MISROUTED")));
  }

  stop() {
    this.voice?.disconnect();
    this.voice = null;
  }

  sound(name) {
    const { wave, level, lowpass, notes } = SOUNDS[name];
    const length = notes.reduce((sum, { pulse, gap }) => sum + pulse + gap, 0);
    this.count += 1;
    // What was last meant to be heard: for tests, and for whoever looks into a page.
    document.documentElement.dataset.sound = `${name} ${this.count}`;
    if (!this.running) return length;
    this.stop();
    const out = this.context.createGain();
    this.voice = out;
    let into = out;
    if (lowpass) {
      into = this.context.createBiquadFilter();
      into.frequency.value = lowpass;
      into.connect(out);
    }
    out.connect(this.context.destination);
    let at = this.context.currentTime + 0.005;
    for (const { hz, pulse, gap } of notes) {
      const tone = this.context.createOscillator();
      const envelope = this.context.createGain();
      const end = at + pulse / 1000;
      tone.type = wave;
      tone.frequency.value = hz;
      envelope.gain.setValueAtTime(0, at);
      envelope.gain.linearRampToValueAtTime(level, at + RISE_S);
      envelope.gain.setValueAtTime(level, end - FALL_S);
      envelope.gain.linearRampToValueAtTime(0, end);
      tone.connect(envelope).connect(into);
      tone.start(at);
      tone.stop(end);
      at = end + gap / 1000;
    }
    return length;
  }
}
