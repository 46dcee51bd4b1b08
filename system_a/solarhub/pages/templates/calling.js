const here = new URL(location.href);
async function call(method, path, body, headers = {}) {
  const options = {method, headers: {Accept: "application/json", ...headers}, credentials: "same-origin", cache: "no-store"};
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    const answer = await fetch("/api/v1" + path, options);
    const text = await answer.text();
    return {ok: answer.ok, status: answer.status, data: text ? JSON.parse(text) : {}};
  } catch {
    return {ok: false, status: 0, data: {detail: {{ t.unreachable | tojson }}}};
  }
}
async function signOut() {
  await call("DELETE", "/sessions/current");
  location.assign("/sign-in");
}
document.getElementById("sign-out")?.addEventListener("click", signOut);
