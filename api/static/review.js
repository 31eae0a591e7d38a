"use strict";

// Keys of the review. Every one does what a button or a link on the page does, so nothing needs them.
(() => {
  // Action → the physical key (KeyboardEvent.code), and what it does in words. Layouts and 注音 move letters, not keys.
  const ACTIONS = {
    accept: ["Enter", "核可顯示的內容並看下一筆"],
    reject: ["KeyX", "維持原分類；沒有所填分類時退回"],
    category: ["KeyC", "選擇其他分類"],
    skip: ["KeyS", "略過並寫理由"],
    undo: ["KeyU", "復原上一個決定"],
    flag: ["KeyF", "標記或取消標記"],
    note: ["KeyN", "寫備註"],
    next: ["KeyJ", "下一筆，不做決定"],
    previous: ["KeyK", "上一筆，不做決定"],
    queue: ["KeyG", "回到佇列"],
    help: ["Shift+Slash", "快捷鍵說明"],
  };
  const NAMED = Object.keys(ACTIONS);
  for (let n = 1; n <= 9; n += 1) ACTIONS[`label${n}`] = [`Digit${n}`, `切換第 ${n} 個標籤`];

  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const store = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // Not remembered, then; it still holds for this page.
    }
  };
  const chosen = () => {
    try {
      return JSON.parse(stored("keys") ?? "{}");
    } catch {
      return {};
    }
  };
  let keys = chosen();
  const keyOf = (action) => (typeof keys[action] === "string" ? keys[action] : ACTIONS[action][0]);
  const shown = (key) =>
    key === "Shift+Slash" ? "?" : key.replace(/Key|Digit/, "").replace("Numpad", "數字鍵盤 ");
  const enabled = () => stored("shortcut") !== "off";
  // The numeric keypad counts as the row of digits.
  const pressed = (event) =>
    (event.shiftKey ? "Shift+" : "") + event.code.replace(/^Numpad(\d)$/, "Digit$1").replace("NumpadEnter", "Enter");

  const label = () => {
    for (const kbd of document.querySelectorAll("kbd[data-shows]")) {
      kbd.textContent = shown(keyOf(kbd.dataset.shows));
      kbd.hidden = !enabled();
    }
    for (const button of document.querySelectorAll("[data-key=help]")) button.hidden = false;
  };

  let waiting = false;
  let purpose = null;
  const $ = (selector) => document.querySelector(selector);
  const press = (action) => $(`[data-key="${action}"]`)?.click();
  const explain = (action) => {
    const why = $(".why");
    if (!why) return press(action);
    purpose = action;
    why.open = true;
    $("#reason").focus();
  };
  const pick = () => {
    const dialog = $("#pick");
    if (!dialog || !$("#other")) return;
    dialog.showModal();
    const text = $("#pick-text");
    text.value = "";
    text.dispatchEvent(new Event("input"));
    text.focus();
  };
  const perform = (action) => {
    if (/^label\d$/.test(action)) return $(`[data-toggle="${action.slice(5)}"]`)?.click();
    if (action === "category") return pick();
    if (action === "reject" || action === "skip") return explain(action);
    if (action === "note") return $("#note")?.focus();
    if (action === "help") return openHelp();
    if (action === "accept" && !$('[data-key="accept"]')) return press("start");
    press(action);
  };

  document.addEventListener("keydown", (event) => {
    // While an input method composes, every key is its own; it reports key 229.
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const field = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (field) return inField(event, field);
    if (!enabled() || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("dialog")) return;
    const key = pressed(event);
    const action = Object.keys(ACTIONS).find((name) => keyOf(name) === key);
    // A link or button that has the focus takes Enter itself.
    if (!action || (key === "Enter" && event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    // Held down, or while the last decision is on its way: not another one.
    if (!event.repeat && !waiting) perform(action);
  });

  const inField = (event, field) => {
    if (field.id === "pick-text") return inPick(event);
    if (event.key === "Escape") {
      purpose = null;
      field.blur();
      return;
    }
    if (field.id === "reason") {
      const reply = event.altKey && /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
      if (reply) {
        const radio = $(`[data-reply="${reply[1]}"]`);
        if (radio) field.value = radio.value;
        event.preventDefault();
      } else if (event.key === "Enter" && !event.shiftKey && purpose) {
        // Only where a key asked for the reason is it clear which decision it belongs to.
        event.preventDefault();
        if (!waiting) press(purpose);
      }
    } else if (field.tagName === "TEXTAREA" && event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      if (!waiting) field.form.requestSubmit();
    }
  };

  // The list of all categories: type a code or a name.
  const options = () => [...document.querySelectorAll("#pick-list li")].filter((option) => !option.hidden);
  const select = (option) => {
    for (const one of document.querySelectorAll("#pick-list li")) one.setAttribute("aria-selected", String(one === option));
    $("#pick-text").setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  };
  const choose = (option) => {
    $("#pick").close();
    const radio = $(`input[name="category"][value="${option.dataset.code}"]`);
    $("#other").value = radio ? "" : option.dataset.code;
    if (radio) radio.checked = true;
    $("#item").focus();
  };
  const inPick = (event) => {
    const list = options();
    const at = list.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") select(list[Math.min(at + 1, list.length - 1)]);
    else if (event.key === "ArrowUp") select(list[Math.max(at - 1, 0)]);
    else if (event.key === "Enter" && list[at]) choose(list[at]);
    else return;
    event.preventDefault();
  };
  $("#pick-text")?.addEventListener("input", ({ target }) => {
    const typed = target.value.trim().toUpperCase();
    for (const option of document.querySelectorAll("#pick-list li")) {
      option.hidden = !option.textContent.toUpperCase().includes(typed);
    }
    select(options()[0]);
  });
  $("#pick-list")?.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });

  // Of the two ways to choose a category the later one counts.
  document.addEventListener("change", (event) => {
    if (event.target.name === "category") $("#other").value = "";
  });

  // Help, and the choice of keys.
  const help = $("#keys");
  let changing = null;
  const row = (action) => {
    const line = document.createElement("tr");
    const [, words] = ACTIONS[action];
    for (const text of [words, shown(keyOf(action))]) {
      line.insertCell().textContent = text;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = changing === action ? "按新的鍵…" : "改";
    button.setAttribute("aria-label", `更換：${words}`);
    button.addEventListener("click", () => {
      changing = action;
      list();
      help.querySelectorAll("tbody button")[NAMED.indexOf(action)].focus();
    });
    line.insertCell().append(button);
    return line;
  };
  const complain = (words) => {
    help.querySelector(".error").textContent = words;
  };
  const list = () => {
    help.querySelector("tbody").replaceChildren(...NAMED.map(row));
    const button = help.querySelector("[data-switch]");
    button.setAttribute("aria-pressed", String(enabled()));
    button.textContent = enabled() ? "快捷鍵：開" : "快捷鍵：關";
    label();
  };
  const openHelp = () => {
    if (!help) return;
    changing = null;
    complain("");
    list();
    help.showModal();
  };
  help?.addEventListener("keydown", (event) => {
    if (!changing || event.isComposing || event.keyCode === 229) return;
    if (/^(Shift|Control|Alt|Meta|OS|Tab|CapsLock|Fn)/.test(event.code) || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const key = pressed(event);
    const other = Object.keys(ACTIONS).find((name) => name !== changing && keyOf(name) === key);
    if (event.code === "Escape") complain("");
    else if (other) complain(`「${shown(key)}」已用於「${ACTIONS[other][1]}」，請換一個鍵。`);
    else {
      keys = { ...keys, [changing]: key };
      store("keys", JSON.stringify(keys));
      complain("");
    }
    changing = null;
    list();
  });
  help?.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) help.close();
    else if (event.target.closest("[data-reset]")) {
      keys = {};
      store("keys", null);
      list();
    } else if (event.target.closest("[data-switch]")) {
      store("shortcut", enabled() ? "off" : "on");
      list();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-key=help]")) openHelp();
  });

  // One decision at a time; what came in its place is read from the top.
  document.addEventListener("htmx:beforeRequest", () => {
    waiting = true;
  });
  document.addEventListener("htmx:afterRequest", () => {
    waiting = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "item") return;
    purpose = null;
    label();
    scrollTo(0, 0);
    $("#item-title")?.focus({ preventScroll: true });
  });
  label();
})();
