// What every page has: the clock in the bar, and "/" that goes to the search.

const time = document.getElementById("time");
// The station's clock rules, not the browser's: only its ticking is ours.
const started = performance.now();
const shift = { WIB: 7, WITA: 8, WIT: 9 }[time.dataset.zone] * 3_600_000;

export const stationNow = () => Number(time.dataset.now) + performance.now() - started;

const two = (number) => String(Math.floor(number)).padStart(2, "0");

function clockText(ms) {
  const local = new Date(ms + shift);
  return `${two(local.getUTCHours())}.${two(local.getUTCMinutes())}`;
}

/** How long something has lasted: 00.00.18. */
export function span(ms) {
  const seconds = Math.max(0, ms / 1000);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(two).join(".");
}

setInterval(() => {
  time.textContent = clockText(stationNow());
}, 1000);

// What a browser says of an unfinished form is in its own language, not the page's.
const INVALID = JSON.parse(document.body.dataset.invalid);

function complaint({ type, validity, minLength }) {
  if (validity.valid) return "";
  if (!validity.valueMissing) {
    return validity.tooShort ? INVALID.short.replace("{n}", minLength) : INVALID.other;
  }
  return INVALID[type] ?? INVALID.missing;
}

/** A field, or all of its group. */
const group = (field) =>
  field.type === "radio" && field.form ? [...field.form.querySelectorAll(`[name="${field.name}"]`)] : [field];

document.addEventListener(
  "invalid",
  ({ target }) => {
    target.setCustomValidity("");
    target.setCustomValidity(complaint(target));
  },
  true,
);

for (const change of ["input", "change"]) {
  document.addEventListener(
    change,
    ({ target }) => {
      for (const field of group(target)) field.setCustomValidity?.("");
    },
    true,
  );
}

// What is written once and never seen again can be looked at first.
for (const box of document.querySelectorAll("[data-shows]")) {
  box.closest("label").hidden = false;
  box.addEventListener("change", () => {
    document.getElementById(box.dataset.shows).type = box.checked ? "text" : "password";
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
  const field = document.getElementById("q");
  const link = document.getElementById("find");
  if (!field && !link) return;
  event.preventDefault();
  if (field) field.focus();
  else link.click();
});
