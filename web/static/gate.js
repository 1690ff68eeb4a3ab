// The screen at a gate. It shows what the ledger holds and sounds only after that.

import { stationNow } from "./page.js";
import { Preview } from "./preview.js";
import { Sound } from "./sound.js";
import { Wedge } from "./wedge.js";

const { base } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words);
const token = document.querySelector('meta[name="csrf-token"]').content;
const by = (id) => document.getElementById(id);

const SHOWN_MS = 3000;
const POLL_MS = 5000;
const DEAD_MS = 6000;
const ANSWER_MS = 10_000;
const UNREAD_TIMES = 4;
const UNREAD_EVERY_MS = 3000;
const CAMERA_EVERY_MS = 10_000;
const REGIONS = ["open", "cameras", "alarms", "panel", "foreign", "count", "recent", "foot"];

const sound = new Sound(() => chips());
const preview = new Preview(by("canvas"), `${base}/frame.jpg`, words, seen, alive);
new Wedge((text) => scan(text, "handheld"), key, unchoose);

let aliveAt = performance.now();
let shownUntil = performance.now() + Number(by("panel").dataset.left);
let newest = scans(by("panel")).reduce((most, [seq]) => Math.max(most, seq), -1);
let unread = { inView: 0, since: 0, times: 0, soundAt: 0 };
let foreignUntil = 0;
let cameraSoundAt = -Infinity;
let look = "";
let listing = "";
const html = new Map();

// --- talking to the station ---------------------------------------------------

function alive() {
  aliveAt = performance.now();
}

async function get(path) {
  const answer = await fetch(`${base}/${path}`, {
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  alive();
  return answer.text();
}

/** Sends a form; a refusal is shown and sounds like what it is, never like success. */
async function post(path, form) {
  try {
    const answer = await fetch(`${base}/${path}`, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: form,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const told = await answer.json();
    if (answer.ok) return told;
    return fail(told.error);
  } catch {
    return fail(by("lost").dataset.failed);
  } finally {
    await refresh();
  }
}

function fail(sentence) {
  trouble(sentence);
  sound.play("FAILED");
  return null;
}

function trouble(sentence, link = "") {
  by("trouble-text").textContent = sentence;
  by("trouble-link").hidden = !link;
  if (link) by("trouble-link").href = link;
  by("trouble").hidden = false;
}

function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

// One scan after the other, in the order in which they were made.
let queue = Promise.resolve();
function scan(text, source) {
  queue = queue.then(async () => {
    const told = await post("scan", form({ text, source }));
    if (told?.message) trouble(told.message, told.link);
    else if (told) by("trouble").hidden = true;
    return told;
  });
  return queue;
}

// --- the panel ----------------------------------------------------------------

let asking = false;
let again = false;
async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    do {
      again = false;
      swap(await get("panel"));
    } while (again);
  } catch {
    // The bar "lost" appears by itself when no answer came for some time.
  } finally {
    asking = false;
  }
}

function swap(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("panel");
  if (Number(next.dataset.rev) < Number(by("panel").dataset.rev)) {
    // A ledger never shrinks: another station answers here now.
    location.reload();
    return;
  }
  const before = { hold: by("panel").dataset.hold, ...by("count").dataset };
  for (const id of REGIONS) {
    const region = page.getElementById(id);
    // A hold stays as it is: somebody may be writing its reason.
    if (id === "panel" && before.hold && region.dataset.hold === before.hold) {
      by("panel").dataset.rev = region.dataset.rev;
      continue;
    }
    if (html.get(id) === region.outerHTML) continue;
    html.set(id, region.outerHTML);
    replace(by(id), document.importNode(region, true));
  }
  footing();
  dress();
  settle(before, next);
}

/** A hold's buttons are there whatever else is open at the foot. */
function footing() {
  by("foot").hidden = !by("hold") && (typing() || asked());
}

function replace(old, region) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const path = focused?.id || focused?.dataset.act;
  old.replaceWith(region);
  if (path) (by(path) ?? region.querySelector(`[data-act="${path}"]`))?.focus();
}

function scans(panel) {
  return panel.dataset.scans
    .trim()
    .split(" ")
    .filter(Boolean)
    .map((text) => text.split(":"))
    .map(([seq, verdict]) => [Number(seq), verdict]);
}

