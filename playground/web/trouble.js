// What the bot's next calls meet, on demand.

import { $, attempt, call, make, nameOf } from "./dom.js";
import { readState } from "./events.js";
import { customer, here, panes } from "./world.js";

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

export async function drawTrouble() {
  const { answer } = await call("GET", "/playground/faults");
  const waiting = answer.faults.map((one) => `${one.times} × ${one.method} ${one.error_code || (one.drop ? "no answer" : "slow")}`);
  $("#trouble-waiting").textContent = waiting.length ? `Still to come: ${waiting.join(", ")}` : "All is well.";
  $("#trouble-flood").checked = answer.flood;
}

export function trouble() {
  const button = (text, work) => make("button", { type: "button", class: "key", onclick: () => attempt(async () => { await work(); await drawTrouble(); }) }, text);
  $("#trouble .faults").replaceChildren(...FAULTS.map(([text, fault]) => button(text, () => call("POST", "/playground/faults", fault))));
  $("#trouble .happens").replaceChildren(
    button(customer()?.blocked ? `${nameOf(customer())} unblocks the bot` : `${nameOf(customer())} blocks the bot`, async () => {
      await call("POST", "/playground/block", { user: here.customer, blocked: !customer().blocked });
      await readState();
      trouble();
    }),
    button("Upgrade the group (another number)", async () => {
      await call("POST", "/playground/migrate", { user: panes.group.userId });
      location.reload();
    }));
  attempt(drawTrouble);
  if (!$("#trouble").open) $("#trouble").showModal();
}
