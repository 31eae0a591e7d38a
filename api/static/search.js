"use strict";

// Completes the last word in the search box with labels: a combobox with a list (WAI-ARIA APG).
(() => {
  const box = document.getElementById("q");
  const frame = box?.closest("[data-completions]");
  if (!frame) return;
  const DELAY = 120;
  const MOST = 8;

  const list = document.createElement("ul");
  list.id = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "語意標籤");
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  frame.append(list, status);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
    ["aria-haspopup", "listbox"],
  ]) {
    box.setAttribute(name, value);
  }

  let active = -1;
  let timer;
  let request;
  // The word being typed; a minus before it stays.
  const word = () => box.value.match(/[-－−]?([^\s　]*)$/)[1];

  const activate = (index) => {
    active = index;
    for (const [at, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(at === active));
    }
    if (active < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    status.textContent = "";
    box.setAttribute("aria-expanded", "false");
    activate(-1);
  };
  const accept = (option) => {
    box.value = box.value.slice(0, box.value.length - word().length) + option.dataset.label;
    close();
    box.form.requestSubmit();
  };

  const offer = (labels) => {
    const known = labels.filter(({ label }) => label !== word()).slice(0, MOST);
    list.replaceChildren(
      ...known.map(({ label, written }, at) => {
        const option = document.createElement("li");
        option.id = `completion-${at}`;
        option.dataset.label = label;
        option.setAttribute("role", "option");
        option.append(label);
        if (written !== label) {
          const other = document.createElement("span");
          other.className = "note";
          other.textContent = `同 ${written}`;
          option.append(" ", other);
        }
        return option;
      }),
    );
    if (!known.length) return close();
    activate(-1);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    status.textContent = `${known.length} 個語意標籤，可用上下鍵選取`;
  };
  const ask = async (typed) => {
    request?.abort();
    const mine = (request = new AbortController());
    try {
      const address = `${frame.dataset.completions}?${new URLSearchParams({ q: typed, limit: MOST + 1 })}`;
      const answer = await fetch(address, { signal: mine.signal });
      const labels = answer.ok ? (await answer.json()).labels : [];
      if (mine === request && !mine.signal.aborted) offer(labels);
    } catch {
      // Replaced by a newer one, or the host is away: searching works without.
    }
  };

  // app.js holds input events back while an input method composes, and sends one when it is done.
  box.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = word();
    // What is quoted is meant as it is typed.
    if (!typed || typed.length > 60 || /["“”「」『』＂]/.test(typed)) return close();
    timer = setTimeout(() => ask(typed), DELAY);
  });
  box.addEventListener("keydown", (event) => {
    // Enter and the arrows belong to the input method while it composes; it reports key 229.
    if (event.isComposing || event.keyCode === 229 || list.hidden) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") activate(active < last ? active + 1 : -1);
    else if (event.key === "ArrowUp") activate(active < 0 ? last : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) accept(list.children[active]);
    else return;
    event.preventDefault();
  });
  // The field keeps the focus while the list is clicked.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) accept(option);
  });
  box.addEventListener("blur", close);

  // Fields that nobody filled need not stand in the address.
  box.form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (!value) event.formData.delete(name);
    }
  });
})();
