// Passkeys of the apex: the one thing here that no form can do. Everything else works without it.
(() => {
  if (!window.PublicKeyCredential) return;
  const state = document.getElementById("passkey-state");
  const say = (text) => { state.textContent = text; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const token = async () => (await (await fetch("/api/v1/session")).json()).csrf_token || "";
  const post = async (path, body = {}, signed = false) => {
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    if (signed) headers["X-CSRFToken"] = await token();
    const answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const found = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(found.detail || "That did not work.");
    return found;
  };
  const encode = (credential) => {
    const found = { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults(), response: {} };
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) found.response[name] = text(credential.response[name]);
    }
    return found;
  };
  const offer = (id, box, work) => {
    const button = document.getElementById(id);
    if (!button) return;
    (box ? document.getElementById(box) : button).hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      say("");
      try { await work(button); } catch (error) { say(error.name === "NotAllowedError" ? "No passkey was used." : error.message); }
      button.disabled = false;
    });
  };

  offer("passkey-sign-in", null, async (button) => {
    const { publicKey: options } = (await post("/session/passkey/options")).options;
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) };
    await post("/session/passkey", { credential: encode(await navigator.credentials.get({ publicKey })) });
    location.assign(button.dataset.goal);
  });
  offer("passkey-add", "passkeys", async () => {
    const { publicKey: options } = (await post("/factors/passkeys/options", {}, true)).options;
    const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: descriptors(options.excludeCredentials) };
    const credential = encode(await navigator.credentials.create({ publicKey }));
    await post("/factors/passkeys", { name: document.getElementById("passkey-name").value, credential }, true);
    location.reload();
  });
})();
