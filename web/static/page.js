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

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
  const field = document.getElementById("q");
  const link = document.getElementById("find");
  if (!field && !link) return;
  event.preventDefault();
  if (field) field.focus();
  else link.click();
});
