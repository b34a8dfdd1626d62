// The playground's page begins here.

import { $, arrowKeys, attempt, call, ignoreSecondClicks, keep, kept, make, nameOf } from "./dom.js";
import { choose, connect, drawUnread, readHistory, readState, showLink } from "./events.js";
import { Pane } from "./pane.js";
import { drawTrouble, trouble } from "./trouble.js";
import { CUSTOMER, GROUP, here, markSeen, panes, world } from "./world.js";

const MOST_HISTORIES = 30;

function showTab(side) {
  document.body.dataset.tab = side;
  keep("tab", side);
  for (const one of [CUSTOMER, GROUP]) {
    $(`#tab-${one}`).setAttribute("aria-selected", String(one === side));
    $(`#tab-${one}`).tabIndex = one === side ? 0 : -1;
  }
  panes[side].draw();
  if (side === GROUP) panes.group.drawTopics();
  drawUnread();
  panes[side].toEnd();
}

// Both sides are beside one another where there is room; else they are the panels of two tabs.
function tabsOrSides(narrow) {
  for (const side of [CUSTOMER, GROUP]) {
    const pane = $(`#${side}`);
    if (narrow.matches) { pane.setAttribute("role", "tabpanel"); pane.setAttribute("aria-labelledby", `tab-${side}`); }
    else { pane.removeAttribute("role"); pane.setAttribute("aria-labelledby", `${side}-title`); }
  }
}

function listBots() {
  const { bot, bots } = world.state, select = $("#bots");
  select.hidden = bots.length < 2;
  select.replaceChildren(...bots.map((one) => make("option", { value: one.id, selected: one.id === bot.id }, nameOf(one))));
  select.onchange = () => location.assign(`/?bot=${select.value}`);
}

async function readEverything() {
  await readState();
  world.revision = world.state.revision;
  const firstVisit = kept("seen", null) === null;
  const others = world.state.customers.map((one) => one.id).filter((id) => id !== here.customer).slice(0, MOST_HISTORIES);
  await Promise.all([world.state.group.id, here.customer, ...others].map(readHistory));
  if (firstVisit) for (const id of others) markSeen(id, 0); // what was written before anybody looked is no news
}

function listen() {
  const narrow = matchMedia("(max-width: 820px)");
  narrow.addEventListener("change", () => { tabsOrSides(narrow); panes.group.drawTopics(); drawUnread(); });
  tabsOrSides(narrow);
  for (const side of [CUSTOMER, GROUP]) $(`#tab-${side}`).addEventListener("click", () => showTab(side));
  arrowKeys($(".tabs"), "[role=tab]");
  arrowKeys($("#customers"), "button");
  $("#new-customer").addEventListener("click", () => attempt(async () => {
    const { answer } = await call("POST", "/playground/people", { role: "customer" });
    await readState();
    await choose(answer.id);
  }));
  $("#trouble-open").addEventListener("click", trouble);
  $("#trouble-flood").addEventListener("change", (event) => attempt(() => call("POST", "/playground/flood", { on: event.target.checked })));
  $("#trouble-clear").addEventListener("click", () => attempt(async () => { await call("DELETE", "/playground/faults"); await drawTrouble(); }));
  $("#viewer").addEventListener("click", () => $("#viewer").close());
  $("#give .cancel").addEventListener("click", () => $("#give").close());
  document.addEventListener("visibilitychange", () => { for (const pane of Object.values(panes)) pane.draw(); drawUnread(); });
}

async function begin() {
  ignoreSecondClicks();
  panes.customer = new Pane(CUSTOMER);
  panes.group = new Pane(GROUP);
  listen();
  try {
    await readEverything();
  } catch {
    showLink(false);
    setTimeout(() => location.reload(), 1500);
    return;
  }
  listBots();
  panes.group.thread = panes.group.firstTopic(world.state.topics);
  keep("thread", panes.group.thread);
  panes.group.known = new Set(world.state.topics.map((one) => one.id));
  showTab(kept("tab", CUSTOMER) === GROUP ? GROUP : CUSTOMER);
  for (const pane of Object.values(panes)) { pane.composer.enter(); pane.drawHead(); pane.draw(); pane.toEnd(); }
  drawUnread();
  connect();
}

begin();
