// The project as the page needs it, out of manifest.json and catalog.json.

const KINDS = [
  ["model", "Models"], ["source", "Sources"], ["seed", "Seeds"], ["snapshot", "Snapshots"], ["analysis", "Analyses"],
  ["exposure", "Exposures"], ["metric", "Metrics"], ["semantic_model", "Semantic models"], ["saved_query", "Saved queries"],
  ["function", "Functions"], ["test", "Tests"], ["unit_test", "Unit tests"], ["macro", "Macros"],
];
const BUILT_IN = (name) => name === "dbt" || name.startsWith("dbt_duckdb");

function readProject(manifest, catalog) {
  const sections = ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "functions", "unit_tests", "macros"];
  const resources = new Map();
  for (const section of sections) {
    for (const [id, node] of Object.entries(manifest[section] || {})) {
      const isShown = !(section === "macros" && BUILT_IN(node.package_name)) && (node.docs || {}).show !== false;
      if (isShown && KINDS.some(([kind]) => kind === node.resource_type)) resources.set(id, node);
    }
  }
  const tables = { ...(catalog || {}).nodes, ...(catalog || {}).sources };
  const docs = manifest.docs || {};
  const name = (manifest.metadata || {}).project_name || "Documentation";
  const overview = docs[`doc.${name}.__overview__`] || Object.values(docs).find((doc) => doc.name === "__overview__" && !BUILT_IN(doc.package_name));
  return {
    name, resources, tables, testsOf: tests(manifest),
    parents: manifest.parent_map || {}, children: manifest.child_map || {},
    overview: overview ? overview.block_contents : "", generatedAt: (manifest.metadata || {}).generated_at || "",
  };
}

// Short words for each test, by node and by lower-case column ("" for tests of the whole node).
function tests(manifest) {
  const found = {};
  for (const node of Object.values(manifest.nodes || {})) {
    if (node.resource_type !== "test" || !node.attached_node) continue;
    const column = (node.column_name || "").toLowerCase();
    const columns = (found[node.attached_node] ||= {});
    (columns[column] ||= []).push({ id: node.unique_id, word: (node.test_metadata || {}).name || node.name });
  }
  return found;
}

function titleOf(node) {
  if (node.resource_type === "source") return `${node.source_name}.${node.name}`;
  return node.version != null ? `${node.name}.v${node.version}` : node.label || node.name;
}

function linkTo(node) {
  return `#!/${node.resource_type}/${node.unique_id}`;
}

// Declared and real columns together, in the order of the warehouse where it is known.
function columnsOf(project, node) {
  const real = (project.tables[node.unique_id] || {}).columns || {};
  const tested = project.testsOf[node.unique_id] || {};
  const columns = new Map();
  const byIndex = Object.values(real).sort((a, b) => a.index - b.index);
  for (const column of byIndex) columns.set(column.name.toLowerCase(), { name: column.name, type: column.type, description: column.comment || "" });
  for (const column of Object.values(node.columns || {})) {
    const known = columns.get(column.name.toLowerCase()) || { name: column.name, type: column.data_type || "", description: "" };
    columns.set(column.name.toLowerCase(), { ...known, description: column.description || known.description, tags: column.tags || [] });
  }
  return [...columns.entries()].map(([key, column]) => ({ ...column, tests: tested[key] || [] }));
}
