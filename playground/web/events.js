// What happens, as the server tells it; and who is here.

import { $, $$, Unreachable, address, ask, attempt, avatar, call, make, nameOf, rememberFor, kept, toast } from "./dom.js";
import { CUSTOMER, GROUP, here, isShown, panes, remember, serviceOf, sideOf, unread, world } from "./world.js";

const waiting = new Map(); // query id → the pressed button
const early = new Map(); // answers that were quicker than the reply to the press itself
const searches = new Map(); // query id → what to do with the results

export function onPressed(queryId, element) {
  waiting.set(queryId, element);
  if (early.has(queryId)) onAnswered(early.get(queryId));
}

export function onResults(queryId, show) {
  searches.set(queryId, show);
  if (early.has(queryId)) onAnswered(early.get(queryId));
}

function onAnswered(happened) {
  if (searches.has(happened.query_id)) { searches.get(happened.query_id)(happened.results || []); searches.delete(happened.query_id); return; }
  if (!waiting.has(happened.query_id)) { early.set(happened.query_id, happened); return; }
  waiting.get(happened.query_id).classList.remove("waiting");
  waiting.delete(happened.query_id);
  if (!happened.text) return;
  if (happened.show_alert) ask(happened.text, "OK", false);
  else toast(happened.text);
}

function setTyping(chatId, action, seconds) {
  clearTimeout(world.typing.get(chatId)?.timer);
  if (action) world.typing.set(chatId, { action, timer: setTimeout(() => setTyping(chatId, null), seconds * 1000) });
  else world.typing.delete(chatId);
  if (sideOf(chatId)) panes[sideOf(chatId)].drawTyping();
}

function onMessage(happened) {
  remember(happened);
  const side = sideOf(happened.chat_id);
  if (happened.message.from.is_bot && !serviceOf(happened.message)) setTyping(happened.chat_id, null);
  if (side) panes[side].draw();
  if (side === GROUP) panes.group.drawTopics();
  drawUnread();
}

function onKeyboard(happened) {
  world.keyboards.set(happened.chat_id, happened.keyboard);
  if (sideOf(happened.chat_id)) panes[sideOf(happened.chat_id)].composer.drawKeys();
}

const HANDLERS = {
  message: onMessage,
  answered: onAnswered,
  keyboard: onKeyboard,
  typing: (happened) => setTyping(happened.chat_id, happened.action, happened.seconds),
  confirmed: (happened) => { world.confirmedBefore = happened.before; panes.customer.draw(); panes.group.draw(); },
  people: () => attempt(readState),
};

export function showLink(live) {
  $("#link").classList.toggle("lost", !live);
  $("#link-text").textContent = live ? "Live" : "The playground is restarting…";
}

export function connect() {
  const source = new EventSource(address(`/playground/events?since=${world.revision}`));
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

export function drawUnread() {
  if (!world.state) return;
  const others = world.state.customers.filter((one) => one.id !== here.customer).reduce((sum, one) => sum + unread(one.id), 0);
  const own = isShown(CUSTOMER) ? 0 : unread(here.customer);
  const counts = { [CUSTOMER]: own + others, [GROUP]: isShown(GROUP) ? 0 : unread(world.state.group.id) };
  for (const side of [CUSTOMER, GROUP]) showCount($(`#tab-${side} .badge`), counts[side]);
  for (const chip of $$("#customers .chip")) {
    const id = Number(chip.dataset.id);
    showCount($(".badge", chip), id === here.customer && isShown(CUSTOMER) ? 0 : unread(id));
  }
}

function showCount(badge, count) {
  badge.hidden = !count;
  badge.textContent = count;
}

export function drawCustomers() {
  const chip = (user) => make("li", {}, make("button", { type: "button", class: "chip", "data-id": user.id,
    "aria-current": user.id === here.customer ? "true" : "false", onclick: () => attempt(() => choose(user.id)) },
    avatar(user), nameOf(user), make("span", { class: "badge", hidden: true })));
  const focused = document.activeElement?.closest("#customers .chip")?.dataset.id;
  $("#customers").replaceChildren(...world.state.customers.map(chip));
  if (focused) $(`#customers .chip[data-id="${focused}"]`)?.focus();
  drawUnread();
}

export async function readState() {
  const { answer } = await call("GET", "/playground/state");
  const another = world.state && (answer.revision < world.revision || answer.born !== world.state.born);
  if (another) { location.reload(); return; } // another playground on this port
  world.state = answer;
  rememberFor(answer.born);
  world.confirmedBefore = answer.confirmed_before;
  if (!answer.customers.some((one) => one.id === here.customer)) {
    const before = kept("customer", 0);
    here.customer = (answer.customers.find((one) => one.id === before) || answer.customers[0])?.id || 0;
  }
  $("#brand").textContent = nameOf(answer.bot);
  document.title = `${nameOf(answer.bot)} · playground`;
  drawCustomers();
  for (const pane of Object.values(panes)) { pane.drawHead(); pane.draw(); }
}

export async function readHistory(chatId) {
  const { answer } = await call("GET", `/playground/messages?chat=${chatId}`);
  for (const happened of answer.messages || []) remember(happened);
  world.keyboards.set(chatId, answer.keyboard);
  if (answer.typing) setTyping(chatId, "typing", 3);
}

export async function choose(id) {
  const pane = panes.customer;
  pane.composer.leave();
  here.customer = id;
  pane.drawn.clear();
  history.replaceState(null, "", address(`?customer=${id}`));
  await readHistory(id);
  pane.composer.enter();
  pane.drawHead();
  pane.draw();
  pane.toEnd();
  drawCustomers();
  if (matchMedia("(min-width: 821px)").matches) pane.composer.input.focus();
}
