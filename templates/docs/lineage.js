// The lineage graph: nodes in layers from left to right, drawn as SVG without measuring anything.

const BOX = { height: 28, gap: 14, layer: 64, letter: 7.1, padding: 26 };

// Ids within reach of a node in one direction, at most `steps` away.
function reach(map, start, steps, isDrawn) {
  const found = new Set();
  let edge = [start];
  for (let step = 0; step < steps && edge.length; step++) {
    edge = edge.flatMap((id) => map[id] || []).filter((id) => isDrawn(id) && !found.has(id) && found.add(id));
  }
  return found;
}

function drawLineage(project, ids, here) {
  const inside = new Set(ids);
  const parents = (id) => [...new Set(project.parents[id] || [])].filter((parent) => inside.has(parent) && parent !== id);
  const layers = order(intoLayers([...inside].sort(), parents));
  const widths = layers.map((layer) => Math.max(...layer.map((box) => width(project, box.id))));
  place(layers);
  let x = 16;
  const drawn = [];
  layers.forEach((layer, at) => {
    for (const box of layer) { box.x = x; box.width = box.id ? width(project, box.id) : widths[at]; }
    x += widths[at] + BOX.layer;
  });
  const all = layers.flat();
  const top = Math.min(...all.map((box) => box.y)) - 16;
  const height = Math.max(...all.map((box) => box.y)) - top + BOX.height + 16;
  const wide = x - BOX.layer + 16;
  for (const box of all) for (const parent of box.parents) drawn.push(curve(parent, box));
  for (const box of all) if (box.id) drawn.push(boxOf(project, box, here));
    else drawn.push(`<path d="M${box.x},${box.y + BOX.height / 2}h${box.width}"/>`);
  return `<div class="lineage"><svg viewBox="0 ${top} ${wide} ${height}" style="width:${wide}px;max-width:100%;min-width:${Math.round(wide * 0.7)}px" role="img" aria-label="Lineage">${drawn.join("")}</svg></div>`;
}

function width(project, id) {
  return id ? Math.max(60, titleOf(project.resources.get(id)).length * BOX.letter + BOX.padding) : 0;
}

// Each node one layer behind its last parent; an edge over several layers gets a bend in each.
function intoLayers(ids, parents) {
  const rank = new Map();
  const rankOf = (id, path) => {
    if (rank.has(id)) return rank.get(id);
    if (path.has(id)) return 0;
    path.add(id);
    const value = Math.max(-1, ...parents(id).map((parent) => rankOf(parent, path))) + 1;
    path.delete(id);
    rank.set(id, value);
    return value;
  };
  ids.forEach((id) => rankOf(id, new Set()));
  const boxes = new Map(ids.map((id) => [id, { id, parents: [], children: [] }]));
  const layers = [];
  const put = (box, at) => (layers[at] ||= []).push(box);
  ids.forEach((id) => put(boxes.get(id), rank.get(id)));
  for (const id of ids) {
    for (const parent of parents(id)) {
      let from = boxes.get(parent);
      for (let at = rank.get(parent) + 1; at < rank.get(id); at++) {
        const bend = { id: null, parents: [], children: [] };
        join(from, bend);
        put(bend, at);
        from = bend;
      }
      join(from, boxes.get(id));
    }
  }
  return layers.filter(Boolean);
}

function join(from, to) {
  from.children.push(to);
  to.parents.push(from);
}

// Fewer crossings: each layer sorted by the middle of its neighbours, back and forth.
function order(layers) {
  const number = () => layers.forEach((layer) => layer.forEach((box, at) => (box.at = at)));
  const middle = (boxes, own) => (boxes.length ? boxes.reduce((sum, box) => sum + box.at, 0) / boxes.length : own);
  for (let turn = 0; turn < 8; turn++) {
    number();
    const side = turn % 2 ? "children" : "parents";
    const walk = turn % 2 ? [...layers].reverse() : layers;
    for (const layer of walk) {
      layer.forEach((box) => (box.wish = middle(box[side], box.at)));
      layer.sort((a, b) => a.wish - b.wish || a.at - b.at);
      layer.forEach((box, at) => (box.at = at));
    }
  }
  return layers;
}

// Heights: each box near its neighbours, none over another.
function place(layers) {
  const step = BOX.height + BOX.gap;
  const tallest = Math.max(...layers.map((layer) => layer.length));
  layers.forEach((layer) => layer.forEach((box, at) => (box.y = (at + (tallest - layer.length) / 2) * step)));
  for (let turn = 0; turn < 10; turn++) {
    for (const layer of turn % 2 ? [...layers].reverse() : layers) {
      for (const box of layer) {
        const near = [...box.parents, ...box.children];
        if (near.length) box.y = near.reduce((sum, other) => sum + other.y, 0) / near.length;
      }
      for (let at = 1; at < layer.length; at++) layer[at].y = Math.max(layer[at].y, layer[at - 1].y + step);
      const shift = Math.max(0, ...layer.map((box) => box.y - (tallest - 1) * step));
      for (let at = layer.length - 1, roof = Infinity; at >= 0 && shift; at--) {
        layer[at].y = Math.min(layer[at].y, roof, (tallest - 1) * step);
        roof = layer[at].y - step;
      }
    }
  }
}

function curve(from, to) {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `<path d="M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}"/>`;
}

function boxOf(project, box, here) {
  const node = project.resources.get(box.id);
  const place = box.id === here ? " here" : "";
  return `<a class="${node.resource_type}${place}" href="${escaped(linkTo(node))}"><rect x="${box.x}" y="${box.y}" width="${box.width}" height="${BOX.height}" rx="7"/><text x="${box.x + box.width / 2}" y="${box.y + 18}" text-anchor="middle">${escaped(titleOf(node))}</text></a>`;
}
