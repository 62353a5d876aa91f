// Texts: escaped, as the little Markdown that descriptions use, and as coloured code.

function escaped(text) {
  return String(text ?? "").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function markdown(text) {
  const blocks = String(text || "").split(/^```[^\n]*\n([\s\S]*?)^```\s*$/m);
  return blocks.map((block, at) => (at % 2 ? `<pre>${escaped(block)}</pre>` : paragraphs(block))).join("");
}

function paragraphs(text) {
  return text.split(/\n\s*\n/).map((block) => block.trim()).filter(Boolean).map(paragraph).join("");
}

function paragraph(block) {
  const heading = /^(#{1,4})\s+(.*)\n?([\s\S]*)$/.exec(block);
  if (heading) return `<h3>${inline(heading[2])}</h3>${heading[3] ? paragraph(heading[3]) : ""}`;
  const lines = block.split("\n");
  if (lines.every((line) => /^\s*([-*+]|\d+\.)\s/.test(line))) {
    return `<ul>${lines.map((line) => `<li>${inline(line.replace(/^\s*([-*+]|\d+\.)\s+/, ""))}</li>`).join("")}</ul>`;
  }
  return `<p>${inline(block)}</p>`;
}

function inline(text) {
  return escaped(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<b>$1</b>")
    .replace(/(^|\W)[*_]([^*_\n]+)[*_](?=\W|$)/g, "$1<i>$2</i>")
    .replace(/\[([^\]]+)\]\(((?:https?:|#|\.|\/)[^)\s]*)\)/g, '<a href="$2">$1</a>');
}

const WORDS = {
  sql: "select from where group by order having limit with as join left right full inner outer cross on using union all except intersect distinct case when then else end and or not in is null like ilike between exists cast over partition qualify window filter values insert update delete create table view true false asc desc interval lateral unnest",
  python: "def class return if elif else for while in not and or is None True False import from as with try except finally raise lambda yield pass break continue assert global",
};

function coloured(code, language) {
  const isPython = language === "python";
  const words = new Set((isPython ? WORDS.python : WORDS.sql).split(" "));
  const parts = isPython
    ? /(#[^\n]*)|("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(\b\d[\d_.]*\b)|([A-Za-z_]\w*)/g
    : /(\{#[\s\S]*?#\}|--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|(\b\d[\d_.]*\b)|([A-Za-z_]\w*)|(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/g;
  let end = 0;
  let text = "";
  for (const found of code.matchAll(parts)) {
    text += escaped(code.slice(end, found.index));
    end = found.index + found[0].length;
    const kind = found[1] ? "c" : found[2] ? "s" : found[3] ? "n" : found[5] ? "j" : words.has(isPython ? found[0] : found[0].toLowerCase()) ? "k" : "";
    text += kind ? `<span class="${kind}">${escaped(found[0])}</span>` : escaped(found[0]);
  }
  return text + escaped(code.slice(end));
}
