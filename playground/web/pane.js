// A pane: one chat and its messages. Its lower edge is the composer.

import { $, arrowKeys, ask, attempt, avatar, call, dayOf, icon, initials, keep, kept, make, nameOf, toast } from "./dom.js";
import { Composer } from "./composer.js";
import { onPressed, readState } from "./events.js";
import { bubble, buttonsOf } from "./message.js";
import { GROUP, customer, here, isShown, markSeen, serviceOf, summary, threadOf, unread, world } from "./world.js";

const PROMPTS = [
  { icon: "camera", title: "Drop a photo and ask", text: "How long does this keep?", photo: true },
  { icon: "box", title: "Ask about the shop", text: "How do I return something I bought?" },
  { icon: "person", title: "Ask for somebody", text: "I would like to talk to a person, please." },
];
const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…" };

export class Pane {
  constructor(side) {
    this.side = side;
    this.root = $(`#${side}`);
    this.root.append($("#pane").content.cloneNode(true));
    this.showsNames = side === GROUP;
    this.drawn = new Map();
    this.thread = 0;
    this.pinned = true;
    this.log = $(".log", this.root);
    this.scroller = $(".scroll", this.root);
    $("h2", this.root).id = `${side}-title`;
    this.composer = new Composer(this);
    this.listen();
  }

  get chatId() { return this.side === GROUP ? world.state.group.id : here.customer; }

  get userId() { return this.side === GROUP ? Number($(".as select", this.root).value) : here.customer; }

  get topic() { return this.side === GROUP ? world.state.topics.find((one) => one.id === this.thread) : null; }

  isOwn(user) { return this.side === GROUP ? user.id === this.userId : user.id === here.customer; }

  keyOf(message) { return message.media_group_id ? `a${message.media_group_id}` : `m${message.message_id}`; }

  // What others ask of the composer

  send(text) { return this.composer.send(text); }

  quote(message) { this.composer.quote(message); }

  change(message) { this.composer.change(message); }

