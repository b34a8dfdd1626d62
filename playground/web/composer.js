// The lower edge of a pane: words, files, what is answered or changed, keys that a bot offers, drafts.

import { $, $$, ask, attempt, call, keep, kept, make, nameOf, toast } from "./dom.js";
import { onResults } from "./events.js";
import { give } from "./give.js";
import { GROUP, summary, world } from "./world.js";

export class Composer {
  constructor(pane) {
    this.pane = pane;
    this.root = $("form.composer", pane.root);
    this.input = $("textarea", this.root);
    this.picker = $("input[type=file]", this.root);
    this.files = [];
    this.replyTo = null;
    this.editing = null;
    this.busy = false;
    this.listen();
  }

  listen() {
    const root = this.root;
    root.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape") this.quote(null);
    });
    this.input.addEventListener("input", () => { this.grow(); this.suggest(); this.keepDraft(); });
    this.input.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) { event.preventDefault(); this.attach(event.clipboardData.files); }
    });
    $(".attach", root).addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => { this.attach(this.picker.files); this.picker.value = ""; });
    $(".quote button", root).addEventListener("click", () => this.quote(null));
    $(".more", root).addEventListener("click", () => this.showMore($(".others", root).hidden));
    for (const button of $$(".others button", root)) {
      button.addEventListener("click", () => { this.showMore(false); give(this.pane, button.value); });
    }
    $(".keys-again", root).addEventListener("click", () => this.drawKeys(true));
  }

  // Drafts: one for each chat and topic, and a reload keeps them.

  get draftName() { return `draft ${this.pane.chatId}:${this.pane.thread}`; }

  keepDraft() { if (!this.editing) keep(this.draftName, this.input.value || null); }

  leave() {
    this.keepDraft();
    this.quote(null);
  }

  enter() {
    this.input.value = kept(this.draftName, "");
    this.grow();
    this.suggest();
    this.drawKeys();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  begin(text) {
    this.input.value = text;
    this.grow();
    this.keepDraft();
    this.picker.click();
  }

  drawHead() {
    const isGroup = this.pane.side === GROUP, topic = this.pane.topic;
    this.input.placeholder = topic ? `Write to ${topic.name} (//: a note)` : isGroup ? "Write to the group…" : "Message";
    this.input.setAttribute("aria-label", isGroup ? "Message to the agents' group" : `Message to ${nameOf(world.state.bot)}`);
    $(".others [value=poll]", this.root).hidden = !isGroup;
    this.drawKeys();
  }

  showMore(shown) {
    $(".others", this.root).hidden = !shown;
    $(".more", this.root).setAttribute("aria-expanded", String(shown));
  }

  // Commands, and what the bot finds for @bot and words

  suggest() {
    const typed = this.input.value;
    const fitting = /^\/\w*$/.test(typed) ? world.state.commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
    this.offer(fitting.map((one) => [`/${one.command}`, one.description, () => this.send(`/${one.command}`)]));
    clearTimeout(this.searching);
    const query = typed.startsWith(`@${world.state.bot.username} `) ? typed.slice(world.state.bot.username.length + 2) : null;
    if (query !== null) this.searching = setTimeout(() => attempt(() => this.search(query)), 300);
  }

  offer(choices) {
    const box = $(".suggestions", this.root);
    box.replaceChildren(...choices.map(([head, text, choose]) => make("button", { type: "button", onclick: choose }, make("b", {}, head), ` ${text || ""}`)));
    box.hidden = !choices.length;
  }

  async search(query) {
    const { answer } = await call("POST", "/playground/inline", { user: this.pane.userId, query });
    const choose = (id) => attempt(async () => {
      const body = { user: this.pane.userId, chat: this.pane.chatId, thread: this.pane.thread, query_id: answer.query_id, result_id: id };
      const { ok, answer: said } = await call("POST", "/playground/chosen", body);
      if (ok) this.sent();
      else toast(said.error);
    });
    onResults(answer.query_id, (results) => this.offer(results.map((one) => [one.title || one.type, one.description || one.caption, () => choose(one.id)])));
  }

  // Keys in place of letters

  drawKeys(again = false) {
    const markup = world.keyboards.get(this.pane.chatId), box = $(".reply-keys", this.root), rows = markup?.keyboard || [];
    if (markup?.message_id !== this.keysOf) { this.keysOf = markup?.message_id; this.keysUsed = false; }
    if (again) this.keysUsed = false;
    box.hidden = !rows.length || this.keysUsed;
    $(".keys-again", this.root).hidden = !rows.length || !this.keysUsed;
    box.replaceChildren(...rows.map((row) => make("div", {}, ...row.map((key) => make("button", { type: "button", class: "key", onclick: () => this.tap(key, markup) }, key.text)))));
    if (markup?.input_field_placeholder) this.input.placeholder = markup.input_field_placeholder;
    const asked = markup?.force_reply && world.chats.get(this.pane.chatId)?.get(markup.message_id);
    if (asked && this.forced !== markup.message_id) { this.forced = markup.message_id; this.quote(asked.message); }
  }

  tap(key, markup) {
    if (markup.one_time_keyboard) { this.keysUsed = true; this.drawKeys(); }
    if (key.request_contact) { give(this.pane, "own-contact"); return; }
    if (key.request_location) { give(this.pane, "location"); return; }
    this.send(key.text);
  }

  // Files

  attach(files) {
    this.files.push(...files);
    this.drawTray();
    this.input.focus();
  }

  drawTray() {
    const list = $(".tray ul", this.root);
    for (const image of $$("img", list)) URL.revokeObjectURL(image.src);
    list.replaceChildren(...this.files.map((file, index) => {
      const remove = () => { this.files.splice(index, 1); this.drawTray(); };
      const sheet = make("span", { class: "sheet", "aria-hidden": "true" }, file.name.split(".").pop().slice(0, 4));
      const picture = file.type.startsWith("image/") && make("img", { src: URL.createObjectURL(file), alt: "" });
      // A picture by its name alone has no preview: the browser would draw a broken one.
      if (picture) picture.addEventListener("error", () => { URL.revokeObjectURL(picture.src); picture.replaceWith(sheet); });
      return make("li", {}, picture || sheet,
        make("span", { class: "file-name" }, file.name),
        make("button", { type: "button", class: "icon", "aria-label": `Remove ${file.name}`, onclick: remove }, "×"));
    }));
    $(".tray", this.root).hidden = !this.files.length;
    if (!this.files.length) $(".as-file", this.root).checked = false;
  }

  // Answering and changing

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
    if (this.editing) { this.editing = null; this.input.value = kept(this.draftName, ""); this.grow(); }
    this.replyTo = message;
    $(".quote", this.root).hidden = !message;
    $(".quoted", this.root).textContent = message ? `${nameOf(message.from)}: ${summary(message)}` : "";
    if (message) this.input.focus();
  }

  // Sending: one thing at a time, so that a second Enter does not send it twice

  submit() {
    const text = this.input.value.trim();
    if (this.editing) { this.alone(() => this.edited(text)); return; }
    if (text || this.files.length) this.send(text, this.files, $(".as-file", this.root).checked, true);
  }

  async alone(work) {
    if (this.busy) return;
    this.busy = true;
    this.pane.root.classList.add("sending");
    try {
      await attempt(work);
    } finally {
      this.busy = false;
      this.pane.root.classList.remove("sending");
    }
  }

  async edited(text) {
    const body = { user: this.pane.userId, chat: this.pane.chatId, message_id: this.editing.message_id, text };
    const { ok, answer } = await call("POST", "/playground/edit", body);
    if (ok) this.quote(null);
    else toast(answer.error || "This could not be changed.");
  }

  // ``typed``: it stands in the composer, which is empty afterwards. A button's text leaves a draft alone.
  send(text, files = [], asFile = false, typed = false) {
    return this.alone(() => this.sendNow(text, files, asFile, typed));
  }

  async sendNow(text, files, asFile, typed) {
    const form = new FormData(), { userId: user, chatId: chat, thread } = this.pane;
    const fields = { user, chat, text, as_file: asFile ? "1" : "0", reply_to: this.replyTo?.message_id || 0, thread };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    for (const file of files) form.append("files", file, file.name || "picture");
    const { ok, status, answer } = await call("POST", "/playground/send", form);
    if (ok) this.sent(typed);
    else if (answer.error === "not_a_photo") await this.offerAsFile(text, files, answer.names);
    else toast(status === 413 ? "At most 64 MB fit into one message here." : answer.error || "This could not be sent.");
  }

  sent(typed = true) {
    if (typed) {
      this.input.value = "";
      this.files = [];
      this.drawTray();
      this.keepDraft();
    }
    this.quote(null);
    this.grow();
    this.suggest();
    this.pane.toEnd();
  }

  async offerAsFile(text, files, names) {
    const which = names.map((name) => `“${name}”`).join(", ");
    if (await ask(`${which}: this cannot be sent as a photo; send it as a file?`, "Send as file")) await this.sendNow(text, files, true, true);
  }
}
