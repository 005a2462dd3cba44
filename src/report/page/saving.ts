/**
 * Every figure is saved as SVG, PNG, Vega-Lite JSON or CSV from a menu at its corner: made in the page, of the figure's
 * specification and data with the chosen series as it is, in the light colours, which suit paper.
 */
export const saving = String.raw`
  const resolve = (value) => JSON.parse(JSON.stringify(value).replace(/var\(--(\w+)\)/g, (all, name) => colours[name] ?? all));

  // The figure on its own: numbers for the width, colours for variables. Data are left as they are.
  const standAlone = (plot) => {
    const { datasets, ...rest } = unpack(byName.get(plot.id));
    return {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json', description: plot.getAttribute('aria-label'), ...resolve(rest),
      width: Math.round(plot.clientWidth), autosize: { type: 'fit-x', contains: 'padding' }, background: colours.surface, datasets,
    };
  };
  const still = (plot) => new vega.View(compile(standAlone(plot)), { expr: vega.expressionInterpreter, renderer: 'none', logger: quiet });
  const escaped = (text) => text.replace(/[&<>]/g, (c) => '&#' + c.charCodeAt(0) + ';');

  // A cell that a spreadsheet would take for a formula gets an apostrophe before it, which makes it text there.
  const cell = (value) => {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'string') return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };

  // Fields that hold times, and those that are only for people to read under the pointer.
  const fieldsOf = (spec) => {
    const [dates, drawn, told] = [new Set(), new Set(), new Set()];
    const walk = (node) => {
      if (typeof node !== 'object' || node === null) return;
      for (const [x, x2] of [['x', 'x2'], ['y', 'y2']]) if (node[x]?.type === 'temporal' && node[x2]?.field) dates.add(node[x2].field);
      if (typeof node.field === 'string') {
        if (node.type === 'temporal') dates.add(node.field);
        drawn.add(node.field);
      }
      for (const [name, part] of Object.entries(node)) {
        if (name !== 'tooltip') walk(part);
        else if (Array.isArray(part)) for (const { field, title } of part) if (title !== undefined) told.add(field);
      }
    };
    walk(spec);
    return { dates, told: new Set([...told].filter((field) => !drawn.has(field))) };
  };

  const table = (plot) => {
    const { datasets, ...spec } = standAlone(plot);
    const { dates, told } = fieldsOf(spec);
    // A row that holds lists stands for one row for each of their entries.
    const spread = (row) => {
      const lists = Object.values(row).filter(Array.isArray);
      if (lists.length === 0) return [row];
      return lists[0].map((_, i) => Object.fromEntries(Object.entries(row).map(([field, value]) => [field, Array.isArray(value) ? value[i] : value])));
    };
    const parts = Object.entries(datasets).map(([part, rows]) => [part, rows.flatMap(spread)]).filter(([, rows]) => rows.length > 0);
    const fields = [...new Set(parts.flatMap(([, rows]) => Object.keys(rows[0])))].filter((field) => !told.has(field));
    const date = (value) => (typeof value === 'number' ? new Date(value).toISOString().replace('T00:00:00.000Z', '') : value);
    const lines = parts.flatMap(([part, rows]) => rows.map((row) => [...(parts.length > 1 ? [part] : []), ...fields.map((field) => cell(dates.has(field) ? date(row[field]) : row[field]))].join(',')));
    return [[...(parts.length > 1 ? ['part'] : []), ...fields].join(','), ...lines, ''].join('\r\n');
  };

  const formats = {
    svg: { label: 'SVG', make: async (plot) => new Blob([(await still(plot).toSVG()).replace('>', () => '><title>' + escaped(plot.getAttribute('aria-label')) + '</title>')], { type: 'image/svg+xml' }) },
    png: { label: 'PNG', make: async (plot) => { const canvas = await still(plot).toCanvas(2); return new Promise((done) => canvas.toBlob(done, 'image/png')); } },
    'vl.json': { label: 'Vega-Lite JSON', make: async (plot) => new Blob([JSON.stringify(standAlone(plot))], { type: 'application/json' }) },
    csv: { label: 'CSV, the data', make: async (plot) => new Blob([table(plot)], { type: 'text/csv;charset=utf-8' }) },
  };

  // Letters, digits and hyphens only, whatever the series and channels are called.
  const fileName = (plot) => {
    const series = plot.closest('[data-series]');
    const title = plot.closest('.figure').querySelector('figcaption strong')?.textContent ?? '';
    const words = series ? ['series', series.dataset.series, title === series.dataset.series ? '' : title] : [plot.id];
    return words.join(' ').normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 80) || plot.id;
  };

  const save = async (plot, format) => {
    try {
      const blob = await formats[format].make(plot);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = fileName(plot) + '.' + format;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 30000);
    } catch (error) { problems.push(String(error)); }
  };

  const menu = document.createElement('div');
  menu.className = 'menu';
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', 'Save figure as');
  menu.hidden = true;
  let opener = null;
  const close = (back) => {
    if (opener === null) return;
    menu.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
    if (back) opener.focus();
    opener = null;
  };
  for (const [format, { label }] of Object.entries(formats)) {
    const item = document.createElement('button');
    item.type = 'button';
    item.tabIndex = -1;
    item.setAttribute('role', 'menuitem');
    item.textContent = label;
    item.addEventListener('click', () => { const plot = opener.closest('.figure').querySelector('.plot'); close(true); save(plot, format); });
    menu.append(item);
  }
  menu.addEventListener('keydown', (event) => {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at + items.length - 1) % items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); items[to].focus(); }
    if (event.key === 'Escape') close(true);
    if (event.key === 'Tab') close(false);
  });
  document.addEventListener('click', (event) => { if (opener !== null && !menu.contains(event.target) && !opener.contains(event.target)) close(false); });

  for (const plot of plots) {
    const figure = plot.closest('.figure');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'save';
    button.title = 'Save this figure';
    button.setAttribute('aria-label', 'Save figure: ' + (figure.querySelector('figcaption')?.innerText ?? plot.id).replace(/\s+/g, ' '));
    button.setAttribute('aria-haspopup', 'menu');
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => {
      const again = opener === button;
      close(false);
      if (again) return;
      opener = button;
      button.after(menu);
      button.setAttribute('aria-expanded', 'true');
      menu.hidden = false;
      menu.firstElementChild.focus();
    });
    figure.append(button);
  }
`
