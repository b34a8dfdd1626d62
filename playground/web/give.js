// What is neither words nor a file: a voice message, a place, a contact, a poll. One dialog for each.

import { $, attempt, call, make, nameOf, toast } from "./dom.js";
import { customer } from "./world.js";

const field = (name, label, attributes = {}) => make("label", {}, label, make("input", { name, required: true, ...attributes }));

const FORMS = {
  location: {
    title: "Send a place",
    fields: () => [field("latitude", "Latitude", { value: "48.2082", inputmode: "decimal" }), field("longitude", "Longitude", { value: "16.3738", inputmode: "decimal" })],
    body: (form) => ({ latitude: form.get("latitude"), longitude: form.get("longitude") }),
  },
  contact: {
    title: "Send a contact",
    fields: () => [field("first_name", "Name", { value: "Bob" }), field("phone_number", "Phone number", { value: "+431234567", type: "tel" })],
    body: (form) => ({ first_name: form.get("first_name"), phone_number: form.get("phone_number") }),
  },
  "own-contact": {
    title: "Share your own number with the bot?",
    fields: () => [field("phone_number", "Phone number", { value: "+431234567", type: "tel" })],
    body: (form) => ({ first_name: nameOf(customer()), phone_number: form.get("phone_number"), own: true }),
    path: "contact",
  },
  poll: {
    title: "Ask everybody",
    fields: () => [field("question", "Question"), make("label", {}, "Answers, one a line", make("textarea", { name: "options", rows: "4", required: true }))],
    body: (form) => ({ question: form.get("question"), options: form.get("options").split("\n").map((one) => one.trim()).filter(Boolean) }),
  },
};

function show(title, content, done) {
  const dialog = $("#give");
  $("#give-title").textContent = title;
  $(".fields", dialog).replaceChildren(...content);
  const form = $("form", dialog);
  form.onsubmit = (event) => { event.preventDefault(); attempt(() => done(new FormData(form))); };
  $(".send-it", dialog).disabled = false;
  dialog.showModal();
  return dialog;
}

async function given(pane, path, body) {
  const { ok, answer } = await call("POST", `/playground/${path}`, body);
  if (!ok) { toast(answer.error || "This could not be sent."); return; }
  $("#give").close();
  pane.quote(null);
  pane.toEnd();
}

export function give(pane, kind) {
  if (kind === "voice") { speak(pane); return; }
  const { title, fields, body, path } = FORMS[kind];
  const where = { user: pane.userId, chat: pane.chatId, thread: pane.thread, reply_to: pane.composer.replyTo?.message_id || 0 };
  show(title, fields(), (form) => given(pane, path || kind, { ...where, ...body(form) }));
}

// A voice message: recorded where the browser has a microphone, else a sound file.

function speak(pane) {
  let recorded = null, recorder = null, began = 0;
  const state = make("p", { role: "status" }, "Record, or choose a sound file.");
  const file = make("input", { type: "file", accept: "audio/*", name: "file" });
  file.addEventListener("change", () => { recorded = file.files[0] ? { data: file.files[0], seconds: 1 } : null; });
  const button = make("button", { type: "button", class: "key" }, "Record");
  const stopped = (chunks, stream) => {
    recorded = { data: new Blob(chunks, { type: recorder.mimeType.split(";")[0] }), seconds: Math.max(1, Math.round((Date.now() - began) / 1000)) };
    for (const track of stream.getTracks()) track.stop();
    state.textContent = `Recorded: ${recorded.seconds} s.`;
    button.textContent = "Record again";
  };
  button.addEventListener("click", async () => {
    if (recorder?.state === "recording") { recorder.stop(); return; }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true }), chunks = [];
      recorder = new MediaRecorder(stream);
      recorder.ondataavailable = (event) => chunks.push(event.data);
      recorder.onstop = () => stopped(chunks, stream);
      recorder.start();
      began = Date.now();
      state.textContent = "Recording…";
      button.textContent = "Stop";
    } catch {
      state.textContent = "This browser gives no microphone. Choose a sound file.";
    }
  });
  const dialog = show("Send a voice message", [state, button, make("label", {}, "Sound file", file)], async () => {
    if (recorder?.state === "recording") recorder.stop();
    await new Promise((soon) => setTimeout(soon, 50)); // the recorder hands over its last piece
    if (!recorded) { state.textContent = "Nothing is recorded yet."; return; }
    const form = new FormData();
    const fields = { user: pane.userId, chat: pane.chatId, thread: pane.thread, duration: recorded.seconds, reply_to: pane.composer.replyTo?.message_id || 0 };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("files", recorded.data, "voice");
    await given(pane, "voice", form);
  });
  dialog.addEventListener("close", () => { if (recorder?.state === "recording") recorder.stop(); }, { once: true });
}
