"use strict";

// Keys of a group: they move among its datasets and leave single ones out. Boxes and buttons do without them.
(() => {
  const form = document.getElementById("group");
  const boxes = [...document.querySelectorAll(".member input[type=checkbox]")];
  if (!form || !boxes.length) return;
  const enabled = () => {
    try {
      return localStorage.getItem("shortcut") !== "off";
    } catch {
      return true;
    }
  };
  const hint = document.querySelector("[data-keys]");
  if (hint) hint.hidden = !enabled();

  // What the buttons would decide on, without what is left out.
  const count = () => {
    const left = (names) => boxes.filter((box) => box.checked && names.includes(box.name)).length;
    for (const shown of document.querySelectorAll("[data-count]")) {
      const number = Number(shown.dataset.of) - left(shown.dataset.count.split(" "));
      shown.textContent = number.toLocaleString("en-US");
      shown.closest("button").disabled = number < 1;
    }
  };
  form.addEventListener("change", count);
  // A browser that comes back keeps the boxes as they were left.
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    count();
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
  });

  let at = -1;
  const go = (to) => {
    at = Math.max(0, Math.min(to, boxes.length - 1));
    boxes[at].focus({ preventScroll: true });
    boxes[at].closest(".member").scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("focusin", (event) => {
    const found = boxes.indexOf(event.target);
    if (found >= 0) at = found;
  });
  const KEYS = {
    KeyJ: () => go(at + 1),
    KeyK: () => go(at - 1),
    KeyX: () => (at < 0 ? go(0) : boxes[at].click()),
    KeyR: () => document.getElementById("reason")?.focus(),
    KeyG: () => document.querySelector('[data-do="list"]')?.click(),
  };
  document.addEventListener("keydown", (event) => {
    // While an input method composes, every key is its own; it reports key 229.
    if (event.isComposing || event.keyCode === 229 || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      // From the reason, Enter would press the first button, which is not what a reason is mostly for.
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!enabled() || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const act = KEYS[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
