// The panel and all that changes with the ledger: put in place, then sounded.

import { Sound } from "./sound.js";
import { by, get } from "./talk.js";

const SHOWN_MS = 3000;
const PAINT_MS = 100;
const COUNTED_MS = 1000;
const UNREAD_TIMES = 4;
const UNREAD_EVERY_MS = 3000;
const REGIONS = ["open", "cameras", "alarms", "panel", "foreign", "count", "bring", "recent", "foot"];

/** Told on the document whenever something was put in place. */
export const SWAPPED = "jejak:swapped";

export const sound = new Sound();

let shownUntil = performance.now() + Number(by("panel").dataset.left);
let newest = scans(by("panel")).reduce((most, [seq]) => Math.max(most, seq), -1);
let unread = { inView: 0, times: 0, soundAt: -Infinity };
let foreignUntil = -Infinity;
let failed = false;
let asked = false;
let look = "";
const html = new Map();

/** When the panel began to fail; null while the screen shows the ledger. */
let staleAt = null;
export const stale = () => (staleAt === null ? 0 : performance.now() - staleAt);

let asking = false;
let again = false;
/** Fetches what changed and puts it in place; one request at a time. */
export async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    do {
      again = false;
      const text = await get("panel").catch(() => null);
      if (text === null) {
        // Pictures may still come while the panel fails: what is on the screen may
        // hide a hold, so the page must not look alive.
        staleAt ??= performance.now();
      } else {
        swap(text);
        staleAt = null;
      }
    } while (again);
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
  document.dispatchEvent(new Event(SWAPPED));
  settle(before, next);
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
  if (fresh.length) failed = false;
  show();
  batch(before);
  const { hold, holdVerdict } = by("panel").dataset;
  const ended = before.hold && !hold;
  painted(() => {
    sound.hold(hold, holdVerdict);
    if (hold) return;
    if (ended) sound.play("acknowledged");
    heard(fresh, before);
  });
}

/** Calls back once what was put in place can be seen, or soon: a page behind another
 * one is not painted at all, and must be heard all the same. */
function painted(then) {
  let due = true;
  const once = () => {
    if (due) then();
    due = false;
  };
  requestAnimationFrame(() => setTimeout(once, 0));
  setTimeout(once, PAINT_MS);
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

/** A scan was not recorded: whatever was told of the one before is over at once. */
export function fail(is) {
  failed = is;
  if (is) over();
  show();
}

/** What was shown large is not about the newest scan any more. */
export function over() {
  shownUntil = -Infinity;
  show();
}

/** Whether the sound was heard is asked, or is not any more. */
export function ask(is) {
  asked = is;
  document.body.classList.toggle("waiting", is);
  by("asking").hidden = !is;
  show();
}

export const isAsked = () => asked;

/** Which of the states is on the panel: a hold, what failed, what is asked, closer, the
 * last, or ready. */
function state() {
  if (by("hold")) return "hold";
  if (failed) return "failed";
  // Who began looks at it and answers in seconds; what passes is counted and heard.
  if (asked) return "heard";
  if (unread.inView) return "unread";
  return by("last") && performance.now() < shownUntil ? "last" : "ready";
}

export function show() {
  const now = state();
  by("heard").hidden = now !== "heard";
  if (now === "hold") return;
  for (const id of ["failed", "unread", "last", "ready"]) {
    if (by(id)) by(id).hidden = id !== now;
  }
}

/** A picture came: what is in it that needs no entry. */
export function seen({ verdicts, look: item }) {
  const now = performance.now();
  by("dark").hidden = true;
  const before = unread.inView;
  unread.inView = verdicts.filter((verdict) => verdict === "UNREAD").length;
  if (!unread.inView) unread = { inView: 0, times: 0, soundAt: unread.soundAt };
  else if (now - unread.soundAt >= UNREAD_EVERY_MS && unread.times < UNREAD_TIMES) {
    unread.times += 1;
    unread.soundAt = now;
    sound.play("UNREAD");
  }
  // What is only counted makes no entry, so no event tells of it.
  if (before && !unread.inView) countLater();
  if (verdicts.includes("FOREIGN")) {
    if (now > foreignUntil) countLater();
    foreignUntil = now + SHOWN_MS;
    sound.play("FOREIGN");
  }
  if (item !== look) {
    look = item;
    refresh();
  }
  show();
}

/** Fetches the counts once what was seen has been counted. */
function countLater() {
  refresh();
  setTimeout(refresh, COUNTED_MS);
}

/** No picture comes any more: what was in view is not. */
export function blind() {
  by("dark").hidden = false;
  unread.inView = 0;
}

/** The strip "not our label" while one is in view, and shortly after. */
export function strip() {
  const on = performance.now() <= foreignUntil;
  by("foreign").hidden = !on;
  by("caption").hidden = on;
}

/** After a reload a hold goes on as before. */
export function resume() {
  const { hold, holdVerdict } = by("panel").dataset;
  sound.hold(hold, holdVerdict);
}
