// Talking to the station: pages of this gate, forms, and whether it answers at all.

export const by = (id) => document.getElementById(id);
export const { base } = document.body.dataset;

const ANSWER_MS = 10_000;
const token = document.querySelector('meta[name="csrf-token"]').content;
let aliveAt = performance.now();

/** Any answer of the station, a picture or none. */
export function alive() {
  aliveAt = performance.now();
}

/** Milliseconds since the last answer. */
export const silence = () => performance.now() - aliveAt;

/** The session is over: a bar says so, until somebody has signed in again. */
function check(answer) {
  alive();
  if (answer.status === 401) by("expired").hidden = false;
  // The forms of this page belong to the session before.
  else if (!by("expired").hidden) location.reload();
}

export async function get(path) {
  const answer = await fetch(`${base}/${path}`, {
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  check(answer);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

/** Sends a form; gives what the station told, or {error}: one sentence. */
export async function send(path, body) {
  try {
    const answer = await fetch(`${base}/${path}`, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    check(answer);
    return await answer.json();
  } catch {
    return { error: by("lost").dataset.failed };
  }
}

export function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}
