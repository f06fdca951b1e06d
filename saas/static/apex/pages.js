// Comfort only: every page works without it.
(() => {
  const ask = (path) => fetch(path, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);

  const slug = document.querySelector("[data-slug]");
  if (slug) {
    const name = document.getElementById(slug.dataset.from);
    const state = document.getElementById("slug-state");
    let own = slug.value !== "", timer = 0, turn = 0;
    const look = async () => {
      const mine = ++turn;
      const found = slug.value && (await ask(`/api/v1/slugs/${encodeURIComponent(slug.value)}`));
      if (mine === turn) state.textContent = found ? (found.free ? `“${found.slug}” is free.` : `“${found.slug}” is taken or not allowed.`) : "";
    };
    const suggest = async () => {
      const mine = ++turn;
      const found = name.value && (await ask(`/api/v1/slugs?name=${encodeURIComponent(name.value)}`));
      if (mine === turn && found && !own) { slug.value = found.slug; look(); }
    };
    const later = (what) => { clearTimeout(timer); timer = setTimeout(what, 400); };
    slug.addEventListener("input", () => { own = slug.value !== ""; later(look); });
    name.addEventListener("input", () => { if (!own) later(suggest); });
  }

  const poll = document.querySelector("[data-poll]");
  if (poll) {
    const look = async () => {
      const found = await ask(poll.dataset.poll);
      if (found && (found.state === "finished" || found.state === "failed")) location.reload();
      else setTimeout(look, 1000);
    };
    setTimeout(look, 500);
  }
})();
