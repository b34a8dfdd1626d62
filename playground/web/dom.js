// Small things: elements, calls, dialogs, and what this browser remembers.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

const ICONS = {
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
  box: "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.8-3.700 3.800-5.500 7.500-5.500s6.700 1.800 7.500 5.500",
  hello: "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 11h.01M12 11h.01M16 11h.01",
  bell: "M4 18h16M5.500 18a6.500 6.500 0 0 1 13 0M12 11.500V8M10 8h4M12 4.500v.01",
  reply: "M10 7l-5 5 5 5M5 12h8c4 0 6 2 6 6",
  pencil: "M5 19l1-4 9-9 3 3-9 9zM13 8l3 3",
  thumb: "M8 11v8H5v-8zM8 11l4-7c2 0 2.500 1.500 2 3l-.7 3H19a1.500 1.500 0 0 1 1.400 2l-2 6a1.500 1.500 0 0 1-1.400 1H8",
  microphone: "M12 4a2.500 2.500 0 0 0-2.500 2.500v5a2.500 2.500 0 0 0 5 0v-5A2.500 2.500 0 0 0 12 4zM6 11.500a6 6 0 0 0 12 0M12 17.500V21",
  pin: "M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11zM12 8.200a1.800 1.800 0 1 0 0 3.600 1.800 1.800 0 0 0 0-3.600z",
  chart: "M5 19v-6M12 19V6M19 19v-9",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("drawn");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// Calls

const asked = new URLSearchParams(location.search);
export const botId = Number(asked.get("bot")) || 0;
export const askedCustomer = Number(asked.get("customer")) || 0;

export const address = (path) => (botId ? `${path}${path.includes("?") ? "&" : "?"}bot=${botId}` : path);
export const fileUrl = (fileId) => address(`/playground/files/${encodeURIComponent(fileId)}`);

export class Unreachable extends Error {}

export async function call(method, path, body) {
  const form = body instanceof FormData;
  try {
    const response = await fetch(address(path), {
      method,
      body: form ? body : body && JSON.stringify(body),
      headers: body && !form ? { "Content-Type": "application/json" } : {},
    });
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
    return { status: response.status, ok: response.ok, answer };
  } catch (error) {
    throw new Unreachable(error.message); // gone, or gone in the middle of its answer
  }
}

// What a click or an event begins: the playground may be restarting just then.
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    toast("The playground does not answer. Try again in a moment.");
  }
}

// A double click acts once: its second click is nobody's wish.
export function ignoreSecondClicks() {
  document.addEventListener("click", (event) => {
    if (event.detail < 2 || !event.target.closest("button, a.key")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

// Left and right go from one button to the next, as in any strip of tabs.
export function arrowKeys(strip, selector) {
  strip.addEventListener("keydown", (event) => {
    const all = $$(selector, strip).filter((one) => !one.hidden), at = all.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    next.focus();
    if (next.getAttribute("role") === "tab") next.click();
  });
}

// Over everything

export function toast(text) {
  const element = make("p", { class: "toast" }, text);
  $("#toasts").append(element);
  setTimeout(() => element.remove(), 5000);
}

export function ask(text, yes, question = true) {
  const dialog = $("#ask");
  $("#ask-text").textContent = text;
  $("[value=yes]", dialog).textContent = yes;
  $("[value=no]", dialog).hidden = !question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// What this browser remembers of this playground: a new one on the same port begins anew.

let born = "";

export function rememberFor(world) {
  born = world;
}

export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`playground ${born} ${name}`)) ?? otherwise;
  } catch {
    return otherwise; // no storage here, or somebody else's words in it
  }
}

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`playground ${born} ${name}`);
    else localStorage.setItem(`playground ${born} ${name}`, JSON.stringify(value));
  } catch {
    // without storage the page works, and forgets
  }
}

// Words

export const initials = (name) => [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";
export const tone = (id) => `tone-${Math.abs(id) % 6}`;
export const nameOf = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ") || user.title || "";
export const clock = (date) => new Date(date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function avatar(user) {
  return make("span", { class: `avatar ${user.is_bot ? "tone-bot" : tone(user.id)}`, "aria-hidden": "true" }, initials(nameOf(user)));
}

export function dayOf(date) {
  const day = new Date(date * 1000), today = new Date();
  if (day.toDateString() === today.toDateString()) return "Today";
  return day.toLocaleDateString([], { day: "numeric", month: "long" });
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
