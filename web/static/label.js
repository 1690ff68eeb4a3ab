// The Label page: whatever is chosen is counted and shown at once.
// Without this file the form has a button that does the same.

const ask = document.getElementById("ask");
const WAIT_MS = 250;
const PARTS = ["kel", "paper", "roll", "shown"];
let waiting = null;
let newest = 0;

function address() {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(ask)) if (value !== "") fields.append(name, value);
  return `${ask.getAttribute("action")}?${fields}`;
}

async function show() {
  const mine = ++newest;
  const shown = document.getElementById("shown");
  shown.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(address(), { headers: { Accept: "text/html" } });
  } catch {
    location.reload();
    return;
  }
  if (mine !== newest) return;
  if (!answer.ok || new URL(answer.url).pathname !== new URL(ask.action).pathname) {
    location.href = address();
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== newest) return;
  for (const id of PARTS) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (old && fresh) old.replaceWith(fresh);
  }
  const told = ask.querySelector(":scope > .told");
  const telling = page.querySelector("#ask > .told");
  if (told) told.remove();
  if (telling) ask.prepend(telling);
  const skip = document.getElementById("skip");
  const most = page.getElementById("skip").max;
  skip.max = most;
  document.getElementById("used").hidden = page.getElementById("used").hidden;
  if (Number(skip.value) > Number(most)) {
    skip.value = 0;
    later();
    return;
  }
  history.replaceState(null, "", address());
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(show, WAIT_MS);
}

// How far a printer is askew is the same tomorrow: kept by this browser, each stock.
const offset = () => `jejak.offset.${ask.elements.stock.value}`;

ask.addEventListener("change", (event) => {
  const { right, up } = ask.elements;
  if (event.target.name === "stock") {
    [right.value, up.value] = (localStorage.getItem(offset()) ?? ";").split(";");
    ask.elements.skip.value = 0;
  }
  if (event.target === right || event.target === up)
    localStorage.setItem(offset(), `${right.value};${up.value}`);
  if (event.target.name === "kec" && ask.elements.kel) ask.elements.kel.value = "";
  later();
});
ask.addEventListener("input", (event) => {
  if (event.target.matches("input")) later();
});
ask.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
ask.addEventListener("click", (event) => {
  const spot = event.target.closest("[data-skip]");
  if (!spot) return;
  event.preventDefault();
  document.getElementById("skip").value = spot.dataset.skip;
  show();
});
