/** Styles of the section in which the model is asked. */
export const liveStyle = `
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
#ask fieldset{border:0;margin:0;padding:0;min-width:0}
.live-controls{display:flex;flex-wrap:wrap;gap:14px 24px;align-items:end}
#ask .live-controls{margin-top:18px}
.live-field{display:flex;flex-direction:column;gap:4px;font-size:.8125rem;color:var(--muted);min-width:0}
.live-field.wide{flex:1 1 220px}
.live-field output{color:var(--ink)}
.live-field select,.live-field input:not([type=range]),.live-buttons button{font:inherit;font-size:.875rem;color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:.36rem .7rem;min-height:2.2rem;max-width:100%}
.live-field select{max-width:15rem;text-overflow:ellipsis}
.live-field input:not([type=range]){width:11rem}
.live-field input[type=range]{width:100%;height:2.2rem;margin:0;accent-color:var(--model)}
.live-field [aria-invalid=true]{border-color:var(--poor)}
.live-buttons{display:flex;flex-wrap:wrap;gap:8px}
.live-buttons button{cursor:pointer}
.live-buttons button:hover:enabled{border-color:var(--muted)}
#ask button:disabled{opacity:.45;cursor:default}
.live-status{margin-top:14px;min-height:1.6em;max-width:64em;font-size:.9375rem}
.live-failure{margin-top:14px;color:var(--poor);font-size:.9375rem}
.live-panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:22px 28px;min-height:220px}
.live-plot{position:relative;width:100%;min-height:60px;border-radius:4px}
.live-picture{position:relative;width:100%;cursor:crosshair}
.live-picture,.live-picture svg,#live-posterior svg{display:block;max-width:100%}
.live-courses{position:absolute;pointer-events:none;overflow:hidden}
.live-courses path{fill:none;stroke:var(--model);stroke-width:.8;opacity:.55;stroke-linejoin:round}
.live-handles{position:absolute;inset:0;pointer-events:none}
.live-handle{position:absolute;width:26px;height:26px;margin:-13px 0 0 -13px;padding:0;border:0;border-radius:50%;background:transparent;pointer-events:auto;cursor:grab;touch-action:none}
.live-handle:active{cursor:grabbing}
.live-handle:hover,.live-handle[aria-current=true]{box-shadow:inset 0 0 0 1.5px var(--muted)}
.live-handle:focus-visible{outline:2px solid var(--model);outline-offset:-2px;border-radius:50%}
.live-below{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:22px 28px;margin-top:22px;align-items:start}
.live-form fieldset{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:end}
.live-form legend{font-size:.8125rem;font-weight:650;padding:0;margin-bottom:6px}
.live-form .note{color:var(--poor);margin-top:8px;min-height:1.2em}
.live-channels{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:.875rem;max-height:14rem;overflow-y:auto}
.live-channels label{display:flex;gap:.45em;align-items:baseline;max-width:16rem;cursor:pointer}
.live-channels input{accent-color:var(--model)}
.live-help{font-size:.875rem;color:var(--muted);padding-left:1.2em}
.live-notes{margin-top:18px}
.link{font:inherit;background:none;border:0;padding:0;margin-left:.8em;color:var(--model);text-decoration:underline;cursor:pointer}
@media print{.live-controls,.live-form,.live-help,#ask .more,.link{display:none}.live-handle{display:none}.live-panels{min-height:0}.live-panel{break-inside:avoid}}`
