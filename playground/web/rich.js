// Text with entities. Offsets count UTF-16 units, as JavaScript's strings do. Whatever people or the bot wrote becomes
// text nodes, never markup.

import { make } from "./dom.js";

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
      onclick: (event) => event.currentTarget.classList.add("shown"),
      onkeydown: (event) => { if (event.key === "Enter") event.currentTarget.classList.add("shown"); } });
  }
  if (TAGS[entity.type]) return make(TAGS[entity.type]);
  return make("span", { class: entity.type === "custom_emoji" || target ? "" : "accent" });
}

export function rich(text, entities, pane) {
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
  return fill(make("div", { class: "text", dir: "auto" }), 0, text.length);
}
