const byId = (id) => document.getElementById(id);
function go() {
  const next = new URL(here.searchParams.get("next") ?? "/", here.origin);
  location.replace(next.origin === here.origin ? next.pathname + next.search : "/");
}
async function arrive(email, password) {
  await call("POST", "/sessions", {email, password});
  go();
}
function fragment() {
  const token = here.hash.slice(1);
  history.replaceState(null, "", here.pathname + here.search);
  for (const link of document.querySelectorAll("a.keeps")) {
    const there = new URL(here);
    there.searchParams.set("language", link.lang);
    link.href = there;
  }
  return token;
}
function show(step) {
  for (const each of document.querySelectorAll("[data-step]")) each.hidden = each.dataset.step !== step;
  const shown = document.querySelector(`[data-step="${step}"]`);
  (shown?.querySelector("input:not([readonly]):not([type=hidden]), button") ?? shown)?.focus();
}
function bodyOf(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    if (value === "") continue;
    const path = name.split("."), last = path.pop();
    path.reduce((inner, key) => inner[key] ??= {}, body)[last] = value;
  }
  return body;
}
function sentence(answer, refused) {
  // the hub's own sentences are in English, and more exact than these
  if (document.documentElement.lang === "en" && answer.data.detail) return answer.data.detail;
  if (answer.status === 429) return {{ t.too_many | tojson }};
  const own = [401, 404, 422].includes(answer.status) ? refused : undefined;
  return own ?? answer.data.detail ?? {{ t.failed | tojson }};
}
function clear(form) {
  for (const each of form.querySelectorAll(".error, .problem, .done")) each.textContent = "";
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
}
function complain(form, answer) {
  const general = form.querySelector(".problem"), wrong = [];
  for (const error of answer.data.errors ?? []) {
    const field = form.elements.namedItem(error.field), place = field && byId(`${field.id}-error`);
    if (!place) continue;
    const label = form.querySelector(`label[for="${field.id}"]`)?.textContent ?? "";
    place.textContent = document.documentElement.lang === "en" ? `${label} ${error.message}.` : `${error.message}.`;
    field.setAttribute("aria-invalid", "true");
    wrong.push(field);
  }
  if (wrong.length) wrong[0].focus();
  else general.textContent = sentence(answer, form.dataset.refused);
}
function wire(id, send, done) {
  const form = byId(id);
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    clear(form);
    button.disabled = true;
    const answer = await send(bodyOf(form), form);
    button.disabled = false;
    if (answer.ok) await done(answer.data, form);
    else if (answer.status === 401 && form.dataset.needs === "session") location.assign("/sign-in");
    else complain(form, answer);
  });
}
