"use strict";

// Jobs go on while one looks. One job is told of by server-sent events, or asked for where there are none left;
// a list is asked for. Without this the page still says all there is, as of when it was opened.
(() => {
  const EVERY = 3000;
  const SELDOM = 15000;
  const PATIENCE = 10000;
  const root = document.querySelector("[data-live]");
  const stale = document.querySelector("[data-stale]");
  const said = document.querySelector("[data-said]");

  // Whoever presses twice asks once.
  document.addEventListener("submit", (event) => {
    const { dataset } = event.target;
    if (dataset.sent) event.preventDefault();
    dataset.sent = "true";
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  const enabled = () => {
    try {
      return localStorage.getItem("shortcut") !== "off";
    } catch {
      return true;
    }
  };
  // J and K walk through the jobs; Enter opens one, since each is a link.
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || !enabled()) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const step = { KeyJ: 1, KeyK: -1 }[event.code];
    const links = [...document.querySelectorAll(".job-head a")];
    if (!step || !links.length) return;
    event.preventDefault();
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(at + step, links.length - 1))].focus();
  });

  if (!root) return;
  const names = JSON.parse(root.dataset.names);
  const number = (value) => value.toLocaleString("en-US");
  const speed = (value) => (value >= 10 ? number(Math.round(value)) : value.toFixed(1));
  // As api/review/jobs.py words it.
  const duration = (seconds) => {
    const whole = Math.max(1, Math.round(seconds));
    if (whole < 60) return `${whole} 秒`;
    if (whole < 3600) return `${Math.floor(whole / 60)} 分 ${whole % 60} 秒`;
    return `${number(Math.floor(whole / 3600))} 小時 ${Math.floor((whole % 3600) / 60)} 分`;
  };

  const show = (place, job) => {
    const write = (name, text) => {
      const field = place.querySelector(`[data-field="${name}"]`);
      if (field && field.textContent !== text) field.textContent = text;
    };
    const settled = job.done + job.failed;
    const bar = place.querySelector("progress");
    bar.max = job.total || 1;
    bar.value = job.total ? settled : 1;
    bar.textContent = `${number(settled)}／${number(job.total)}`;
    write("settled", number(settled));
    write("total", number(job.total));
    for (const [name, value, text] of [
      ["rate", job.rate, speed],
      ["left", job.secondsLeft, duration],
    ]) {
      place.querySelector(`[data-shown="${name}"]`).hidden = value === null;
      if (value !== null) write(name, text(value));
    }
    for (const [name, value] of Object.entries(job.counts)) write(name, number(value));
    write("failed", number(job.failed));
    place.querySelector("[data-wrong]").className = job.failed ? "wrong" : "";
    place.querySelector('[data-shown="counts"]').hidden = settled === 0;
    for (const [name, value] of Object.entries(job.chunks)) write(`chunks.${name}`, number(value));
    const badge = place.querySelector('[data-field="state"]');
    write("state", names[job.state]);
    badge.className = `state ${job.state}`;
    place.dataset.state = job.state;
  };

  // What a state brings with it, buttons and failures, is written by the server.
  const renew = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(root.id);
    if (!fresh) return;
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const address = focused?.getAttribute("href");
    root.replaceChildren(...fresh.childNodes);
    for (const [name, value] of Object.entries(fresh.dataset)) root.dataset[name] = value;
    if (!focused) return;
    const again = address && [...root.querySelectorAll("a")].find((one) => one.getAttribute("href") === address);
    (again || root.querySelector("h1, a"))?.focus({ preventScroll: true });
  };

  let waiting = null;
  const trouble = () => {
    waiting ??= setTimeout(() => {
      stale.hidden = false;
    }, PATIENCE);
  };
  const well = () => {
    clearTimeout(waiting);
    waiting = null;
    stale.hidden = true;
  };

  let quarter = null;
  const announce = (job) => {
    if (!said) return;
    const now = job.total ? Math.floor((4 * (job.done + job.failed)) / job.total) : 4;
    const ended = !["waiting", "running"].includes(job.state);
    if (ended) said.textContent = `${names[job.state]}：${number(job.done)} 筆，失敗 ${number(job.failed)} 筆`;
    else if (quarter !== null && now > quarter) said.textContent = `已處理 ${now * 25}%`;
    quarter = now;
  };

  let tag = "";
  let timer = null;
  let source = null;
  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(poll, milliseconds);
  };
  const ask = async () => {
    const answer = await fetch(root.dataset.live, {
      headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) },
      cache: "no-store",
    });
    if (answer.status === 304) return null;
    if (!answer.ok) throw new Error(answer.statusText);
    tag = answer.headers.get("ETag") || "";
    return answer.json();
  };
  const ended = (state) => state !== "waiting" && state !== "running";

  const poll = async () => {
    if (document.hidden) return;
    try {
      const content = await ask();
      well();
      if (content) await (root.id === "jobs" ? many(content.jobs) : one(content));
    } catch {
      trouble();
    }
    if (root.id === "jobs") later(root.querySelector("[data-state=running], [data-state=waiting]") ? EVERY : SELDOM);
    else if (!ended(root.dataset.state)) later(EVERY);
  };

  const many = async (jobs) => {
    const places = [...root.querySelectorAll(".job")];
    const alike =
      places.length === jobs.length && places.every((place, at) => place.dataset.job === String(jobs[at].id));
    if (!alike) return renew();
    jobs.forEach((job, at) => show(places[at], job));
  };
  const one = async (job) => {
    const before = root.dataset.state;
    show(root, job);
    announce(job);
    if (before !== job.state) await renew();
  };

  const listen = () => {
    source = new EventSource(root.dataset.live);
    source.addEventListener("open", well);
    source.addEventListener("progress", (event) => {
      well();
      one(JSON.parse(event.data)).catch(trouble);
    });
    source.addEventListener("end", () => source.close());
    source.addEventListener("error", () => {
      // Refused for good, perhaps since too many listen: then it is asked for. Else the browser comes again.
      if (source.readyState !== EventSource.CLOSED) return trouble();
      if (!ended(root.dataset.state)) later(EVERY);
    });
  };
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const start = () => {
    stop();
    if (document.hidden) return;
    if (root.id === "jobs") return later(EVERY);
    if (!ended(root.dataset.state)) return "EventSource" in window ? listen() : later(EVERY);
  };
  // Nobody looks at a hidden page: it leaves its place to others.
  document.addEventListener("visibilitychange", start);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
})();
