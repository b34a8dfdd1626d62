// One message, or the parts of an album, as it stands in a chat.

import { $, attempt, avatar, call, clock, fileUrl, icon, make, nameOf, sizeOf, toast, tone } from "./dom.js";
import { rich } from "./rich.js";
import { TOLD, serviceOf, summary, videoOf, world } from "./world.js";

const knownOf = (pane, message) => world.chats.get(pane.chatId)?.get(message.message_id);

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

function fileLink({ file_id: id, file_name: name, mime_type: mime, file_size: size }) {
  return make("a", { class: "document", href: fileUrl(id), download: name || "file" },
    make("span", { class: "sheet", "aria-hidden": "true" }, (name?.split(".").pop() || "file").slice(0, 4)),
    make("span", {}, make("b", {}, name || "File"), make("small", {}, [sizeOf(size), mime].filter(Boolean).join(" · "))));
}

function recording(file, title) {
  const player = make("audio", { controls: true, preload: "none", src: fileUrl(file.file_id), "aria-label": title });
  player.addEventListener("error", () => player.replaceWith(fileLink({ file_name: title, ...file })), { once: true });
  return make("div", { class: "recording" }, title ? make("b", {}, title) : null, player,
    make("small", {}, `${file.duration} s · ${sizeOf(file.file_size)}`));
}

function card(name, head, ...lines) {
  return make("div", { class: "document thing" }, make("span", { class: "sheet" }, icon(name)),
    make("span", {}, make("b", {}, head), ...lines.filter(Boolean).map((line) => make("small", {}, line))));
}

function place({ location, venue }) {
  const where = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
  return venue ? card("pin", venue.title, venue.address, where) : card("pin", "Place", where);
}

function poll(pane, message) {
  const { poll: asked } = message, votes = knownOf(pane, message)?.votes || {}, mine = votes[pane.userId] || [];
  const choose = (at) => attempt(async () => {
    const options = mine.includes(at) ? mine.filter((one) => one !== at) : asked.allows_multiple_answers ? [...mine, at] : [at];
    const { ok, answer } = await call("POST", "/playground/vote", { user: pane.userId, chat: pane.chatId, message_id: message.message_id, options });
    if (!ok) toast(`Telegram would say: ${answer.error}.`);
  });
  const option = ({ text, voter_count: count }, at) => {
    const bar = make("span", { class: "bar-of", "aria-hidden": "true" });
    bar.style.width = `${asked.total_voter_count ? (100 * count) / asked.total_voter_count : 0}%`;
    return make("button", { type: "button", class: "option", "aria-pressed": String(mine.includes(at)), disabled: asked.is_closed, onclick: () => choose(at) },
      bar, make("span", {}, `${mine.includes(at) ? "✓ " : ""}${text}`), make("span", {}, String(count)));
  };
  const kind = [asked.is_anonymous ? "Anonymous" : "Open", asked.type === "quiz" ? "quiz" : "poll", asked.allows_multiple_answers ? "· several answers" : "",
    asked.is_closed ? "· closed" : ""].filter(Boolean).join(" ");
  return make("div", { class: "poll" }, make("b", {}, asked.question), make("small", {}, kind), ...asked.options.map(option));
}

function thing(pane, message) {
  if (message.poll) return poll(pane, message);
  if (message.voice) return recording(message.voice, "Voice message");
  if (message.audio) return recording(message.audio, [message.audio.performer, message.audio.title].filter(Boolean).join(": ") || message.audio.file_name || "Music");
  if (message.location) return place(message);
  if (message.contact) return card("person", message.contact.first_name, message.contact.phone_number);
  if (message.dice) return make("p", { class: "dice", role: "img", "aria-label": summary(message) }, message.dice.emoji, make("b", {}, String(message.dice.value)));
  const file = message.document || videoOf(message);
  return file ? fileLink(file) : null;
}

function media(pane, parts) {
  const photos = parts.filter((part) => part.photo);
  const grid = photos.length && make("div", { class: `photos ${photos.length > 1 ? "album" : ""}` }, ...photos.map(photo));
  return [grid || null, ...parts.map((part) => thing(pane, part))];
}

