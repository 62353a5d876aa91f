// What is shown: the list at the side, one page per resource, the overview, and what a search finds.

let project;
const byId = (id) => document.getElementById(id);
const kindOf = (id) => (project.resources.get(id) || {}).resource_type;
const isGraphed = (id) => project.resources.has(id) && !isTest(kindOf(id)) && kindOf(id) !== "macro";

function link(id) {
  const node = project.resources.get(id);
  return node ? `<a href="${escaped(linkTo(node))}">${escaped(titleOf(node))}</a>` : escaped(id.split(".").slice(2).join("."));
}

function isTest(kind) {
  return kind === "test" || kind === "unit_test";
}

function inOrder(nodes) {
  return nodes.sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
}

// The list at the side ----------------------------------------------------------------------------

function tree() {
  const sections = KINDS.map(([kind, title]) => {
    const nodes = [...project.resources.values()].filter((node) => node.resource_type === kind);
    if (!nodes.length) return "";
    const isOpen = ["model", "source"].includes(kind) && nodes.length < 400;
    return `<details${isOpen ? " open" : ""}><summary>${title} <span class="quiet">${nodes.length}</span></summary>${branches(kind, nodes)}</details>`;
  });
  byId("tree").innerHTML = sections.join("");
}

function branches(kind, nodes) {
  const groups = new Map();
  for (const node of nodes) {
    const path = kind === "source" ? node.source_name : (node.fqn || [node.package_name]).slice(0, -1).join(" / ");
    groups.set(path, [...(groups.get(path) || []), node]);
  }
  const leaves = (list) => inOrder(list).map((node) => `<a href="${escaped(linkTo(node))}" data-id="${escaped(node.unique_id)}">${escaped(kind === "source" ? node.name : titleOf(node))}</a>`).join("");
  const sorted = [...groups.entries()].sort(([a], [b]) => a.localeCompare(b));
  return sorted.map(([path, list]) => `<details open><summary>${escaped(path)}</summary>${leaves(list)}</details>`).join("");
}

