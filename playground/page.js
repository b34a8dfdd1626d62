// The playground's page. Whatever people or the bot wrote becomes text nodes, never markup.

const GROUP = "group", CUSTOMER = "customer";
const PROMPTS = [
  { icon: "camera", title: "Drop a photo and ask", text: "How long does this keep?", photo: true },
  { icon: "box", title: "Ask about the shop", text: "How do I return something I bought?" },
  { icon: "person", title: "Ask for somebody", text: "I would like to talk to a person, please." },
];
const FAULTS = [
  ["429, wait 5 s", { method: "*", error_code: 429, retry_after: 5 }],
  ["502 Bad Gateway", { method: "*", error_code: 502, description: "Bad Gateway" }],
  ["No answer", { method: "*", drop: true }],
  ["Done, answer lost", { method: "sendMessage", drop: true, when: "after" }],
  ["Slow: 8 s", { method: "sendMessage", delay: 8 }],
  ["Message thread not found", { method: "sendMessage", error_code: 400, description: "Bad Request: message thread not found" }],
  ["Can't parse entities", { method: "sendMessage", error_code: 400, description: "Bad Request: can't parse entities: unsupported start tag" }],
  ["Bot was blocked", { method: "sendMessage", error_code: 403, description: "Forbidden: bot was blocked by the user" }],
];
const TOLD = {
  forum_topic_created: (m) => `${nameOf(m.from)} made the topic “${m.forum_topic_created.name}”`,
  forum_topic_edited: (m) => `${nameOf(m.from)} named the topic “${m.forum_topic_edited.name}”`,
  forum_topic_closed: (m) => `${nameOf(m.from)} closed the topic`,
  forum_topic_reopened: (m) => `${nameOf(m.from)} opened the topic again`,
  pinned_message: (m) => `${nameOf(m.from)} pinned a message`,
  migrate_to_chat_id: () => "The group was upgraded and goes on under another id",
  migrate_from_chat_id: () => "The group was upgraded",
};
const serviceOf = (message) => Object.keys(TOLD).find((kind) => kind in message);
const threadOf = (message) => message.message_thread_id || 0;
const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…" };

const world = { state: null, revision: 0, confirmedBefore: 0, chats: new Map(), typing: new Map(), unread: new Map(), unreadTopics: new Map() };
const panes = {};
let customerId = Number(new URLSearchParams(location.search).get("customer")) || 0;

// Small things

const $ = (selector, root = document) => root.querySelector(selector);