  listen() {
    const root = this.root;
    $(".as select", root).addEventListener("change", (event) => attempt(() => this.changeAgent(event.target)));
    $(".newest", root).addEventListener("click", () => this.toEnd());
    $(".topic-close", root).addEventListener("click", () => attempt(() => this.topicDo(this.topic?.closed ? "reopen" : "close")));
    $(".topic-delete", root).addEventListener("click", () => attempt(async () => {
      if (await ask(`Delete “${this.topic.name}”? Telegram does not tell the bot.`, "Delete")) await this.topicDo("delete");
    }));
    $(".pinned .jump", root).addEventListener("click", () => {
      const id = this.topic?.pinned.at(-1);
      $(`[data-key="m${id}"]`, root)?.scrollIntoView({ block: "start", behavior: "smooth" });
    });
    this.scroller.addEventListener("scroll", () => { this.pinned = this.atEnd(); $(".newest", root).hidden = this.pinned; });
    this.scroller.addEventListener("load", () => { if (this.pinned) this.toEnd(); }, true); // a photo arrived and takes its room
    new ResizeObserver(() => { if (this.pinned) this.toEnd(); }).observe(this.scroller); // keys came up, say
    arrowKeys($(".topics ul", root), "button");
    const cover = $(".drop", root);
    root.addEventListener("dragover", (event) => { event.preventDefault(); cover.hidden = false; });
    root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) cover.hidden = true; });
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      cover.hidden = true;
      this.composer.attach(event.dataTransfer.files);
    });
  }

  async topicDo(action) { await call("POST", "/playground/topic", { user: this.userId, thread: this.thread, action }); }

  choose(thread) {
    this.composer.leave();
    this.thread = thread;
    keep("thread", thread);
    this.drawn.clear();
    this.composer.enter();
    this.drawHead();
    this.draw();
    this.toEnd();
  }

  async press(message, button, element) {
    if (element.classList.contains("waiting")) return;
    element.classList.add("waiting");
    setTimeout(() => element.classList.remove("waiting"), 8000);
    const body = { user: this.userId, chat: this.chatId, message_id: message.message_id, data: button.callback_data };
    const { answer } = await call("POST", "/playground/press", body);
    if (answer.query_id) onPressed(answer.query_id, element);
  }

  react(message, emoji) {
    const own = world.chats.get(this.chatId)?.get(message.message_id)?.reactions?.[this.userId] || [];
    const body = { user: this.userId, chat: this.chatId, message_id: message.message_id, emoji: own.includes(emoji) ? "" : emoji };
    attempt(async () => {
      const { ok, answer } = await call("POST", "/playground/react", body);
      if (!ok) toast(answer.error);
    });
  }

  async changeAgent(select) {
    if (select.value !== "new") { keep("agent", select.value); this.drawn.clear(); this.draw(); return; }
    const names = ["Kim", "Alex", "Sam", "Noor", "Robin", "Mika"];
    const name = names.find((one) => !world.state.agents.some((agent) => agent.first_name === one)) || `Agent ${world.state.agents.length + 1}`;
    const { answer } = await call("POST", "/playground/people", { role: "agent", name });
    await readState();
    select.value = answer.id;
    keep("agent", select.value);
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
    if (isShown(this.side) && document.visibilityState === "visible") markSeen(this.chatId, this.thread);
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
    if (!empty) return;
    if (this.side === GROUP) { // General: the topics are above
      const some = world.state.topics.length > 0;
      box.replaceChildren(make("div", { class: "big" }, icon("bell")), make("h3", {}, some ? "Choose a topic above" : "Nobody is waiting"),
        make("p", {}, some ? "Each customer who needed a person has one." : "When a customer needs a person, the conversation arrives here, and you can answer it."));
      return;
    }
    if (box.childElementCount) return;
    const prompt = ({ icon: name, title, text, photo: wantsPhoto }) => make("button", { type: "button", class: "prompt",
      onclick: () => { if (wantsPhoto) this.composer.begin(text); else this.send(text); } },
      make("span", { class: "badge-icon" }, icon(name)), make("span", {}, make("small", {}, `${title}:`), make("b", {}, text)));
    box.append(make("div", { class: "big" }, icon("hello")), make("h3", {}, `Say hello to ${nameOf(world.state.bot)}`),
      make("p", {}, "Write as a customer would, or drop a photo anywhere in this chat."),
      make("div", { class: "prompts" }, ...PROMPTS.map(prompt)),
      make("button", { type: "button", class: "primary", onclick: () => this.send("/start") }, "Start"));
  }

  drawHead() {
    const { bot, group, agents } = world.state;
    const isGroup = this.side === GROUP, who = isGroup ? group : bot;
    const picture = $(".head .avatar", this.root);
    picture.className = `avatar ${isGroup ? "tone-4" : "tone-bot"}`;
    picture.textContent = initials(nameOf(who));
    $("h2", this.root).textContent = nameOf(who);
    $(".tag", this.root).textContent = isGroup ? "Agents' side" : customer() ? `${nameOf(customer())}'s side` : "";
    this.log.setAttribute("aria-label", isGroup ? "Messages of the agents' group" : "Conversation with the bot");
    this.composer.drawHead();
    if (isGroup) { this.drawAgents(agents); this.drawTopics(); }
    this.drawTyping();
  }

  drawAgents(agents) {
    const select = $(".as select", this.root), chosen = select.value || kept("agent", "");
    select.replaceChildren(...agents.map((agent) => make("option", { value: agent.id }, `Agent ${nameOf(agent)}`.replace("Agent Agent", "Agent"))),
      make("option", { value: "new" }, "New agent…"));
    if (agents.some((agent) => String(agent.id) === chosen)) select.value = chosen;
    $(".as", this.root).hidden = false;
  }

  // The topic that was open before a reload; else one that waits; else, of one alone, that one.
  firstTopic(topics) {
    const before = topics.find((one) => one.id === kept("thread", 0));
    const waiting = topics.filter((one) => unread(this.chatId, one.id)).at(-1);
    return (before || waiting || (topics.length === 1 ? topics[0] : null))?.id || 0;
  }

  drawTopics() {
    const { topics } = world.state;
    if (this.thread && !this.topic) { this.choose(0); return; } // it was deleted
    const fresh = topics.filter((one) => this.known && !this.known.has(one.id));
    this.known &&= new Set(topics.map((one) => one.id));
    if (fresh.length && !this.thread && !this.composer.input.value) { this.choose(fresh.at(-1).id); return; }
    const strip = $(".topics", this.root);
    strip.hidden = !topics.length;
    const chip = ({ id, name, closed }) => make("li", {}, make("button", { type: "button", class: "chip topic", "data-id": id,
      "aria-current": id === this.thread ? "true" : "false", onclick: () => this.choose(id) },
      id ? avatar({ id, first_name: name }) : null, `${name}${closed ? " · closed" : ""}`, this.badge(id)));
    const focused = this.root.contains(document.activeElement) && document.activeElement.closest(".topic")?.dataset.id;
    $("ul", strip).replaceChildren(...[{ id: 0, name: "General" }, ...topics.toReversed()].map(chip));
    if (focused) $(`.topic[data-id="${focused}"]`, strip)?.focus();
    $(".topic-close", strip).hidden = $(".topic-delete", strip).hidden = !this.topic;
    $(".topic-close", strip).textContent = this.topic?.closed ? "Reopen" : "Close topic";
    this.drawPinned();
  }

  badge(thread) {
    const count = thread === this.thread && isShown(GROUP) ? 0 : unread(this.chatId, thread);
    return make("span", { class: "badge", hidden: !count, "aria-label": `${count} unread` }, String(count));
  }

  drawPinned() {
    const message = world.chats.get(this.chatId)?.get(this.topic?.pinned.at(-1))?.message;
    $(".pinned", this.root).hidden = !message;
    $(".pinned .what", this.root).textContent = message ? summary(message).split("\n").slice(0, 2).join(" · ") : "";
    $(".pinned .at-hand", this.root).replaceChildren(...(message ? buttonsOf(this, message).flat() : []));
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
