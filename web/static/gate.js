// The screen at a gate. It shows what the ledger holds and sounds only after that.

import { span, stationNow } from "./page.js";
import {
  SWAPPED,
  ask,
  isAsked,
  blind,
  fail,
  over,
  refresh,
  resume,
  seen,
  show,
  sound,
  stale,
  strip,
} from "./panel.js";
import { Preview } from "./preview.js";
import * as setup from "./setup.js";
import { alive, base, by, form, get, send, silence } from "./talk.js";
import { Wedge } from "./wedge.js";

const words = JSON.parse(document.body.dataset.words);
const hints = JSON.parse(document.body.dataset.hints);
const mayWork = document.body.dataset.work === "yes";
const POLL_MS = 5000;
const DEAD_MS = 6000;
const CAMERA_EVERY_MS = 10_000;

const preview = new Preview(by("canvas"), `${base}/gambar.jpg`, words, pictured, alive);
new Wedge((text) => scan(text, "handheld"), key, unchoose, entered);

let cameraSoundAt = -Infinity;
let listing = "";

function pictured(picture) {
  seen(picture);
  setup.seen(picture.sight);
}

// --- telling the station ---------------------------------------------------------

/** Sends a form; a refusal is shown and sounds like what it is, never like success. */
async function post(path, body, failing = () => {}) {
  const told = await send(path, body);
  failing(Boolean(told.error));
  if (told.error) {
    trouble(told.error);
    sound.play("FAILED");
  }
  await refresh();
  return told.error ? null : told;
}

function trouble(sentence, link = "") {
  by("trouble-text").textContent = sentence;
  by("trouble-link").hidden = !link;
  if (link) by("trouble-link").href = link;
  by("trouble").hidden = false;
}

/** Why a key or button does nothing now, or what it waits for. */
const hint = (why) => trouble(hints[why]);

// One scan after the other, in the order in which they were made.
let queue = Promise.resolve();
function scan(text, source) {
  queue = queue.then(() => scanned("pindai", form({ text, source })));
  return queue;
}

/** Sends what was scanned; what is not recorded never stands beside an older green. */
async function scanned(path, body) {
  const told = await post(path, body, fail);
  if (told?.message) {
    over();
    trouble(told.message, told.link);
  } else if (told) by("trouble").hidden = true;
  return told;
}

// --- acts and keys ------------------------------------------------------------

const typing = () => !by("typing").hidden;

/** A hold's buttons are there whatever else is open at the foot. */
function footing() {
  by("foot").hidden = !by("hold") && typing();
}

document.addEventListener(SWAPPED, () => {
  footing();
  dress();
  setup.swapped();
  if (listing) list(listing);
});

function openTyping() {
  if (!mayWork) return hint("role");
  if (by("hold")) return hint("held");
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
  if (!text) {
    hint("code");
    by("code").focus();
    return;
  }
  const told = await scan(text, "typed");
  if (told) closeTyping();
}

async function list(name) {
  listing = name;
  const page = await get(name).catch(() => null);
  if (page === null || listing !== name) return;
  const chosen = [...by("list").querySelectorAll("input:checked")].map(({ value }) => value);
  const note = by("take-off-note")?.value;
  const place = by("list").querySelector(".scroll")?.scrollTop;
  by("list").innerHTML = page;
  for (const field of by("list").querySelectorAll("input[type=radio]")) {
    field.checked = chosen.includes(field.value);
  }
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

function openSetup() {
  closeList();
  setup.open();
}

function toggle(name) {
  if (listing === name) closeList();
  else list(name);
}

/** What was said of the sound in this tab, of each gate its own. */
const HEARD = `heard:${base}`;

/** This person has the shift here, and said in this tab whether the sound was heard. */
const begun = () => sessionStorage.getItem(HEARD) !== null && by("on-shift").dataset.mine === "yes";
const unheard = () => begun() && sessionStorage.getItem(HEARD) === "no";

async function start() {
  if (!begun() || unheard()) {
    by("step").hidden = begun();
    // At once: who waits for the end of the sound goes away, and nothing has begun.
    ask(true);
  }
  await sound.test();
}

/** A reason has letters: a lone digit is a key that was meant to choose. */
const worded = (field) => /\p{L}/u.test(field.value);

async function acknowledge() {
  const hold = by("hold");
  const reason = hold?.querySelector("input[name=reason]:checked");
  if (!mayWork) return hint("role");
  if (!reason) return hint("choose");
  if (reason.value === "other" && !worded(by("note"))) {
    hint("write");
    by("note").focus();
    return;
  }
  by("trouble").hidden = true;
  await post("selesaikan", new FormData(hold));
}

let chosenBefore = null;
function choose(number) {
  const action = by(`action-${number}`);
  if (!action) return;
  chosenBefore = by("hold").querySelector("input[name=reason]:checked");
  action.checked = true;
  dress();
  // What is typed next is the reason; without the focus it would be lost.
  if (action.value === "other") by("note").focus();
}

function unchoose() {
  for (const action of by("hold")?.querySelectorAll("input[name=reason]") ?? []) {
    action.checked = action === chosenBefore;
  }
  if (document.activeElement === by("note")) by("note").blur();
  dress();
}

const ACTS = {
  type: openTyping,
  missing: () => toggle("kurang"),
  loaded: () => toggle("muat"),
  photo: choosePhoto,
  setup: openSetup,
  "setup-close": setup.close,
  full: () => document.documentElement.requestFullscreen?.(),
  mute,
  start,
  "list-close": closeList,
  "typing-close": closeTyping,
  "trouble-close": closeTrouble,
  "heard-close": () => ask(false),
};

function mute() {
  sound.mute();
  if (!sound.running) hint("silent");
}

function close() {
  if (by("closing")) by("closing").click();
  else if (!mayWork) hint("role");
  else hint(by("hold") ? "held" : "closed");
}

function choosePhoto() {
  hint("photo");
  by("photo").click();
}

/** Enter in a field, by a person. */
function entered(field) {
  if (field === by("code")) record();
}

function key({ key: pressed, target }) {
  if (/^[1-4]$/.test(pressed)) choose(pressed);
  if (pressed === " " && !target.closest?.("[data-confirm]")) target.click?.();
}

function closeTrouble() {
  by("trouble").hidden = true;
  fail(false);
}

function escape() {
  if (!by("trouble").hidden) closeTrouble();
  else if (typing()) closeTyping();
  else if (listing) closeList();
  else if (setup.isOpen()) setup.close();
  else if (isAsked()) ask(false);
}

const KEYS = {
  F2: openTyping,
  F4: ACTS.missing,
  F8: ACTS.mute,
  F9: close,
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
  else if (sent.id === "take-off") await takeOff(sent);
});

