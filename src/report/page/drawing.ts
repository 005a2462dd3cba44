/** Unpacks the figures, draws those near the window first and the rest when there is time. */
export const drawing = String.raw`
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const packed = read('figures');
  const { specs, figures } = packed;
  const columns = packed.columns.map((column) => {
    if (Array.isArray(column)) return column;
    let sum = 0;
    return column.steps.map((step) => (sum += step) / 10 ** column.decimals);
  });
  const { configuration, colours } = read('configuration');
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  const views = new Map();
  const problems = [];
  // What the parameters of figures are set to, by name; a figure drawn later starts with it.
  const settings = new Map();

  const unpack = ({ spec, params, data }) => {
    const full = structuredClone(specs[spec]);
    full.config = structuredClone(configuration);
    if (full.params) full.params.forEach((param, i) => { param.value = settings.has(param.name) ? settings.get(param.name) : params[i]; });
    full.datasets = {};
    for (const [name, fields, held] of data) {
      const length = held.length ? columns[held[0]].length : 0;
      full.datasets[name] = Array.from({ length }, (_, i) => Object.fromEntries(fields.map((field, j) => [field, columns[held[j]][i]])));
    }
    return full;
  };

  const quiet = { level() { return this; }, error(...m) { problems.push(m.join(' ')); return this; }, warn(...m) { problems.push(m.join(' ')); return this; }, info() { return this; }, debug() { return this; } };

  const bubble = document.getElementById('bubble');
  // Text goes in as text: whatever names the data have, none of them is read as markup.
  const tooltip = (handler, event, item, value) => {
    if (!value || typeof value !== 'object') { bubble.hidden = true; return; }
    bubble.replaceChildren(...Object.entries(value).map(([title, shown]) => {
      const line = document.createElement('div');
      const [name, text] = [document.createElement('span'), document.createElement('b')];
      name.textContent = title;
      text.textContent = String(shown);
      line.append(name, text);
      return line;
    }));
    bubble.hidden = false;
    const { width, height } = bubble.getBoundingClientRect();
    const edge = document.documentElement.clientWidth;
    bubble.style.left = Math.max(4, Math.min(event.clientX + 14, edge - width - 8)) + 'px';
    bubble.style.top = (event.clientY + 18 + height > window.innerHeight ? event.clientY - height - 10 : event.clientY + 18) + 'px';
  };

  const compile = (spec) => vega.parse(vegaLite.compile(spec, { logger: quiet }).spec, undefined, { ast: true });

  // Sets a parameter in every figure that has it: nothing is built anew.
  const set = (name, value) => {
    settings.set(name, value);
    for (const [element, view] of views) {
      if (view && specs[byName.get(element.id).spec].params?.some((param) => param.name === name)) view.signal(name, value).runAsync();
    }
  };

  const draw = (element) => {
    if (views.has(element)) return;
    views.set(element, null);
    const failed = (error) => { element.textContent = 'This figure could not be drawn.'; element.dataset.failed = ''; problems.push(String(error)); };
    try {
      const described = element.getAttribute('aria-label');
      const view = new vega.View(compile(unpack(byName.get(element.id))), {
        expr: vega.expressionInterpreter, renderer: 'svg', container: element, hover: false, logger: quiet, tooltip,
      });
      // Vega gives its container a role and a name of its own.
      element.setAttribute('role', 'img');
      element.removeAttribute('aria-roledescription');
      element.setAttribute('aria-label', described);
      views.set(element, view);
      view.addEventListener('click', (event, item) => { if (typeof item?.datum?.series === 'string') choose(item.datum.series); });
      view.runAsync().then(() => { element.dataset.drawn = ''; }, failed);
    } catch (error) { failed(error); }
  };

  const plots = [...document.querySelectorAll('.plot')].filter((plot) => byName.has(plot.id));
  const visible = (element) => element.offsetParent !== null;
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) { draw(target); near.unobserve(target); }
  }, { rootMargin: '300px' });
  plots.forEach((plot) => near.observe(plot));

  // The rest follows in idle moments, so that printing and saving find a whole page.
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(() => run({ timeRemaining: () => 8 }), 30));
  const rest = (deadline) => {
    let next;
    do {
      next = plots.find((plot) => !views.has(plot) && visible(plot));
      if (next) draw(next);
    } while (next && deadline.timeRemaining() > 4);
    if (next) idle(rest, { timeout: 500 }); else document.documentElement.dataset.complete = '';
  };
  const drawRest = () => idle(rest, { timeout: 500 });
  drawRest();
  for (const more of document.querySelectorAll('details')) more.addEventListener('toggle', drawRest);

  // Paper holds what can be opened, too, in figures as wide as the paper: scaled ones would have tiny letters.
  let closed = [];
  const fit = () => {
    for (const [element, view] of views) if (view && visible(element) && view.width() !== element.clientWidth) view.width(element.clientWidth).run();
  };
  window.addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const more of closed) more.open = true;
    document.documentElement.classList.add('paper');
    plots.filter(visible).forEach(draw);
    fit();
  });
  window.addEventListener('afterprint', () => {
    for (const more of closed) more.open = false;
    document.documentElement.classList.remove('paper');
    fit();
  });
`
