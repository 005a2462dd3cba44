import { dark, declarations, light, sansSerif } from '../theme.js'

/** The page's style sheet: one column of sections, light or dark as the reader's system is, light in print. */
export const style = `
:root{color-scheme:light;${declarations(light)};--page:#f6f5f1;--line:#e2e1db;--good:#00734f;--poor:#a8470a;--notice:#fdf6e3;--notice-line:#e5c15c;--shadow:0 1px 2px rgb(30 30 20/.05),0 6px 20px rgb(30 30 20/.04)}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${declarations(dark)};--page:#12161a;--line:#2b333b;--good:#3fcf9f;--poor:#ff9d5c;--notice:#2a2416;--notice-line:#8a7022;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.5rem}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 ${sansSerif};font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main,header,footer{max-width:1280px;margin:0 auto;padding:0 clamp(16px,3.4vw,48px)}
h1,h2,h3,p,figure,dl,dd,ul,fieldset{margin:0;padding:0}
header{padding-top:clamp(28px,5vw,64px)}
.kicker{color:var(--muted);font-size:.8125rem;letter-spacing:.02em;display:flex;flex-wrap:wrap;gap:.15rem 1rem}
h1{font-size:clamp(1.05rem,1.6vw,1.25rem);font-weight:600;margin:.35rem 0 clamp(18px,2.6vw,32px)}
.headline{font-size:clamp(1.55rem,3.3vw,2.6rem);line-height:1.18;letter-spacing:-.022em;font-weight:640;max-width:29em;text-wrap:balance}
.headline+.headline{font-size:clamp(1.05rem,1.7vw,1.3rem);line-height:1.45;letter-spacing:-.005em;font-weight:400;color:var(--muted);margin-top:.8rem;max-width:44em}
.notices{margin:clamp(18px,2.4vw,28px) 0 0;padding:.3rem 0;list-style:none;border:1px solid var(--line);border-left:3px solid var(--notice-line);border-radius:4px 10px 10px 4px;background:var(--notice)}
.notices li{padding:.3rem 1rem;font-size:.8125rem;line-height:1.5}
.notices b{font-weight:650;margin-right:.4em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,258px),1fr));gap:16px;margin-top:clamp(20px,2.6vw,32px)}
.card,section{background:var(--surface);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow)}
.card{padding:18px 20px 16px;display:flex;flex-direction:column;min-width:0}
.card:only-child .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,200px),1fr));gap:0 2.5rem}
.card:only-child .facts>div{border-top:0}
h3{font-size:.8125rem;font-weight:600;color:var(--muted)}
.big{font-size:2rem;line-height:1.2;font-weight:640;letter-spacing:-.02em;margin:.2rem 0 .1rem}
.big small{font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--muted)}
.big i{font-style:normal;color:var(--muted);font-weight:400}
.verdict{font-size:.9375rem;font-weight:600}
.sub{font-size:.875rem;color:var(--muted);line-height:1.4}
.verdict.good{color:var(--good)}
.verdict.poor{color:var(--poor)}
.note{color:var(--muted);font-size:.75rem;line-height:1.45}
.card>.note{margin-top:auto;padding-top:.7rem}
.bars{width:100%;border-collapse:collapse;margin-top:.7rem;font-size:.8125rem}
.bars th{font-weight:400;text-align:left;padding:2px 8px 2px 0;width:8.4em;line-height:1.25;color:var(--muted)}
.bars tr:first-child>*{font-weight:600;color:var(--ink)}
.bars td{text-align:right;padding:2px 0 2px 8px;width:1%;white-space:nowrap}
.bars td.bar{width:auto;padding:0}
.bars svg,.gauge svg{display:block}
.gauge-title{font-size:.8125rem;font-weight:600;margin-top:.6rem}
.gauge{display:grid;grid-template-columns:7.4em 1fr 3.4em;align-items:center;gap:8px;font-size:.8125rem;color:var(--muted);line-height:1.6}
.gauge data{text-align:right;color:var(--ink)}
.facts{font-size:.875rem;margin-top:.45rem}
.facts>div{display:flex;justify-content:space-between;gap:1rem;padding:.3rem 0;border-top:1px solid var(--line)}
.facts>div:first-child{border-top:0}
.facts dt{color:var(--muted)}
.facts dd{text-align:right;min-width:0}
nav{position:sticky;top:0;z-index:2;margin-top:clamp(24px,3vw,40px);background:var(--page);border-bottom:1px solid var(--line)}
nav>div{max-width:1280px;margin:0 auto;padding:0 clamp(16px,3.4vw,48px);display:flex;flex-wrap:wrap;align-items:center;gap:0 1.5rem}
.picker{margin-left:auto;display:flex;align-items:center;gap:.7rem;min-width:0;padding:.3rem 0;font-size:.8125rem;color:var(--muted)}
.picker select{max-width:11rem}
.picker output{max-width:22rem;font-size:.75rem;line-height:1.25}.picker output:empty{display:none}
@media (max-width:700px){.picker{margin-left:0;width:100%;padding-top:0}html{scroll-padding-top:6rem}}
nav ul{flex:0 1 auto;min-width:0;display:flex;gap:0 1.5rem;overflow-x:auto;list-style:none;scrollbar-width:none;overscroll-behavior-x:contain}
nav a{display:block;padding:.75rem 0;white-space:nowrap;font-size:.875rem;color:var(--muted);text-decoration:none}
nav a:hover{color:var(--ink)}
:focus-visible{outline:2px solid var(--model);outline-offset:2px;border-radius:4px}
main{display:grid;gap:clamp(16px,2vw,24px);padding-top:clamp(16px,2vw,24px);grid-template-columns:minmax(0,1fr)}
section{padding:clamp(18px,2.6vw,36px)}
h2{font-size:clamp(1.2rem,2vw,1.5rem);line-height:1.25;letter-spacing:-.015em;font-weight:640}
.lede{color:var(--muted);max-width:64em;margin-top:.4rem;font-size:.9375rem}
.lede+.pair{margin-top:18px}.pair+.lede,.panels+.lede{margin-top:34px}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:.9rem 0 1.1rem;font-size:.8125rem}
.key li{display:flex;align-items:center;gap:.45rem}
.key svg{flex:none}
.controls{display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;margin-top:1rem;font-size:.8125rem;color:var(--muted)}
select{font:inherit;color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:7px;padding:.28rem .5rem;max-width:min(100%,20rem)}
select:hover{border-color:var(--muted)}
.figure{min-width:0;position:relative}
figcaption{font-size:.8125rem;line-height:1.35;margin-bottom:6px;display:flex;flex-wrap:wrap;gap:0 .5em}
figcaption strong{font-weight:650}
figcaption span{color:var(--muted)}
figcaption{padding-right:2rem}
.save{position:absolute;top:-5px;right:-6px;width:28px;height:28px;border:0;border-radius:7px;background:none;color:var(--muted);cursor:pointer;opacity:.65;padding:0}
.save::before{content:"";display:block;width:14px;height:14px;margin:7px;background:currentColor;clip-path:polygon(43% 0,57% 0,57% 48%,76% 30%,86% 40%,50% 74%,14% 40%,24% 30%,43% 48%,43% 0,0 0,0 66%,14% 66%,14% 86%,86% 86%,86% 66%,100% 66%,100% 100%,0 100%,0 66%,0 66%,0 0)}
.save:hover,.save:focus-visible,.save[aria-expanded=true]{opacity:1;background:var(--grid);color:var(--ink)}
.menu{position:absolute;top:26px;right:-6px;z-index:3;display:grid;min-width:9.5rem;padding:4px;border:1px solid var(--line);border-radius:9px;background:var(--surface);box-shadow:0 6px 24px rgb(0 0 0/.16)}
.menu button{border:0;border-radius:6px;background:none;color:var(--ink);font:inherit;font-size:.8125rem;text-align:left;padding:.32rem .6rem;cursor:pointer}
.menu button:hover,.menu button:focus-visible{background:var(--grid);outline:0}
.figure.is-chosen figcaption strong{box-shadow:0 2px 0 var(--heldout)}
.plot{width:100%;min-height:60px;overflow:hidden}
.plot svg{display:block;max-width:100%}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,236px),1fr));gap:22px 24px}
.panels.three{grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));margin-top:26px}
.stack{display:grid;gap:26px;align-content:start;grid-template-columns:minmax(0,1fr)}
.panels.single{grid-template-columns:minmax(0,1fr)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px 44px}
.quarter{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));gap:26px 32px;margin-top:18px}
.raster-pair{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:26px 44px;margin-top:18px}
.raster-pair>:only-child{grid-column:1/-1}
@media (max-width:860px){.raster-pair{grid-template-columns:minmax(0,1fr)}}
.chooser{border:0;display:flex;flex-wrap:wrap;gap:6px;max-height:9.6rem;overflow-y:auto;padding:2px;margin:0 -2px 20px}
.chooser legend{font-size:.8125rem;color:var(--muted);margin-bottom:4px}
.chooser label{cursor:pointer;max-width:100%}
.chooser input{position:absolute;opacity:0;pointer-events:none}
.chooser span{display:block;padding:.25rem .7rem;border:1px solid var(--line);border-radius:99px;font-size:.8125rem;max-width:16rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.chooser label:hover span{border-color:var(--muted)}
.chooser input:checked+span{background:var(--ink);border-color:var(--ink);color:var(--surface)}
.chooser input:focus-visible+span{outline:2px solid var(--model);outline-offset:2px}
.series-title{margin:18px 0 12px;font-size:1rem;color:var(--ink)}
.print-only{display:none}
.series-title span{font-weight:400;color:var(--muted)}
.more{margin-top:18px;border-top:1px solid var(--line);padding-top:12px}
.more+.more{margin-top:12px}
.more summary{cursor:pointer;font-size:.875rem;font-weight:600;width:fit-content}
.more[open] summary{margin-bottom:12px}
.scroll{overflow-x:auto;max-width:100%}
.scroll table{border-collapse:collapse;font-size:.8125rem;min-width:100%}
.scroll th,.scroll td{padding:.38rem .75rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
.scroll th:first-child{text-align:left;padding-left:0;max-width:16rem;overflow:hidden;text-overflow:ellipsis}
.scroll thead th{font-weight:500;color:var(--muted)}
.scroll tbody th{font-weight:400}
.scroll .total>*,.scroll .own{font-weight:650}
.scroll td.word{text-align:right}
.settings{columns:3 270px;column-gap:44px;margin-top:18px}
.settings>div{break-inside:avoid;padding-bottom:26px}
footer{padding-top:28px;padding-bottom:48px;color:var(--muted);font-size:.8125rem}
footer p{max-width:72em}
[hidden]{display:none!important}
#bubble{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--surface);font-size:.75rem;line-height:1.5;padding:.4rem .6rem;border-radius:6px;max-width:min(20rem,92vw)}
#bubble div{display:flex;justify-content:space-between;gap:1rem}
#bubble span{opacity:.72}
#bubble b{font-weight:600;text-align:right}
svg .model{fill:var(--model);stroke:var(--model)}svg .other{fill:var(--other);stroke:var(--other)}svg .heldout{fill:var(--heldout);stroke:var(--heldout)}
svg .muted{fill:var(--muted)}svg .linear{fill:var(--linear);stroke:var(--linear)}svg .locf{fill:var(--locf);stroke:var(--locf)}svg .mean{fill:var(--mean);stroke:var(--mean)}
svg rect[class],svg g[class]{stroke:none}
.bars rect:not(.model){opacity:.55}
svg .track{fill:var(--grid)}svg .target{fill:var(--ink)}
.paper body{width:182mm}
.paper :is(main,header,footer){padding-left:0;padding-right:0;max-width:none}
.paper :is(section,.card){padding-left:0;padding-right:0}
.paper .pair{grid-template-columns:repeat(2,minmax(0,1fr));gap:20px 26px}
.paper :is(.panels,.panels.three){grid-template-columns:repeat(3,minmax(0,1fr));gap:16px 18px}
.paper .panels.single{grid-template-columns:minmax(0,1fr)}
.paper :is(.quarter,.cards){grid-template-columns:repeat(2,minmax(0,1fr))}
.paper .raster-pair{grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:20px 26px}
@media print{
.plot svg{height:auto}
.scroll{overflow:visible}
.scroll table{font-size:7.5pt}
.scroll th,.scroll td{padding:.2rem .3rem;white-space:normal}
.figure.is-chosen figcaption strong{box-shadow:none}
@page{margin:14mm}
:root{--page:#fff;--shadow:none}
body{font-size:10.5pt}
nav,.chooser,.controls,.save,.menu,#bubble{display:none}
.print-only{display:block}
main,header,footer{padding-left:0;padding-right:0;max-width:none}
section,.card{border-radius:0;border-width:1px 0 0;padding-left:0;padding-right:0}
.figure,.card,tr,.facts>div{break-inside:avoid}
h2,h3,.lede,.key{break-after:avoid}
.lede{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`