async function takeOff(sent) {
  if (!sent.checkValidity()) return hint("off");
  if (sent.elements.reason.value === "other" && !worded(by("take-off-note"))) return hint("write");
  const body = new FormData(sent);
  // What is chosen next is another box, and never this one's leftover.
  sent.reset();
  dress();
  if (await post("turunkan", body)) by("trouble").hidden = true;
}

async function answer(heardIt) {
  const told = await post("mulai-tugas", form({ sound: heardIt }));
  if (!told) return;
  sessionStorage.setItem(HEARD, heardIt);
  if (heardIt === "no") hint("unheard");
  else by("trouble").hidden = true;
  ask(false);
  chips();
  setup.begin();
}

async function upload(field) {
  const [photo] = field.files;
  // Copied first: the browser may give up what was chosen with the value.
  const body = photo && form({ photo });
  field.value = "";
  if (!photo) return;
  hint("reading");
  await scanned("foto", body);
}

// --- what depends on choices, and on time ------------------------------------------

function dress() {
  const chosen = by("hold")?.querySelector("input[name=reason]:checked");
  if (by("confirm")) {
    by("before").hidden = Boolean(chosen);
    by("after").hidden = !chosen;
    by("confirm").classList.toggle("ready", Boolean(chosen));
    by("note-line").hidden = chosen?.value !== "other";
  }
  dressTakeOff(by("take-off"));
  chips();
}

function dressTakeOff(form) {
  if (!form) return;
  const { reason } = form.elements;
  by("take-off-note").hidden = reason.value !== "other";
  if (!by("off")) return;
  const picked = form.querySelector("input[name=item]:checked");
  const ready = Boolean(reason.value && picked);
  const [before, after] = by("off").children;
  by("off").classList.toggle("ready", ready);
  before.hidden = ready;
  after.hidden = !ready;
  by("off-item").textContent = picked?.dataset.called ?? "";
}

function chips() {
  const muted = sound.muteLeft > 0;
  by("sound-off").hidden = sound.running;
  by("sound-on").hidden = !sound.running || muted || unheard();
  by("sound-unheard").hidden = !sound.running || muted || !unheard();
  by("sound-muted").hidden = !sound.running || !muted;
  by("mute-left").textContent = sound.muteLeft;
  const start = by("start");
  if (!start) return;
  start.hidden = sound.running && begun() && !unheard();
  const { begin, again } = start.dataset;
  start.textContent = unheard() ? again : begin;
}

function tick() {
  const now = performance.now();
  if (stale() > 0) refresh();
  const dead = Math.max(silence(), stale()) > DEAD_MS;
  by("lost").hidden = !dead;
  document.body.classList.toggle("dead", dead);
  if (preview.fps() === 0) blind();
  by("fps").textContent = preview.fps();
  strip();
  setup.tick();
  const since = by("since");
  if (since) since.textContent = span(stationNow() - Number(since.dataset.since));
  if (document.querySelector('[data-camera="lost"]') && now - cameraSoundAt > CAMERA_EVERY_MS) {
    cameraSoundAt = now;
    sound.play("camera");
  }
  show();
  chips();
}

// --- begin ----------------------------------------------------------------------------

// After a reload the first touch is enough: the shift was begun and heard already.
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(touch, () => {
    if (!sound.running && sessionStorage.getItem(HEARD) !== null) sound.unlock();
  });
}

const stream = new EventSource(`${base}/kabar`);
stream.onmessage = () => {
  alive();
  refresh();
};

// Also when all seats are taken: then the stream ends at once and asks again.
stream.onerror = () => refresh();

sound.onChange = chips;
resume();
preview.start();
dress();
tick();
setInterval(tick, 200);
setInterval(refresh, POLL_MS);
document.documentElement.dataset.ready = "yes";