/** Sounds what is new, once the browser has painted it. */
function settle(before, next) {
  const fresh = scans(next).filter(([seq]) => seq > newest);
  newest = fresh.reduce((most, [seq]) => Math.max(most, seq), newest);
  const shown = fresh.findLast(([, verdict]) => verdict === "ACCEPTED" || verdict === "REPEATED");
  if (shown) shownUntil = performance.now() + SHOWN_MS;
  show();
  batch(before);
  if (listing) list(listing);
  // Also when all seats are taken: then the stream ends at once and asks again.
stream.onerror = () => refresh();

const { hold, holdVerdict } = by("panel").dataset;
  const ended = before.hold && !hold;
  requestAnimationFrame(() =>
    setTimeout(() => {
      sound.hold(hold, holdVerdict);
      if (hold) return;
      if (ended) sound.play("acknowledged");
      heard(fresh, before);
    }, 0),
  );
}

function heard(fresh, before) {
  const count = by("count").dataset;
  const accepted = fresh.filter(([, verdict]) => verdict === "ACCEPTED").length;
  const done = count.load === before.load && before.missing > 0 && count.missing === "0";
  if (done) sound.play("complete");
  else if (accepted) sound.accepted(accepted);
  else if (fresh.some(([, verdict]) => verdict === "REPEATED")) sound.play("REPEATED");
}

let batchTimer = null;
let batchSum = 0;
function batch(before) {
  const count = by("count").dataset;
  const more = count.load && count.load === before.load ? count.counted - before.counted : 0;
  if (more > 1) {
    batchSum = more;
    clearTimeout(batchTimer);
    batchTimer = setTimeout(() => {
      batchSum = 0;
      if (by("batch")) by("batch").hidden = true;
    }, SHOWN_MS);
  }
  if (by("batch") && batchSum) {
    by("batch").textContent = `+${batchSum}`;
    by("batch").hidden = false;
  }
}

/** Which of the states is on the panel: hold, else closer, else the last, else ready. */
function show() {
  if (by("hold")) return;
  const now = performance.now();
  const state = unread.inView ? "unread" : by("last") && now < shownUntil ? "last" : "ready";
  for (const id of ["unread", "last", "ready"]) if (by(id)) by(id).hidden = id !== state;
}

// --- what the camera sees --------------------------------------------------------

function seen({ verdicts, look: item }) {
  const now = performance.now();
  by("dark").hidden = true;
  unread.inView = verdicts.filter((verdict) => verdict === "UNREAD").length;
  if (!unread.inView) unread = { inView: 0, times: 0, soundAt: unread.soundAt };
  else if (now - unread.soundAt >= UNREAD_EVERY_MS && unread.times < UNREAD_TIMES) {
    unread.times += 1;
    unread.soundAt = now;
    sound.play("UNREAD");
  }
  if (verdicts.includes("FOREIGN")) {
    if (now > foreignUntil) refresh();
    foreignUntil = now + SHOWN_MS;
    sound.play("FOREIGN");
  }
  if (item !== look) {
    look = item;
    refresh();
  }
  show();
}

// --- acts and keys ------------------------------------------------------------

const typing = () => !by("typing").hidden;
const asked = () => !by("heard").hidden;

function openTyping() {
  if (by("hold")) return;
  by("typing").hidden = false;
  footing();
  by("code").focus();
}

function closeTyping() {
  by("typing").hidden = true;
  by("code").value = "";
  footing();
}

async function record() {
  const text = by("code").value.trim();
  if (!text) return;
  const told = await scan(text, "typed");
  if (told) closeTyping();
}

async function list(name) {
  listing = name;
  const page = await get(name).catch(() => null);
  if (page === null || listing !== name) return;
  const chosen = by("list").querySelector("input:checked")?.value;
  const note = by("take-off-note")?.value;
  const place = by("list").querySelector(".scroll")?.scrollTop;
  by("list").innerHTML = page;
  const kept = by("list").querySelector(`input[value="${chosen}"]`);
  if (chosen && kept) kept.checked = true;
  if (note) by("take-off-note").value = note;
  if (place) by("list").querySelector(".scroll").scrollTop = place;
  by("list").hidden = false;
  by("side").hidden = true;
  dress();
}

function closeList() {
  listing = "";
  by("list").hidden = true;
  by("side").hidden = false;
}

function toggle(name) {
  if (listing === name) closeList();
  else list(name);
}

async function start() {
  await sound.test();
  if (sessionStorage.getItem("shift") === base) return;
  by("heard").hidden = false;
  footing();
}

async function acknowledge() {
  const hold = by("hold");
  const reason = hold?.querySelector("input[name=reason]:checked");
  if (!reason) return;
  if (reason.value === "other" && !by("note").value.trim()) {
    by("note").focus();
    return;
  }
  await post("acknowledge", new FormData(hold));
}

let chosenBefore = null;
function choose(number) {
  const action = by(`action-${number}`);
  if (!action) return;
  chosenBefore = by("hold").querySelector("input[name=reason]:checked");
  action.checked = true;
  dress();
}