function ticks(pane, parts) {
  const update = knownOf(pane, parts.at(-1))?.update_id;
  const seen = update != null && update < world.confirmedBefore;
  return make("span", { class: `ticks ${seen ? "seen" : ""}`, role: "img", "aria-label": seen ? "The bot has it" : "Sent" },
    seen ? "✓✓" : "✓");
}

function quoteOf(pane, original) {
  const jump = () => $(`[data-key="${CSS.escape(pane.keyOf(original))}"]`, pane.root)?.scrollIntoView({ block: "center", behavior: "smooth" });
  return make("button", { type: "button", class: "reply", onclick: jump },
    make("b", {}, nameOf(original.from)), make("span", {}, summary(original)));
}

export function buttonsOf(pane, message) {
  const button = (one) => one.url
    ? make("a", { class: "key", href: one.url, target: "_blank", rel: "noopener noreferrer" }, `${one.text} ↗`)
    : make("button", { type: "button", class: "key", onclick: (event) => attempt(() => pane.press(message, one, event.currentTarget)) }, one.text);
  return (message.reply_markup?.inline_keyboard || []).map((row) => row.map(button));
}

function keyboard(pane, message) {
  const rows = buttonsOf(pane, message);
  return rows.length ? make("div", { class: "keys" }, ...rows.map((row) => make("div", {}, ...row))) : null;
}

function reactions(pane, message) {
  const given = Object.entries(knownOf(pane, message)?.reactions || {});
  if (!given.length) return null;
  const counts = new Map();
  for (const [user, emoji] of given) for (const one of emoji) counts.set(one, [...(counts.get(one) || []), Number(user)]);
  return make("div", { class: "reactions" }, ...[...counts].map(([emoji, users]) => make("button", { type: "button", class: "reaction",
    "aria-pressed": String(users.includes(pane.userId)), "aria-label": `${emoji} ${users.length}`, onclick: () => pane.react(message, emoji) },
    emoji, users.length > 1 ? ` ${users.length}` : "")));
}

// Keeps the last line of a text clear of the time that stands in the bubble's corner.
function room(own, edited) {
  const space = make("span", { class: "room", "aria-hidden": "true" });
  space.style.width = `${44 + (own ? 20 : 0) + (edited ? 42 : 0)}px`;
  return space;
}

export function bubble(pane, parts, follows, followed) {
  const told = serviceOf(parts[0]);
  if (told) return make("li", { class: "day told" }, TOLD[told](parts[0]));
  const first = parts[0], said = parts.find((part) => part.text || part.caption) || first;
  const own = pane.isOwn(first.from), text = said.text || said.caption;
  const origin = first.forward_origin && make("p", { class: "origin" }, `Forwarded from ${nameOf(first.forward_origin.sender_user || {})}`);
  const via = first.via_bot && make("p", { class: "origin" }, `via @${first.via_bot.username}`);
  const meta = make("span", { class: "meta" }, said.edit_date ? "edited " : "",
    make("time", { datetime: new Date(first.date * 1000).toISOString() }, clock(first.date)), own ? ticks(pane, parts) : null);
  const body = make("div", { class: `bubble ${text ? "" : "bare"}` },
    pane.showsNames && !own && !follows ? make("p", { class: `name ${first.from.is_bot ? "tone-bot" : tone(first.from.id)}` }, nameOf(first.from)) : null,
    origin, via, first.reply_to_message && !first.reply_to_message.forum_topic_created ? quoteOf(pane, first.reply_to_message) : null,
    ...media(pane, parts), text ? rich(text, said.entities || said.caption_entities || [], pane) : null, meta);
  $(".text", body)?.append(room(own, said.edit_date));
  const act = (label, name, work) => make("button", { type: "button", class: "icon answer", "aria-label": `${label}: ${summary(said)}`, onclick: work }, icon(name));
  const reply = act(`Reply to ${nameOf(first.from)}`, "reply", () => pane.quote(first));
  const change = own && text ? act("Edit", "pencil", () => pane.change(said)) : null;
  const like = own ? null : act("React with a thumb", "thumb", () => pane.react(first, "👍"));
  return make("li", { class: `message ${own ? "own" : ""} ${follows ? "follows" : ""} ${followed ? "followed" : ""}` },
    own ? null : avatar(first.from),
    make("div", { class: "stack" }, make("div", { class: "row" }, body, reply, change, like), keyboard(pane, said), reactions(pane, first)));
}
