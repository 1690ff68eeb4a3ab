// A page that waits for work on the station: asks how far it is, and shows it.

import "./page.js";

const EVERY_MS = 700;
const state = document.getElementById("state");

async function look() {
  let answer;
  try {
    answer = await fetch(state.dataset.poll, { headers: { Accept: "text/html" } });
  } catch {
    setTimeout(look, EVERY_MS * 4);
    return;
  }
  if (!answer.ok) {
    // The session is over, or the station began anew: the page itself says so.
    location.reload();
    return;
  }
  const text = await answer.text();
  const told = new DOMParser().parseFromString(text, "text/html").body;
  const busy = told.querySelector("[data-busy]")?.dataset.busy === "yes";
  if (!busy && state.dataset.then === "reload") {
    location.reload();
    return;
  }
  state.replaceChildren(...told.childNodes);
  if (busy) setTimeout(look, EVERY_MS);
}

if (state?.querySelector('[data-busy="yes"]')) setTimeout(look, EVERY_MS);
// A file was taken: the page stays, and what it says must not be old.
state?.addEventListener("submit", () => setTimeout(look, EVERY_MS));

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