function unchoose() {
  for (const action of by("hold")?.querySelectorAll("input[name=reason]") ?? []) {
    action.checked = action === chosenBefore;
  }
  dress();
}

const ACTS = {
  type: openTyping,
  missing: () => toggle("kurang"),
  loaded: () => toggle("muat"),
  photo: () => by("photo").click(),
  full: () => document.documentElement.requestFullscreen?.(),
  mute: () => sound.mute(),
  start,
  "list-close": closeList,
};

function key({ key: pressed, target }) {
  if (/^[1-4]$/.test(pressed)) choose(pressed);
  if (pressed === " " && !target.closest?.("[data-confirm]")) target.click?.();
}

function escape() {
  if (!by("trouble").hidden) by("trouble").hidden = true;
  else if (typing()) closeTyping();
  else if (listing) closeList();
}

const KEYS = {
  F2: openTyping,
  F4: ACTS.missing,
  F8: ACTS.mute,
  F9: () => by("closing")?.click(),
  Escape: escape,
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    const pressed = document.activeElement.closest?.("[data-confirm]");
    if (by("hold")) acknowledge();
    else if (pressed) pressed.click();
    else if (typing()) record();
    return;
  }
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const act = ACTS[event.target.closest?.("[data-act]")?.dataset.act];
  if (act) act();
});

document.addEventListener("change", (event) => {
  if (event.target === by("photo")) upload(event.target);
  else dress();
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = event.target;
  if (sent.id === "hold") await acknowledge();
  else if (sent.id === "typing") await record();
  else if (sent.id === "heard") await answer(event.submitter.value);
  else if (sent.id === "take-off") await post("take-off", new FormData(sent, event.submitter));
});

async function answer(heardIt) {
  const told = await post("shift", form({ sound: heardIt }));
  if (!told) return;
  sessionStorage.setItem("shift", base);
  by("heard").hidden = true;
  footing();
  chips();
}

async function upload(field) {
  const [file] = field.files;
  field.value = "";
  if (file) await post("photo", form({ photo: file }));
}

by("trouble-close").addEventListener("click", () => {
  by("trouble").hidden = true;
});
by("typing-close").addEventListener("click", closeTyping);

// --- what depends on choices, and on time ------------------------------------------

function dress() {
  const chosen = by("hold")?.querySelector("input[name=reason]:checked");
  if (by("confirm")) {
    by("before").hidden = Boolean(chosen);
    by("after").hidden = !chosen;
    by("confirm").classList.toggle("ready", Boolean(chosen));
    by("note-line").hidden = chosen?.value !== "other";
  }
  const off = by("take-off")?.querySelector("input[name=reason]:checked");
  if (by("take-off-note")) by("take-off-note").hidden = off?.value !== "other";
  chips();
}

function chips() {
  const muted = sound.muteLeft > 0;
  by("sound-off").hidden = sound.running;
  by("sound-on").hidden = !sound.running || muted;
  by("sound-muted").hidden = !sound.running || !muted;
  by("mute-left").textContent = sound.muteLeft;
  if (by("start")) by("start").hidden = sound.running && sessionStorage.getItem("shift") === base;
}

function tick() {
  const now = performance.now();
  const dead = now - aliveAt > DEAD_MS;
  by("lost").hidden = !dead;
  document.body.classList.toggle("dead", dead);
  if (preview.fps() === 0) {
    by("dark").hidden = false;
    unread.inView = 0;
  }
  by("fps").textContent = preview.fps();
  by("foreign").hidden = now > foreignUntil;
  by("caption").hidden = now <= foreignUntil;
  const since = by("since");
  if (since) since.textContent = span(stationNow() - Number(since.dataset.since));
  if (document.querySelector('[data-camera="lost"]') && now - cameraSoundAt > CAMERA_EVERY_MS) {
    cameraSoundAt = now;
    sound.play("camera");
  }
  show();
  chips();
}

function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor).map(two).join(".");
}

// --- begin ----------------------------------------------------------------------------

// After a reload the first touch is enough: the shift was begun and heard already.
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => {
    if (!sound.running && sessionStorage.getItem("shift") === base) sound.unlock();
  });
}

const stream = new EventSource(`${base}/events`);
stream.onmessage = () => {
  alive();
  refresh();
};

// Also when all seats are taken: then the stream ends at once and asks again.
stream.onerror = () => refresh();

const { hold, holdVerdict } = by("panel").dataset;
sound.hold(hold, holdVerdict);
preview.start();
dress();
tick();
setInterval(tick, 200);
setInterval(refresh, POLL_MS);
document.documentElement.dataset.ready = "yes";
