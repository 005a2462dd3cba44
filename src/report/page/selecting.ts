/**
 * One series is chosen for the whole page: by a click in a figure, in the list, or among the series drawn. Parts of the
 * page tell one another by the event `latent-ode:series` on the document, whose detail is `{ id }`.
 */
export const selecting = String.raw`
  const picker = document.getElementById('picker');
  const said = document.getElementById('chosen-said');
  const radios = [...document.querySelectorAll('.chooser input')];
  const panels = [...document.querySelectorAll('.chosen, .figure[data-series]')];
  let chosen = null;

  const choose = (id) => document.dispatchEvent(new CustomEvent('latent-ode:series', { detail: { id } }));

  const show = (id) => {
    chosen = id;
    set('chosen', id);
    const drawn = panels.filter((panel) => panel.dataset.series === id);
    if (picker) picker.selectedIndex = Math.max(0, [...picker.options].findIndex((option) => option.dataset.id === id));
    if (said) said.textContent = id === null || drawn.length > 0 ? '' : 'Its forecast is not among those drawn (report --series N draws more).';
    if (radios.length === 0) for (const panel of panels) panel.classList.toggle('is-chosen', panel.dataset.series === id);
    if (radios.length === 0 || drawn.length === 0) return;
    for (const part of document.querySelectorAll('.chosen')) part.hidden = part.dataset.series !== id;
    for (const radio of radios) radio.checked = document.getElementById(radio.value).dataset.series === id;
    drawRest();
  };

  document.addEventListener('latent-ode:series', (event) => {
    const id = event.detail?.id;
    if ((typeof id === 'string' || id === null) && id !== chosen) show(id);
  });
  for (const radio of radios) radio.addEventListener('change', () => choose(document.getElementById(radio.value).dataset.series));
  picker?.addEventListener('change', () => choose(picker.selectedOptions[0].dataset.id ?? null));

  const colouring = document.getElementById('coloured-by');
  colouring?.addEventListener('change', () => {
    set('by', Number(colouring.value));
    [...document.getElementById('latent-keys').children].forEach((legend, i) => { legend.hidden = i !== Number(colouring.value); });
  });

  // The series that the page opens with is marked everywhere from the start.
  const first = radios.find((radio) => radio.checked);
  if (first) show(document.getElementById(first.value).dataset.series);
`
