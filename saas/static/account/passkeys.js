// Passkeys: the one thing here that no form can do. Everything else works without it.
(() => {
  if (!window.PublicKeyCredential) return;
  const BASE = "/_allauth/browser/v1";
  const state = document.getElementById("passkey-state");
  const say = (text) => { state.textContent = text; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const token = async () => (await (await fetch("/_allauth/csrf")).json()).csrf_token;
  const ask = async (path, method = "GET", body = null) => {
    const headers = { Accept: "application/json" };
    if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": await token() });
    const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json().catch(() => ({}))) };
  };
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const encode = (credential) => {
    const found = { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults(), response: {} };
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) found.response[name] = text(credential.response[name]);
    }
    return found;
  };
  const get = async (path) => {
    const { data } = await ask(path);
    const options = data.request_options.publicKey;
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) };
    return encode(await navigator.credentials.get({ publicKey }));
  };
  const create = async (path) => {
    const answer = await ask(path);
    if (answer.status === 401) { location.assign("/account/confirm"); return null; }
    const options = answer.data.creation_options.publicKey;
    const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: descriptors(options.excludeCredentials) };
    return encode(await navigator.credentials.create({ publicKey }));
  };
  const problem = (answer) => answer.detail || (answer.errors && answer.errors[0].message) || "That did not work.";

  const offer = (id, box, work) => {
    const button = document.getElementById(id);
    if (!button) return;
    (box ? document.getElementById(box) : button).hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      say("");
      try { await work(); } catch (error) { say(error.name === "NotAllowedError" ? "No passkey was used." : "That did not work."); }
      button.disabled = false;
    });
  };
  const enter = (path) => async () => {
    const answer = await ask(path, "POST", { credential: await get(path) });
    if (answer.status === 200) location.assign("/"); else say(problem(answer));
  };
  offer("passkey-sign-in", null, enter("/auth/webauthn/login"));
  offer("passkey-second", null, enter("/auth/webauthn/authenticate"));
  offer("passkey-add", "passkeys", async () => {
    const credential = await create("/account/authenticators/webauthn?passwordless");
    if (!credential) return;
    const name = document.getElementById("passkey-name").value.trim() || "My passkey";
    const answer = await ask("/account/authenticators/webauthn", "POST", { name, credential });
    if (answer.status === 200) location.reload(); else if (answer.status === 401) location.assign("/account/confirm"); else say(problem(answer));
  });
})();
