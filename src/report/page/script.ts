/**
 * The page's own script. It unpacks the figures, draws those near the window first and the rest when there is time,
 * and shows the chosen series. It expects `vega` and `vegaLite` as globals, `vega.expressionInterpreter` among them,
 * and two JSON elements, `figures` and `configuration`.
 */
export const script = String.raw`'use strict';
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { specs, columns, figures } = read('figures');
  const config = read('configuration');
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  const views = new Map();
  const problems = [];

  const unpack = ({ spec, params, data }) => {
    const full = structuredClone(specs[spec]);
    full.config = config;
    if (full.params) full.params.forEach((param, i) => { param.value = params[i]; });
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

  const draw = (element) => {
    if (views.has(element)) return;
    views.set(element, null);
    const failed = (error) => { element.textContent = 'This figure could not be drawn.'; element.dataset.failed = ''; problems.push(String(error)); };
    try {
      const compiled = vegaLite.compile(unpack(byName.get(element.id)), { logger: quiet }).spec;
      const view = new vega.View(vega.parse(compiled, undefined, { ast: true }), {
        expr: vega.expressionInterpreter, renderer: 'svg', container: element, hover: false, logger: quiet, tooltip,
      });
      views.set(element, view);
      view.runAsync().then(() => { element.dataset.drawn = ''; }, failed);
    } catch (error) { failed(error); }
  };

  const plots = [...document.querySelectorAll('.plot')];
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
  idle(rest, { timeout: 500 });
  window.addEventListener('beforeprint', () => plots.filter(visible).forEach(draw));

  for (const radio of document.querySelectorAll('.chooser input')) {
    const show = () => {
      for (const part of document.querySelectorAll('.chosen')) part.hidden = part.id !== radio.value;
      idle(rest, { timeout: 200 });
    };
    radio.addEventListener('change', show);
    // A reloaded page keeps the choice.
    if (radio.checked) show();
  }
  for (const more of document.querySelectorAll('details')) more.addEventListener('toggle', () => idle(rest, { timeout: 200 }));
  Object.defineProperty(window, 'report', { value: { problems, views } });
})();`
