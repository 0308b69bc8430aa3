/** An element with attributes, listeners (`onclick: …`) and children. Text stays text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on'))
      element.addEventListener(name.slice(2), value);
    else if (value === true)
      element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(attributes, ...children) {
  return h('button', { type: 'button', ...attributes }, ...children);
}

/** The mark before a room's name. */
export function sign(mark = '#') {
  return h('span', { class: 'sign', 'aria-hidden': 'true' }, mark);
}

export function byId(id) {
  return document.getElementById(id);
}

const shapes = {
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5M16 11.3a3.2 3.2 0 0 0 0-6.2M17.8 14.8c2 .6 3.3 2.1 3.7 4.7',
  send: 'M12 19V5.5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  leave: 'M14 4.5H6.5a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1H14M10.5 12H20M16.5 8.5L20 12l-3.5 3.5',
  power: 'M12 4v7.5M7.6 6.8a7.3 7.3 0 1 0 8.8 0',
  light: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1',
  dark: 'M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z',
  system: 'M4.5 5.5h15v10h-15zM9 19.5h6M12 15.5v4',
  sending: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.3l2.7 1.7',
  stored: 'M5.5 12.5l4.3 4.3L18.5 8',
  failed: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v5M12 15.8v.2',
};

const svg = 'http://www.w3.org/2000/svg';

export function icon(name) {
  const element = document.createElementNS(svg, 'svg');
  element.setAttribute('viewBox', '0 0 24 24');
  element.setAttribute('class', 'glyph');
  element.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[name]);
  element.append(path);
  return element;
}

/** Makes the children of a list be those of the rows, each known by its key: keeps what is there, makes what isn't, in one walk. */
export function reconcile(list, rows, nodes, make) {
  const keys = new Set(rows.map(row => row.key));
  for (const [key, node] of nodes) {
    if (!keys.has(key)) {
      node.remove();
      nodes.delete(key);
    }
  }
  let at = list.firstChild;
  for (const row of rows) {
    let node = nodes.get(row.key);
    if (!node) {
      node = make(row);
      nodes.set(row.key, node);
    }
    if (node === at)
      at = at.nextSibling;
    else
      list.insertBefore(node, at);
  }
}
