// The board tells how old its data is; old data must never look fresh.

import "./page.js";

const OLD_MS = 15_000;
const by = (id) => document.getElementById(id);
const body = document.getElementById("table");

let freshAt = performance.now();
let tag = "";

document.body.addEventListener("htmx:configRequest", (event) => {
  // Said by hand, so that a 304 reaches us and leaves the table (and its focus) alone.
  if (tag) event.detail.headers["If-None-Match"] = tag;
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 200) tag = xhr.getResponseHeader("ETag") ?? "";
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const { status } = event.detail.xhr;
  if (status === 200 || status === 304) freshAt = performance.now();
});

document.body.addEventListener("htmx:afterSwap", () => {
  const { total, head } = body.querySelector("table").dataset;
  by("total").textContent = total;
  by("head").textContent = head;
});

setInterval(() => {
  const age = performance.now() - freshAt;
  const old = age > OLD_MS;
  for (const seconds of document.querySelectorAll(".seconds")) {
    seconds.textContent = Math.floor(age / 1000);
  }
  by("age-fresh").hidden = old;
  by("age-old").hidden = !old;
  by("age").classList.toggle("warn", old);
}, 500);
