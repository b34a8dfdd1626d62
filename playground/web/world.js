// What the page knows: people, chats, what was read of them.

import { askedCustomer, keep, kept, nameOf } from "./dom.js";

export const GROUP = "group", CUSTOMER = "customer";

export const world = { state: null, revision: 0, confirmedBefore: 0, chats: new Map(), typing: new Map(), keyboards: new Map() };
export const panes = {};
export const here = { customer: askedCustomer };

export const TOLD = {
  forum_topic_created: (m) => `${nameOf(m.from)} made the topic “${m.forum_topic_created.name}”`,
  forum_topic_edited: (m) => `${nameOf(m.from)} named the topic “${m.forum_topic_edited.name}”`,
  forum_topic_closed: (m) => `${nameOf(m.from)} closed the topic`,
  forum_topic_reopened: (m) => `${nameOf(m.from)} opened the topic again`,
  pinned_message: (m) => `${nameOf(m.from)} pinned a message`,
  migrate_to_chat_id: () => "The group was upgraded and goes on under another number",
  migrate_from_chat_id: () => "The group was upgraded",
};
export const serviceOf = (message) => Object.keys(TOLD).find((kind) => kind in message);
export const threadOf = (message) => message.message_thread_id || 0;
export const videoOf = (message) => message.video || message.animation || message.video_note || message.sticker;
export const customer = () => world.state.customers.find((one) => one.id === here.customer);
export const sideOf = (chatId) => (chatId === world.state.group.id ? GROUP : chatId === here.customer ? CUSTOMER : null);
export const isShown = (side) => side && (document.body.dataset.tab === side || matchMedia("(min-width: 821px)").matches);

export function summary(message) {
  if (message.text || message.caption) return message.text || message.caption;
  if (message.photo) return "Photo";
  if (message.poll) return `Poll: ${message.poll.question}`;
  if (message.voice) return "Voice message";
  if (message.contact) return `Contact: ${message.contact.first_name}`;
  if (message.location) return message.venue ? `Place: ${message.venue.title}` : "Place";
  if (message.dice) return `${message.dice.emoji} ${message.dice.value}`;
  if (message.sticker) return `${message.sticker.emoji || ""} Sticker`.trim();
  return message.document?.file_name || message.audio?.title || message.audio?.file_name || (videoOf(message) ? "Video" : "File");
}

export function remember(happened) {
  if (!world.chats.has(happened.chat_id)) world.chats.set(happened.chat_id, new Map());
  const chat = world.chats.get(happened.chat_id), id = happened.message.message_id;
  const isNew = !chat.has(id);
  if (happened.deleted) chat.delete(id);
  else if (isNew || chat.get(id).revision < happened.revision) chat.set(id, happened);
  world.revision = Math.max(world.revision, happened.revision);
  return isNew && !happened.deleted;
}

// Unread: what the bot wrote after the last message that was seen. It is counted, not kept, so that a reload changes nothing.

let seenTo = null;

function marks() {
  seenTo ??= kept("seen", {});
  return seenTo;
}

const waits = (message, after) => message.from.is_bot && !serviceOf(message) && message.message_id > after;

export function unread(chatId, thread = null) {
  let count = 0;
  for (const { message } of world.chats.get(chatId)?.values() || []) {
    const its = threadOf(message);
    if (thread !== null && its !== thread) continue;
    if (waits(message, marks()[`${chatId}:${chatId === world.state.group.id ? its : 0}`] || 0)) count += 1;
  }
  return count;
}

export function markSeen(chatId, thread) {
  let newest = 0;
  for (const { message } of world.chats.get(chatId)?.values() || []) {
    if (chatId !== world.state.group.id || threadOf(message) === thread) newest = Math.max(newest, message.message_id);
  }
  const name = `${chatId}:${thread}`;
  if (newest <= (marks()[name] || 0)) return;
  marks()[name] = newest;
  keep("seen", marks());
}
