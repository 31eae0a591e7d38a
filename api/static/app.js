"use strict";

(() => {
  let composing = false;

  // An input method writes half-finished syllables into the field; nobody wants a suggestion for ㄓㄨ.
  document.addEventListener("compositionstart", () => {
    composing = true;
  });
  document.addEventListener("compositionend", (event) => {
    composing = false;
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener(
    "input",
    (event) => {
      if (composing || event.isComposing) event.stopPropagation();
    },
    true,
  );
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (composing) event.preventDefault();
  });

  // The answer brings each field's message; this tells assistive technology which fields they are about.
  document.addEventListener("htmx:afterSettle", () => {
    for (const message of document.querySelectorAll("[data-error-of]")) {
      const field = document.getElementById(message.dataset.errorOf);
      field.setAttribute("aria-invalid", String(message.textContent !== ""));
    }
  });

  // A screen reader reads a status again when it is replaced by the same words.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "summary" && target.textContent === fragment.textContent) {
      event.detail.shouldSwap = false;
    }
  });

  const failure = document.querySelector("[data-failure]");
  if (failure) {
    for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
      document.addEventListener(name, () => {
        failure.hidden = false;
      });
    }
    document.addEventListener("htmx:afterSwap", () => {
      failure.hidden = true;
    });
  }

  // One key to the first field. People who dictate can switch it off (WCAG 2.1.4).
  const first = document.querySelector("[data-first]");
  const shortcut = document.querySelector("[data-shortcut]");
  if (!first) return;
  const stored = () => {
    try {
      return localStorage.getItem("shortcut") !== "off";
    } catch {
      return true;
    }
  };
  let enabled = stored();
  const button = shortcut.querySelector("button");
  const show = () => {
    button.setAttribute("aria-pressed", String(enabled));
    button.textContent = enabled ? "快捷鍵：開" : "快捷鍵：關";
  };
  button.addEventListener("click", () => {
    enabled = !enabled;
    try {
      localStorage.setItem("shortcut", enabled ? "on" : "off");
    } catch {
      // Not remembered, then; it still holds for this page.
    }
    show();
  });
  shortcut.hidden = false;
  show();

  document.addEventListener("keydown", (event) => {
    if (event.code !== "Slash" || event.isComposing || event.keyCode === 229) return;
    if (!enabled || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    first.focus();
  });
})();