function make(tag, attributes = {}, ...children) {
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
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("drawn");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

class Unreachable extends Error {}

async function call(method, path, body) {
  const form = body instanceof FormData;
  try {
    const response = await fetch(path, {
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
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    toast("The playground does not answer: try again in a moment.");
  }
}

const initials = (name) => [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";
const tone = (id) => `tone-${Math.abs(id) % 6}`;
const nameOf = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ") || user.title || "";
const clock = (date) => new Date(date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const fileUrl = (fileId) => `/playground/files/${encodeURIComponent(fileId)}`;

function avatar(user) {
  return make("span", { class: `avatar ${user.is_bot ? "tone-bot" : tone(user.id)}`, "aria-hidden": "true" }, initials(nameOf(user)));
}

function dayOf(date) {
  const day = new Date(date * 1000), today = new Date();
  if (day.toDateString() === today.toDateString()) return "Today";
  return day.toLocaleDateString([], { day: "numeric", month: "long" });
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function toast(text) {
  const element = make("p", { class: "toast" }, text);
  $("#toasts").append(element);
  setTimeout(() => element.remove(), 5000);
}

function ask(text, yes, question = true) {
  const dialog = $("#ask");
  $("#ask-text").textContent = text;
  $("[value=yes]", dialog).textContent = yes;
  $("[value=no]", dialog).hidden = !question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// Text with entities. Offsets count UTF-16 units, as JavaScript's strings do.

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote" };

function linkTarget(entity, text) {
  if (entity.type === "text_link") return entity.url;
  if (entity.type === "email") return `mailto:${text}`;
  return entity.type === "url" ? (/^[a-z]+:/i.test(text) ? text : `https://${text}`) : "";
}

function wrap(entity, text, pane) {
  const target = linkTarget(entity, text);
  if (/^(https?:|mailto:)/i.test(target)) {
    return make("a", { href: target, target: "_blank", rel: "noopener noreferrer" });
  }
  if (entity.type === "bot_command") {
    return make("button", { type: "button", class: "inline-link", onclick: () => pane.send(text) });
  }
  if (entity.type === "spoiler") {
    return make("span", { class: "spoiler", tabindex: "0", role: "button", "aria-label": "Show hidden text",
      onclick: (event) => event.currentTarget.classList.add("shown") });
  }
  if (TAGS[entity.type]) return make(TAGS[entity.type]);
  return make("span", { class: entity.type === "custom_emoji" || target ? "" : "accent" });
}

function rich(text, entities, pane) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  const fill = (parent, from, to) => {
    let at = from;
    while (next < sorted.length && sorted[next].offset < to) {
      const entity = sorted[next++];
      if (entity.offset < at) continue; // overlaps what came before: the text stays, the second mark goes
      const end = Math.min(entity.offset + entity.length, to);
      parent.append(text.slice(at, entity.offset));
      const element = wrap(entity, text.slice(entity.offset, end), pane);
      fill(element, entity.offset, end);
      parent.append(element);
      at = end;
    }
    parent.append(text.slice(at, to));
    return parent;
  };
  return fill(make("div", { class: "text" }), 0, text.length);
}

// One message, or the parts of an album

function videoOf(message) {
  return message.video || message.animation || message.video_note || message.sticker;
}

function summary(message) {
  return message.text || message.caption || (message.photo ? "Photo" : message.document?.file_name || (videoOf(message) ? "Video" : "File"));
}

function photo(message) {
  const size = message.photo.find((one) => one.width >= 600 || one.height >= 600) || message.photo.at(-1);
  const alt = `Photo from ${nameOf(message.from)}${message.caption ? `: ${message.caption}` : ""}`;
  const image = make("img", { src: fileUrl(size.file_id), width: size.width, height: size.height, alt });
  image.addEventListener("error", () => image.replaceWith(make("span", { class: "broken" }, "Not a readable picture")));
  const open = () => {
    const full = $("#viewer img");
    full.src = fileUrl(message.photo.at(-1).file_id);
    full.alt = alt;
    $("#viewer").showModal();
  };
  return make("button", { type: "button", class: "photo", "aria-label": `Open: ${alt}`, onclick: open }, image);
}

function documentLink({ file_id: id, file_name: name, mime_type: mime, file_size: size }) {
  return make("a", { class: "document", href: fileUrl(id), download: name || "file" },
    make("span", { class: "sheet", "aria-hidden": "true" }, (name?.split(".").pop() || "file").slice(0, 4)),
    make("span", {}, make("b", {}, name || "File"), make("small", {}, [sizeOf(size), mime].filter(Boolean).join(" · "))));
}

function media(parts) {
  const photos = parts.filter((part) => part.photo);
  const documents = parts.map((part) => part.document || videoOf(part)).filter(Boolean).map(documentLink);
  const grid = photos.length && make("div", { class: `photos ${photos.length > 1 ? "album" : ""}` }, ...photos.map(photo));
  return [grid || null, ...documents];
}

function ticks(pane, parts) {
  const update = world.chats.get(pane.chatId)?.get(parts.at(-1).message_id)?.update_id;
  const seen = update != null && update < world.confirmedBefore;
  return make("span", { class: `ticks ${seen ? "seen" : ""}`, role: "img", "aria-label": seen ? "seen by the bot" : "sent" },
    seen ? "✓✓" : "✓");
}

function quoteOf(pane, original) {
  const jump = () => $(`[data-key="${CSS.escape(pane.keyOf(original))}"]`, pane.root)?.scrollIntoView({ block: "center", behavior: "smooth" });
  return make("button", { type: "button", class: "reply", onclick: jump },
    make("b", {}, nameOf(original.from)), make("span", {}, summary(original)));
}

function keyboard(pane, message) {
  const rows = message.reply_markup?.inline_keyboard || [];
  if (!rows.length) return null;
  const button = (one) => one.url
    ? make("a", { class: "key", href: one.url, target: "_blank", rel: "noopener noreferrer" }, `${one.text} ↗`)
    : make("button", { type: "button", class: "key", onclick: (event) => attempt(() => pane.press(message, one, event.currentTarget)) }, one.text);
  return make("div", { class: "keys" }, ...rows.map((row) => make("div", {}, ...row.map(button))));
}

// Keeps the last line of a text clear of the time that stands in the bubble's corner.
function room(own, edited) {
  const space = make("span", { class: "room", "aria-hidden": "true" });
  space.style.width = `${44 + (own ? 20 : 0) + (edited ? 42 : 0)}px`;
  return space;
}

function bubble(pane, parts, follows, followed) {
  const told = serviceOf(parts[0]);
  if (told) return make("li", { class: "day told" }, TOLD[told](parts[0]));
  const first = parts[0], said = parts.find((part) => part.text || part.caption) || first;
  const own = pane.isOwn(first.from), text = said.text || said.caption;
  const origin = first.forward_origin && make("p", { class: "origin" }, `Forwarded from ${nameOf(first.forward_origin.sender_user || {})}`);
  const meta = make("span", { class: "meta" }, said.edit_date ? "edited " : "",
    make("time", { datetime: new Date(first.date * 1000).toISOString() }, clock(first.date)), own ? ticks(pane, parts) : null);
  const body = make("div", { class: `bubble ${text ? "" : "bare"}` },
    pane.showsNames && !own && !follows ? make("p", { class: `name ${first.from.is_bot ? "tone-bot" : tone(first.from.id)}` }, nameOf(first.from)) : null,
    origin, first.reply_to_message && !first.reply_to_message.forum_topic_created ? quoteOf(pane, first.reply_to_message) : null, ...media(parts),
    text ? rich(text, said.entities || said.caption_entities || [], pane) : null, meta);
  $(".text", body)?.append(room(own, said.edit_date));
  const reply = make("button", { type: "button", class: "icon answer", "aria-label": `Reply to ${nameOf(first.from)}: ${summary(said)}`,
    onclick: () => pane.quote(first) }, icon("reply"));
  const edit = own && text ? make("button", { type: "button", class: "icon answer", "aria-label": `Edit: ${summary(said)}`,
    onclick: () => pane.change(said) }, icon("pencil")) : null;
  return make("li", { class: `message ${own ? "own" : ""} ${follows ? "follows" : ""} ${followed ? "followed" : ""}` },
    own ? null : avatar(first.from),
    make("div", { class: "stack" }, make("div", { class: "row" }, body, reply, edit), keyboard(pane, said)));
}

// A pane: one chat, its messages and its composer

class Pane {
  constructor(side) {
    this.side = side;
    this.root = $(`#${side}`);
    this.root.append($("#pane").content.cloneNode(true));
    this.showsNames = side === GROUP;
    this.drawn = new Map();
    this.files = [];
    this.replyTo = null;
    this.editing = null;
    this.thread = 0;
    this.pinned = true;
    this.log = $(".log", this.root);
    this.scroller = $(".scroll", this.root);
    this.input = $("textarea", this.root);
    this.picker = $("input[type=file]", this.root);
    $("h2", this.root).id = `${side}-title`;
    this.listen();
  }

  get chatId() { return this.side === GROUP ? world.state.group.id : customerId; }

  get userId() { return this.side === GROUP ? Number($(".as select", this.root).value) : customerId; }

  isOwn(user) { return this.side === GROUP ? user.id === this.userId : user.id === customerId; }

  keyOf(message) { return message.media_group_id ? `a${message.media_group_id}` : `m${message.message_id}`; }

  listen() {
    const root = this.root, form = $("form.composer", root);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape") this.quote(null);
    });
    this.input.addEventListener("input", () => { this.grow(); this.suggest(); });
    this.input.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) { event.preventDefault(); this.attach(event.clipboardData.files); }
    });
    $(".attach", root).addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => { this.attach(this.picker.files); this.picker.value = ""; });
    $(".quote button", root).addEventListener("click", () => this.quote(null));
    $(".as select", root).addEventListener("change", (event) => attempt(() => this.changeAgent(event.target)));
    $(".newest", root).addEventListener("click", () => this.toEnd());
    $(".topic-close", root).addEventListener("click", () => attempt(() => this.topicDo(this.topic?.closed ? "reopen" : "close")));
    $(".topic-delete", root).addEventListener("click", () => attempt(async () => {
      if (await ask(`Delete “${this.topic.name}”? Telegram does not tell the bot.`, "Delete")) await this.topicDo("delete");
    }));
    $(".pinned", root).addEventListener("click", () => {
      const id = this.topic?.pinned.at(-1);
      $(`[data-key="m${id}"]`, root)?.scrollIntoView({ block: "start", behavior: "smooth" });
    });
    this.scroller.addEventListener("scroll", () => { this.pinned = this.atEnd(); $(".newest", root).hidden = this.pinned; });
    this.scroller.addEventListener("load", () => { if (this.pinned) this.toEnd(); }, true); // a photo arrived and takes its room
    this.listenForDrops();
  }

  listenForDrops() {
    const cover = $(".drop", this.root);
    this.root.addEventListener("dragover", (event) => { event.preventDefault(); cover.hidden = false; });
    this.root.addEventListener("dragleave", (event) => { if (!this.root.contains(event.relatedTarget)) cover.hidden = true; });
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      cover.hidden = true;
      this.attach(event.dataTransfer.files);
    });
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  suggest() {
    const box = $(".suggestions", this.root), typed = this.input.value;
    const fitting = /^\/\w*$/.test(typed) ? world.state.commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
    box.replaceChildren(...fitting.map((one) => make("button", { type: "button", onclick: () => this.send(`/${one.command}`) },
      make("b", {}, `/${one.command}`), ` ${one.description || ""}`)));
    box.hidden = !fitting.length;
  }

  attach(files) {
    this.files.push(...files);
    this.drawTray();
    this.input.focus();
  }

  drawTray() {
    const list = $(".tray ul", this.root);
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...this.files.map((file, index) => {
      const remove = () => { this.files.splice(index, 1); this.drawTray(); };
      const picture = file.type.startsWith("image/") && make("img", { src: URL.createObjectURL(file), alt: "" });
      return make("li", {}, picture || make("span", { class: "sheet", "aria-hidden": "true" }, file.name.split(".").pop().slice(0, 4)),
        make("span", { class: "file-name" }, file.name),
        make("button", { type: "button", class: "icon", "aria-label": `Remove ${file.name}`, onclick: remove }, "×"));
    }));
    $(".tray", this.root).hidden = !this.files.length;
    if (!this.files.length) $(".as-file", this.root).checked = false;
  }

  get topic() { return this.side === GROUP ? world.state.topics.find((one) => one.id === this.thread) : null; }

  async topicDo(action) { await call("POST", "/playground/topic", { user: this.userId, thread: this.thread, action }); }

  choose(thread) {
    this.thread = thread;
    world.unreadTopics.delete(thread);
    this.quote(null);
    this.drawn.clear();
    this.drawHead();
    this.draw();
    this.toEnd();
  }

  change(message) {
    this.quote(null);
    this.editing = message;
    $(".quote", this.root).hidden = false;
    $(".quoted", this.root).textContent = `Editing: ${summary(message)}`;
    this.input.value = message.text || message.caption;
    this.grow();
    this.input.focus();
  }

  quote(message) {
    if (this.editing) this.input.value = "";
    this.editing = null;
    this.replyTo = message;
    $(".quote", this.root).hidden = !message;
    $(".quoted", this.root).textContent = message ? `${nameOf(message.from)}: ${summary(message)}` : "";
    if (message) this.input.focus();
  }

  submit() {
    const text = this.input.value.trim();
    if (this.editing) { attempt(() => this.edited(text)); return; }
    if (text || this.files.length) this.send(text, this.files, $(".as-file", this.root).checked);
  }

  async edited(text) {
    const body = { user: this.userId, chat: this.chatId, message_id: this.editing.message_id, text };
    const { ok, answer } = await call("POST", "/playground/edit", body);
    if (ok) this.sent();
    else toast(answer.error || "This could not be changed.");
  }

  async send(text, files = [], asFile = false) {
    const form = new FormData();
    const fields = { user: this.userId, chat: this.chatId, text, as_file: asFile ? "1" : "0", reply_to: this.replyTo?.message_id || 0, thread: this.thread };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    for (const file of files) form.append("files", file, file.name || "picture");
    this.root.classList.add("sending");
    try {
      const { ok, status, answer } = await call("POST", "/playground/send", form);
      if (ok) this.sent();
      else if (answer.error === "not_a_photo") await this.offerAsFile(text, files, answer.names);
      else toast(status === 413 ? "At most 64 MB fit into one message here." : answer.error || "This could not be sent.");
    } catch {
      toast("The playground does not answer. Your message is still here: send it again in a moment.");
    } finally {
      this.root.classList.remove("sending");
    }
  }

  sent() {
    this.input.value = "";
    this.files = [];
    this.drawTray();
    this.quote(null);
    this.grow();
    this.suggest();
    this.toEnd();
  }

  async offerAsFile(text, files, names) {
    const which = names.map((name) => `“${name}”`).join(", ");
    if (await ask(`${which}: this cannot be sent as a photo; send it as a file?`, "Send as file")) await this.send(text, files, true);
  }

  async press(message, button, element) {
    element.classList.add("waiting");
    setTimeout(() => element.classList.remove("waiting"), 8000);
    const body = { user: this.userId, chat: this.chatId, message_id: message.message_id, data: button.callback_data };
    const { answer } = await call("POST", "/playground/press", body);
    if (!answer.query_id) return;
    waiting.set(answer.query_id, element);
    if (early.has(answer.query_id)) onAnswered(early.get(answer.query_id));
  }

  async changeAgent(select) {
    if (select.value !== "new") { this.drawn.clear(); this.draw(); return; }
    const names = ["Kim", "Alex", "Sam", "Noor", "Robin", "Mika"];
    const name = names.find((one) => !world.state.agents.some((agent) => agent.first_name === one)) || `Agent ${world.state.agents.length + 1}`;
    const { answer } = await call("POST", "/playground/people", { role: "agent", name });
    await readState();
    select.value = answer.id;
    this.drawn.clear();
    this.draw();
  }

  // Drawing

  groups() {
    const messages = [...(world.chats.get(this.chatId)?.values() || [])].map((known) => known.message);
    messages.sort((a, b) => a.message_id - b.message_id);
    const shown = this.side === GROUP ? messages.filter((message) => threadOf(message) === this.thread) : messages;
    const groups = new Map();
    for (const message of shown) {
      const key = this.keyOf(message);
      groups.set(key, [...(groups.get(key) || []), message]);
    }
    return groups;
  }

  draw() {
    const elements = [], groups = [...this.groups()];
    const isOne = (a, b) => a && b && !serviceOf(a[0]) && !serviceOf(b[0]) && a[0].from.id === b[0].from.id && dayOf(a[0].date) === dayOf(b[0].date);
    groups.forEach(([key, parts], index) => {
      const before = groups[index - 1]?.[1], day = dayOf(parts[0].date);
      if (!before || dayOf(before[0].date) !== day) elements.push(this.cached(`d${day}`, day, () => make("li", { class: "day" }, day)));
      const follows = isOne(before, parts), followed = isOne(parts, groups[index + 1]?.[1]);
      elements.push(this.cached(key, this.signature(parts, follows, followed), () => bubble(this, parts, follows, followed)));
    });
    elements.forEach((element, index) => {
      if (this.log.children[index] !== element) this.log.insertBefore(element, this.log.children[index] || null);
    });
    while (this.log.children.length > elements.length) this.log.lastElementChild.remove();
    this.drawEmpty(!elements.length);
    if (this.pinned) this.toEnd();
  }

  signature(parts, ...neighbours) {
    const known = world.chats.get(this.chatId);
    const seen = parts.map((part) => { const k = known.get(part.message_id); return [k.revision, k.update_id != null && k.update_id < world.confirmedBefore]; });
    return JSON.stringify([seen, neighbours]);
  }

  cached(key, signature, build) {
    const known = this.drawn.get(key);
    if (known?.signature === signature) return known.element;
    const element = build();
    element.dataset.key = key;
    known?.element.replaceWith(element);
    this.drawn.set(key, { signature, element });
    return element;
  }

  drawEmpty(empty) {
    const box = $(".empty", this.root);
    box.hidden = !empty;
    if (!empty || box.childElementCount) return;
    if (this.side === GROUP) { // General: the topics are above
      box.append(make("div", { class: "big" }, icon("bell")), make("h3", {}, "Nobody is waiting"),
        make("p", {}, "When a customer needs a person, the conversation arrives here, and you can answer it."));
      return;
    }
    const prompt = ({ icon: name, title, text, photo: wantsPhoto }) => make("button", { type: "button", class: "prompt",
      onclick: () => { this.input.value = text; this.grow(); if (wantsPhoto) this.picker.click(); else this.submit(); } },
      make("span", { class: "badge-icon" }, icon(name)), make("span", {}, make("small", {}, `${title}:`), make("b", {}, text)));
    box.append(make("div", { class: "big" }, icon("hello")), make("h3", {}, `Say hello to ${nameOf(world.state.bot)}`),
      make("p", {}, "Write as a customer would, or drop a photo anywhere in this chat."),
      make("div", { class: "prompts" }, ...PROMPTS.map(prompt)),
      make("button", { type: "button", class: "primary", onclick: () => this.send("/start") }, "Start"));
  }

  drawHead() {
    const { bot, group, agents, customers } = world.state;
    const isGroup = this.side === GROUP, who = isGroup ? group : bot;
    const picture = $(".head .avatar", this.root);
    picture.className = `avatar ${isGroup ? "tone-4" : "tone-bot"}`;
    picture.textContent = initials(nameOf(who));
    $("h2", this.root).textContent = nameOf(who);
    const customer = customers.find((one) => one.id === customerId);
    $(".tag", this.root).textContent = isGroup ? "Agents' side" : customer ? `${nameOf(customer)}'s side` : "";
    const topic = this.topic;
    this.input.placeholder = topic ? `Write to ${topic.name}… (// keeps it a note)` : isGroup ? "Write to the group…" : "Message";
    this.input.setAttribute("aria-label", isGroup ? "Message to the agents' group" : `Message to ${nameOf(bot)}`);
    this.log.setAttribute("aria-label", isGroup ? "Messages of the agents' group" : "Conversation with the bot");
    if (isGroup) { this.drawAgents(agents); this.drawTopics(); }
    this.drawTyping();
  }

  drawAgents(agents) {
    const select = $(".as select", this.root), chosen = select.value;
    select.replaceChildren(...agents.map((agent) => make("option", { value: agent.id }, `Agent ${nameOf(agent)}`.replace("Agent Agent", "Agent"))),
      make("option", { value: "new" }, "New agent…"));
    if (agents.some((agent) => String(agent.id) === chosen)) select.value = chosen;
    $(".as", this.root).hidden = false;
  }

  drawTopics() {
    const { topics } = world.state;
    if (this.thread && !this.topic) { this.choose(0); return; } // it was deleted
    const strip = $(".topics", this.root), known = this.known || new Set();
    const fresh = topics.filter((one) => !known.has(one.id));
    const first = !this.known;
    this.known = new Set(topics.map((one) => one.id));
    if (fresh.length && !this.thread && !this.input.value && (!first || topics.length === 1)) { this.choose(fresh.at(-1).id); return; }
    strip.hidden = !topics.length;
    const chip = ({ id, name, closed }) => make("li", {}, make("button", { type: "button", class: "chip topic", "data-id": id,
      "aria-current": id === this.thread ? "true" : "false", onclick: () => this.choose(id) },
      id ? avatar({ id, first_name: name }) : null, `${name}${closed ? " · closed" : ""}`,
      make("span", { class: "badge", hidden: !world.unreadTopics.get(id) }, world.unreadTopics.get(id) || "")));
    $("ul", strip).replaceChildren(...[{ id: 0, name: "General" }, ...topics.toReversed()].map(chip));
    $(".topic-close", strip).hidden = $(".topic-delete", strip).hidden = !this.topic;
    $(".topic-close", strip).textContent = this.topic?.closed ? "Reopen" : "Close";
    this.drawPinned();
  }

  drawPinned() {
    const message = world.chats.get(this.chatId)?.get(this.topic?.pinned.at(-1))?.message;
    $(".pinned", this.root).hidden = !message;
    $(".pinned span", this.root).textContent = message ? summary(message).split("\n").slice(0, 2).join(" · ") : "";
  }

  drawTyping() {
    const action = world.typing.get(this.chatId)?.action;
    const { agents } = world.state;
    const idle = this.side === GROUP ? `${agents.length} ${agents.length === 1 ? "agent" : "agents"} and the bot` : `@${world.state.bot.username}`;
    const status = $(".status", this.root);
    status.textContent = action ? ACTIONS[action] || "busy…" : idle;
    status.classList.toggle("busy", Boolean(action));
    $(".dots", this.root).hidden = !action;
    if (this.pinned) this.toEnd();
  }

  atEnd() { return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 60; }

  toEnd() {
    this.pinned = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

// Events

const waiting = new Map(); // query id → the pressed button
const early = new Map(); // answers that were quicker than the reply to the press itself

function remember(happened) {
  if (!world.chats.has(happened.chat_id)) world.chats.set(happened.chat_id, new Map());
  const chat = world.chats.get(happened.chat_id), id = happened.message.message_id;
  const isNew = !chat.has(id);
  if (happened.deleted) chat.delete(id);
  else if (isNew || chat.get(id).revision < happened.revision) chat.set(id, happened);
  world.revision = Math.max(world.revision, happened.revision);
  return isNew && !happened.deleted;
}

function sideOf(chatId) { return chatId === world.state.group.id ? GROUP : chatId === customerId ? CUSTOMER : null; }

function isShown(side) { return side && (document.body.dataset.tab === side || matchMedia("(min-width: 821px)").matches); }

function setTyping(chatId, action, seconds) {
  clearTimeout(world.typing.get(chatId)?.timer);
  if (action) world.typing.set(chatId, { action, timer: setTimeout(() => setTyping(chatId, null), seconds * 1000) });
  else world.typing.delete(chatId);
  if (sideOf(chatId)) panes[sideOf(chatId)].drawTyping();
}

function onMessage(happened) {
  const isNew = remember(happened), side = sideOf(happened.chat_id);
  if (happened.message.from.is_bot) {
    setTyping(happened.chat_id, null);
    if (side === GROUP && isNew && threadOf(happened.message) !== panes.group.thread && !serviceOf(happened.message)) {
      const thread = threadOf(happened.message);
      world.unreadTopics.set(thread, (world.unreadTopics.get(thread) || 0) + 1);
      panes.group.drawTopics();
    }
    if (isNew && !isShown(side)) world.unread.set(happened.chat_id, (world.unread.get(happened.chat_id) || 0) + 1);
  }
  if (side) panes[side].draw();
  if (side === GROUP) panes.group.drawPinned();
  drawUnread();
}

function onAnswered(happened) {
  if (!waiting.has(happened.query_id)) { early.set(happened.query_id, happened); return; }
  waiting.get(happened.query_id).classList.remove("waiting");
  waiting.delete(happened.query_id);
  if (!happened.text) return;
  if (happened.show_alert) ask(happened.text, "OK", false);
  else toast(happened.text);
}

const HANDLERS = {
  message: onMessage,
  answered: onAnswered,
  typing: (happened) => setTyping(happened.chat_id, happened.action, happened.seconds),
  confirmed: (happened) => { world.confirmedBefore = happened.before; panes.customer.draw(); panes.group.draw(); },
  people: () => attempt(readState),
};

function showLink(live) {
  $("#link").classList.toggle("lost", !live);
  $("#link-text").textContent = live ? "Live" : "The playground is restarting…";
}

function connect() {
  const source = new EventSource(`/playground/events?since=${world.revision}`);
  const patience = setTimeout(() => showLink(false), 3000);
  let given = false;
  const lost = () => {
    if (given) return; // the stream's end and a failed read say the same thing
    given = true;
    clearTimeout(patience);
    source.close();
    showLink(false);
    setTimeout(connect, 700);
  };
  source.onopen = async () => {
    clearTimeout(patience);
    try {
      await readState();
      showLink(true);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      lost(); // it opened the stream and went away
    }
  };
  source.onmessage = ({ data }) => { const happened = JSON.parse(data); HANDLERS[happened.type]?.(happened); };
  source.onerror = lost;
  addEventListener("pagehide", () => source.close(), { once: true });
}

// Who is here

function drawUnread() {
  for (const side of [CUSTOMER, GROUP]) {
    const count = [...world.unread].filter(([chat]) => (sideOf(chat) === GROUP) === (side === GROUP)).reduce((sum, [, n]) => sum + n, 0);
    const badge = $(`#tab-${side} .badge`);
    badge.hidden = !count;
    badge.textContent = count;
  }
  for (const chip of document.querySelectorAll("#customers .chip")) {
    const count = world.unread.get(Number(chip.dataset.id)) || 0;
    $(".badge", chip).hidden = !count;
    $(".badge", chip).textContent = count;
  }
}

function drawCustomers() {
  const chip = (user) => make("li", {}, make("button", { type: "button", class: "chip", "data-id": user.id,
    "aria-current": user.id === customerId ? "true" : "false", onclick: () => attempt(() => choose(user.id)) },
    avatar(user), nameOf(user), make("span", { class: "badge", hidden: true })));
  $("#customers").replaceChildren(...world.state.customers.map(chip));
  drawUnread();
}

async function readState() {
  const { answer } = await call("GET", "/playground/state");
  if (world.state && answer.revision < world.revision) { location.reload(); return; } // another playground on this port
  world.state = answer;
  world.confirmedBefore = answer.confirmed_before;
  if (!answer.customers.some((one) => one.id === customerId)) customerId = answer.customers[0]?.id || 0;
  $("#brand").textContent = nameOf(answer.bot);
  document.title = `${nameOf(answer.bot)} · playground`;
  drawCustomers();
  for (const pane of Object.values(panes)) { pane.drawHead(); pane.draw(); }
}

async function readHistory(chatId) {
  const { answer } = await call("GET", `/playground/messages?chat=${chatId}`);
  for (const happened of answer.messages || []) remember(happened);
  if (answer.typing) setTyping(chatId, "typing", 3);
}

async function choose(id) {
  customerId = id;
  history.replaceState(null, "", `?customer=${id}`);
  world.unread.delete(id);
  panes.customer.drawn.clear();
  panes.customer.quote(null);
  await readHistory(id);
  drawCustomers();
  panes.customer.drawHead();
  panes.customer.draw();
  panes.customer.toEnd();
  if (matchMedia("(min-width: 821px)").matches) panes.customer.input.focus();
}

// Trouble on demand

async function drawTrouble() {
  const { answer } = await call("GET", "/playground/faults");
  const waiting = answer.faults.map((one) => `${one.times} × ${one.method} ${one.error_code || (one.drop ? "no answer" : "slow")}`);
  $("#trouble-waiting").textContent = waiting.length ? `Still to come: ${waiting.join(", ")}` : "All is well.";
  $("#trouble-flood").checked = answer.flood;
}

function trouble() {
  const button = (text, work) => make("button", { type: "button", class: "key", onclick: () => attempt(async () => { await work(); await drawTrouble(); }) }, text);
  const customer = () => world.state.customers.find((one) => one.id === customerId);
  $("#trouble .faults").replaceChildren(...FAULTS.map(([text, fault]) => button(text, () => call("POST", "/playground/faults", fault))));
  $("#trouble .happens").replaceChildren(
    button(customer()?.blocked ? `${nameOf(customer())} unblocks the bot` : `${nameOf(customer())} blocks the bot`, async () => {
      await call("POST", "/playground/block", { user: customerId, blocked: !customer().blocked });
      await readState();
      trouble();
    }),
    button("Upgrade the group (another id)", async () => {
      await call("POST", "/playground/migrate", { user: panes.group.userId });
      location.reload();
    }));
  attempt(drawTrouble);
  if (!$("#trouble").open) $("#trouble").showModal();
}

function showTab(side) {
  document.body.dataset.tab = side;
  for (const one of [CUSTOMER, GROUP]) $(`#tab-${one}`).setAttribute("aria-selected", String(one === side));
  world.unread.delete(side === GROUP ? world.state.group.id : customerId);
  drawUnread();
  panes[side].toEnd();
}

async function begin() {
  panes.customer = new Pane(CUSTOMER);
  panes.group = new Pane(GROUP);
  for (const side of [CUSTOMER, GROUP]) $(`#tab-${side}`).addEventListener("click", () => showTab(side));
  $("#new-customer").addEventListener("click", () => attempt(async () => {
    const { answer } = await call("POST", "/playground/people", { role: "customer" });
    await readState();
    await choose(answer.id);
  }));
  $("#trouble-open").addEventListener("click", trouble);
  $("#trouble-flood").addEventListener("change", (event) => attempt(() => call("POST", "/playground/flood", { on: event.target.checked })));
  $("#trouble-clear").addEventListener("click", () => attempt(async () => { await call("DELETE", "/playground/faults"); await drawTrouble(); }));
  $("#viewer").addEventListener("click", () => $("#viewer").close());
  try {
    await readState();
    world.revision = world.state.revision;
    await Promise.all([readHistory(world.state.group.id), readHistory(customerId)]);
    for (const pane of Object.values(panes)) { pane.draw(); pane.toEnd(); }
    connect();
  } catch {
    showLink(false);
    setTimeout(() => location.reload(), 1500);
  }
}

begin();
