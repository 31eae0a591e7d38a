"use strict";

// Keys of the vocabulary desk: each presses a button that is there.
(() => {
  const terms = [...document.querySelectorAll(".term")];
  let at = -1;
  const enabled = () => {
    try {
      return localStorage.getItem("shortcut") !== "off";
    } catch {
      return true;
    }
  };
  const go = (to) => {
    if (!terms.length) return;
    at = Math.max(0, Math.min(to, terms.length - 1));
    terms[at].focus({ preventScroll: true });
    terms[at].scrollIntoView({ block: "nearest" });
  };
  const press = (name) => {
    if (at < 0) return go(0);
    terms[at].querySelector(`[data-do="${name}"]`)?.click();
  };
  const KEYS = {
    KeyJ: () => go(at + 1),
    KeyK: () => go(at - 1),
    KeyA: () => press("accept"),
    KeyM: () => press("merge"),
    KeyB: () => press("block"),
    KeyU: () => document.querySelector("[data-undo]")?.click(),
  };
  // Once is enough, and after a change one goes on where one was.
  const PLACE = "desk-place";
  document.addEventListener("submit", (event) => {
    const { dataset } = event.target;
    if (dataset.sent) event.preventDefault();
    dataset.sent = "true";
    try {
      sessionStorage.setItem(PLACE, String(at));
    } catch {
      // Not remembered, then.
    }
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
    try {
      const place = Number(sessionStorage.getItem(PLACE) ?? -1);
      sessionStorage.removeItem(PLACE);
      if (place >= 0) go(place);
    } catch {
      // As above.
    }
  });
  document.addEventListener("focusin", (event) => {
    const found = terms.indexOf(event.target.closest(".term"));
    if (found >= 0) at = found;
  });
  document.addEventListener("keydown", (event) => {
    // While an input method composes, every key is its own; it reports key 229.
    if (event.isComposing || event.keyCode === 229 || event.repeat || !enabled()) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input:not([type=radio]), textarea, select")) return;
    const perform = KEYS[event.code];
    if (!perform) return;
    event.preventDefault();
    perform();
  });
})();