function markHere(id) {
  for (const old of document.querySelectorAll("nav a.here")) old.classList.remove("here");
  const found = [...document.querySelectorAll("nav a[data-id]")].find((item) => item.dataset.id === id);
  if (!found) return;
  found.classList.add("here");
  for (let box = found.parentElement; box && box.id !== "tree"; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
  if (found.scrollIntoView) found.scrollIntoView({ block: "nearest" });
}

// One resource ------------------------------------------------------------------------------------

function resourcePage(node) {
  const parts = [
    `<p class="kind"><span class="dot ${node.resource_type}"></span>${escaped(node.resource_type.replace("_", " "))} of ${escaped(node.package_name)}</p>`,
    `<h1>${escaped(titleOf(node))}</h1>`,
    node.description ? `<div class="prose">${markdown(node.description)}</div>` : `<p class="quiet">No description.</p>`,
    facts(node), columnsTable(node), nearbyLineage(node), neighbours(node), codeOf(node),
  ];
  return parts.join("");
}

function facts(node) {
  const table = project.tables[node.unique_id];
  const config = node.config || {};
  const owner = node.owner || {};
  const rows = [
    ["Materialized", config.materialized], ["Relation", node.relation_name && `<code>${escaped(node.relation_name)}</code>`, true],
    ["Kind in the warehouse", table && table.metadata.type], ["Language", node.language === "python" ? "python" : ""],
    ["Tags", (node.tags || []).map((tag) => `<span class="chip">${escaped(tag)}</span>`).join(""), true],
    ["Group", node.group], ["Access", node.access && node.access !== "protected" ? node.access : ""], ["Type", node.type], ["Maturity", node.maturity],
    ["Owner", [owner.name, owner.email].flat().filter(Boolean).join(", ")],
    ["URL", node.url && `<a href="${escaped(node.url)}">${escaped(node.url)}</a>`, true],
    ["Arguments", (node.arguments || []).map((one) => `<code>${escaped(one.name)}</code> ${escaped(one.type || "")} ${inline(one.description || "")}`).join("<br>"), true],
    ["Tests", ((project.testsOf[node.unique_id] || {})[""] || []).map(testChip).join(""), true],
    ["Meta", Object.keys(node.meta || {}).length ? `<code>${escaped(JSON.stringify(node.meta))}</code>` : "", true],
    ["File", node.original_file_path && `<code>${escaped(node.original_file_path)}</code>`, true],
    ...Object.values((table || {}).stats || {}).filter((stat) => stat.include).map((stat) => [stat.label, stat.value]),
  ];
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `<dl class="facts">${shown.map(([name, value, isHtml]) => `<dt>${escaped(name)}</dt><dd>${isHtml ? value : escaped(value)}</dd>`).join("")}</dl>`;
}

function testChip(test) {
  return `<a class="chip" href="#!/test/${escaped(test.id)}">${escaped(test.word)}</a>`;
}

function columnRows(node) {
  return columnsOf(project, node).map((column) => `<tr><td><code>${escaped(column.name)}</code></td><td class="quiet mono">${escaped(column.type)}</td><td>${markdown(column.description)}</td><td>${column.tests.map(testChip).join("")}</td></tr>`).join("");
}

function columnsTable(node) {
  const rows = columnRows(node);
  return rows ? `<h2>Columns</h2><div class="wide"><table><thead><tr><th>Name</th><th>Type</th><th>Description</th><th>Tests</th></tr></thead><tbody>${rows}</tbody></table></div>` : "";
}

function nearbyLineage(node) {
  const id = node.unique_id;
  if (!isGraphed(id)) return "";
  const ids = [id, ...reach(project.parents, id, 4, isGraphed), ...reach(project.children, id, 4, isGraphed)];
  return ids.length > 1 ? `<h2>Lineage</h2>${drawLineage(project, ids, id)}` : "";
}

function neighbours(node) {
  const list = (title, ids) => (ids.length ? `<dt>${title}</dt><dd>${[...new Set(ids)].map(link).join(", ")}</dd>` : "");
  const known = (ids) => (ids || []).filter((id) => project.resources.has(id));
  const below = known(project.children[node.unique_id]);
  const macros = ((node.depends_on || {}).macros || []).filter((id) => project.resources.has(id));
  const html = list("Depends on", known(project.parents[node.unique_id])) + list("Referenced by", below.filter((id) => !isTest(kindOf(id)))) + list("Tested by", below.filter((id) => isTest(kindOf(id)))) + list("Macros", macros);
  return html ? `<h2>Neighbours</h2><dl class="facts">${html}</dl>` : "";
}

function codeOf(node) {
  const language = node.language || "sql";
  const texts = [["Source", node.raw_code || node.macro_sql], ["Compiled", node.compiled_code]].filter(([, code]) => code);
  if (!texts.length) return "";
  const tabs = texts.map(([title], at) => `<button type="button" data-tab="${at}" class="${at ? "" : "on"}">${title}</button>`).join("");
  const codes = texts.map(([, code], at) => `<pre data-code="${at}"${at ? " hidden" : ""}>${coloured(code.trim(), language)}</pre>`).join("");
  return `<h2>Code</h2><div class="tabs">${tabs}</div>${codes}`;
}

function showTab(button) {
  for (const other of byId("main").querySelectorAll("[data-tab]")) other.classList.toggle("on", other === button);
  for (const code of byId("main").querySelectorAll("[data-code]")) code.hidden = code.dataset.code !== button.dataset.tab;
}

// Overview and search -----------------------------------------------------------------------------

function overviewPage() {
  const nodes = [...project.resources.values()];
  const counts = KINDS.map(([kind, title]) => [kind, title, nodes.filter((node) => node.resource_type === kind).length]).filter(([, , count]) => count);
  const graphed = [...project.resources.keys()].filter(isGraphed);
  const graph = graphed.length > 1 && graphed.length <= 250 ? `<h2>Lineage</h2>${drawLineage(project, graphed, "")}` : "";
  const made = project.generatedAt ? `<p class="quiet">Generated ${escaped(project.generatedAt.slice(0, 16).replace("T", " "))} UTC</p>` : "";
  const described = KINDS.map(([kind, title]) => {
    const own = inOrder(nodes.filter((node) => node.resource_type === kind));
    return own.length && !isTest(kind) ? `<h2 id="all-${kind}">${title}</h2>${own.map((node) => card(node)).join("")}` : "";
  });
  return `<h1>${escaped(project.name)}</h1>${made}<div class="prose">${markdown(project.overview)}</div>
    <div class="counts">${counts.map(([kind, title, count]) => isTest(kind) ? `<span><b>${count}</b>${title}</span>` : `<a href="#!/overview" data-to="all-${kind}"><b>${count}</b>${title}</a>`).join("")}</div>${graph}${described.join("")}`;
}

function card(node, words) {
  const rows = columnRows(node);
  const found = words || [];
  const columns = rows ? `<details${found.length && !matches(`${titleOf(node)} ${node.description}`, found) ? " open" : ""}><summary>Columns</summary><div class="wide"><table><tbody>${rows}</tbody></table></div></details>` : "";
  return `<div class="card"><span class="dot ${node.resource_type}"></span> <a class="name" href="${escaped(linkTo(node))}">${escaped(titleOf(node))}</a><div class="prose">${markdown(node.description)}</div>${columns}</div>`;
}

function matches(text, words) {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

function searchPage(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = [];
  for (const node of project.resources.values()) {
    const name = titleOf(node).toLowerCase();
    const columns = columnsOf(project, node).map((column) => `${column.name} ${column.description}`).join(" ");
    if (!matches(`${name} ${node.description || ""} ${columns} ${(node.tags || []).join(" ")}`, words)) continue;
    scored.push([name === words[0] ? 0 : matches(name, words) ? 1 : matches(node.description || "", words) ? 2 : 3, node]);
  }
  scored.sort(([a, one], [b, other]) => a - b || titleOf(one).localeCompare(titleOf(other)));
  const count = scored.length === 1 ? "1 resource" : `${scored.length} resources`;
  return `<h1>${count} for “${escaped(query)}”</h1>${scored.slice(0, 200).map(([, node]) => card(node, words)).join("")}`;
}

// What happens ------------------------------------------------------------------------------------

function show() {
  const query = byId("search").value.trim();
  const id = decodeURIComponent(location.hash).split("/").slice(2).join("/");
  const node = project.resources.get(id);
  byId("main").innerHTML = query ? searchPage(query) : node ? resourcePage(node) : overviewPage();
  document.title = !query && node ? `${titleOf(node)} · ${project.name}` : `${project.name} · documentation`;
  markHere(query ? "" : id);
  const here = byId("main").querySelector(".lineage .here rect");
  if (here) {
    const frame = here.closest(".lineage");
    frame.scrollLeft = Number(here.getAttribute("x")) - frame.clientWidth / 2 + 80;
  }
}

function listen() {
  addEventListener("hashchange", () => { byId("search").value = ""; show(); scrollTo(0, 0); });
  byId("search").addEventListener("input", show);
  byId("main").addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    const jump = event.target.closest("[data-to]");
    if (tab) showTab(tab);
    if (jump && byId(jump.dataset.to)) { event.preventDefault(); byId(jump.dataset.to).scrollIntoView({ behavior: "smooth" }); }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== byId("search")) { event.preventDefault(); byId("search").focus(); }
    if (event.key === "Escape") { byId("search").value = ""; show(); }
  });
  byId("shade").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.shade ? root.dataset.shade === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.shade = isDark ? "light" : "dark";
  });
}

// The records: inside of this page, or files beside it.
function read(name) {
  const own = byId(name);
  if (own) return Promise.resolve(JSON.parse(own.textContent));
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("GET", `${name}.json`);
    request.onload = () => (request.status === 200 || (request.status === 0 && request.responseText) ? done(JSON.parse(request.responseText)) : failed(new Error(`${name}.json: ${request.status}`)));
    request.onerror = () => failed(new Error(`${name}.json cannot be read`));
    request.send();
  });
}

Promise.all([read("manifest"), read("catalog").catch(() => null)]).then(([manifest, catalog]) => {
  project = readProject(manifest, catalog);
  byId("project").textContent = project.name;
  tree();
  show();
  listen();
}).catch((error) => {
  byId("main").innerHTML = `<h1>No documentation yet</h1><p>${escaped(error.message)}. Run <code>docs generate</code> and then <code>docs serve</code>, or open the page that <code>docs generate --static</code> writes.</p>`;
});
