// The help for setting a camera up, below its picture: what is measured, and what helps.

import { by } from "./talk.js";

const FRESH_MS = 1500;
const SETTLED_MS = 5000;
const MARKS = { good: "✓", fair: "!", bad: "■" };

const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const set = (id, text) => {
  if (by(id).textContent !== text) by(id).textContent = text;
};

/** Camera -> what its newest picture said, and when. */
const cameras = new Map();
let byItself = false;
let refused = false;
let countedBefore = "";
let closing = null;

export const isOpen = () => !by("setup").hidden;

export function open() {
  byItself = false;
  clearTimeout(closing);
  show(true);
}

/** Opened by what happened, so that it also goes by itself. */
function openByItself() {
  if (isOpen() || refused) return;
  byItself = true;
  countedBefore = by("count").dataset.counted;
  show(true);
}

export function close() {
  refused = true;
  clearTimeout(closing);
  show(false);
}

function show(on) {
  by("setup").hidden = !on;
  by("side").classList.toggle("setting-up", on);
  if (on) draw();
}

/** Time goes by: pictures may have stopped. */
export function tick() {
  if (isOpen() && !chosen()) dark();
}

/** The shift begins: now is the time to try the camera. */
export function begin() {
  refused = false;
  // Without a camera there is nothing to try, and the count is what matters.
  if (!document.querySelector("[data-camera]")) return;
  openByItself();
}

/** Boxes come: their count is more important than a help that nobody asked for. */
export function swapped() {
  if (isOpen() && byItself && by("count").dataset.counted !== countedBefore) show(false);
  if (isOpen()) draw();
}

/** A picture came, with what was measured in it. */
export function seen(sight) {
  if (!sight) return;
  const before = cameras.get(sight.camera)?.sight.tried;
  cameras.set(sight.camera, { sight, at: performance.now() });
  const [, , ended, good] = sight.tried ?? [];
  if (sight.tried && !ended) {
    if (!before || before[2]) refused = false;
    openByItself();
  } else if (good && before && !before[2] && byItself) {
    clearTimeout(closing);
    closing = setTimeout(() => byItself && show(false), SETTLED_MS);
  }
  if (isOpen()) draw();
}

/** The camera that sees a label best; of several, whoever sets up stands before one. */
function chosen() {
  const now = performance.now();
  const size = ({ sight }) => sight.gauges[0][1] ?? -1;
  return [...cameras.values()]
    .filter(({ at }) => now - at < FRESH_MS)
    .sort((one, other) => size(other) - size(one))[0]?.sight;
}

function draw() {
  const sight = chosen();
  if (!sight) return dark();
  by("setup").dataset.advice = sight.advice;
  const name = cameras.size > 1 ? `${sight.camera}: ` : "";
  set("advice", name + JSON.parse(by("advice").dataset.words)[sight.advice]);
  set("advice-how", JSON.parse(by("advice-how").dataset.words)[sight.advice]);
  for (const gauge of sight.gauges) row(...gauge);
  far(sight.far_m);
  tried(sight.tried);
}

/** No camera gives pictures: nothing of what was measured is true any more. */
function dark() {
  by("setup").dataset.advice = "none";
  set("advice", by("advice").dataset.none);
  set("advice-how", "");
  set("far", "");
  for (const { dataset } of by("setup").querySelectorAll("[data-gauge]")) {
    row(dataset.gauge, null, "none", 0);
  }
  tried(null);
}

function row(gauge, value, grade, share) {
  const line = by("setup").querySelector(`[data-gauge="${gauge}"]`);
  const told = line.querySelector(".grade");
  const known = value !== null;
  line.dataset.grade = known ? grade : "none";
  line.querySelector("[data-value]").textContent = known ? number.format(value) : "–";
  line.querySelector("rect").setAttribute("width", 99 * share);
  told.textContent = known ? `${MARKS[grade]} ${JSON.parse(told.dataset.words)[grade]}` : "";
}

function far([now, fine, most]) {
  const { now: near, limits } = by("far").dataset;
  const facts = { n: number.format(now), fine: number.format(fine), most: number.format(most) };
  set("far", `${now ? fill(near, facts) : ""}${fill(limits, facts)}`);
}

function tried(count) {
  const [read, frames, ended, good] = count ?? [];
  const { shift, tried: done } = by("on-shift").dataset;
  let state = "idle";
  if (count) state = !ended ? "running" : good ? "good" : "bad";
  else if (done === "yes") state = "done";
  else if (shift) state = "wanted";
  by("tried").dataset.state = state;
  set("tried", fill(by("tried").dataset[state], { read, frames }));
}
