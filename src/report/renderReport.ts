import { createHash } from 'node:crypto'
import { describeInside, insideOfPage } from './inside.js'
import { reportFigures } from './figures/index.js'
import { onlyNamed } from './named.js'
import { notices } from './notices.js'
import { headline } from './headline.js'
import { embedJson, escapeHtml, html, trusted, type Html } from './html.js'
import { libraries } from './page/libraries.js'
import { liveParts, type LiveParts } from './page/liveScript.js'
import { liveStyle } from './page/liveStyle.js'
import { pack } from './page/pack.js'
import { script } from './page/script.js'
import { style as pageStyle } from './page/style.js'
import { sections } from './sections/index.js'
import { picker } from './sections/picker.js'
import { summaryCards } from './sections/summary.js'
import { drawSections, type Section } from './sections/section.js'
import { configuration, light, variables } from './theme.js'
import type { ReportContents } from './contents.js'

/**
 * One self-contained HTML page: no request leaves it, and its policy runs no script but its own. The same contents
 * give the same page to the byte.
 *
 * @throws LatentOdeError `ReportLibrary` if the drawing libraries are not installed, or the script that runs the model is not built
 */
export async function renderReport(given: ReportContents): Promise<string> {
  const contents = onlyNamed(given)
  return renderPage({
    title: contents.title,
    version: contents.version,
    header: top(contents),
    parts: drawSections(sections, contents, reportFigures(contents, variables, 'page')),
    picker: picker(contents),
    live: await liveParts(contents),
  })
}

/** What pages of different contents have in common. */
export interface PageParts {
  readonly title: string
  /** Version of this package. */
  readonly version: string
  readonly header: Html
  readonly parts: readonly Section[]
  /** The list from which a series is chosen for the whole page. */
  readonly picker?: Html | undefined
  /** What runs the model in the page. */
  readonly live?: LiveParts | undefined
}

/** Where a page says what of the data is inside it: found out when all else is there. Nothing else in a page is a comment. */
export const insideHere: Html = trusted('<!--inside-->')

/** A self-contained page of sections whose figures are drawn in it. */
export async function renderPage({ title, version, header, parts, picker, live }: PageParts): Promise<string> {
  const { code, licences } = await libraries()
  const packed = pack(parts.flatMap(({ plots }) => plots))
  const style = live ? pageStyle + liveStyle : pageStyle
  const policy =
    `default-src 'none'; script-src ${hash(code)} ${hash(script)}${live ? ` ${hash(live.code)} 'wasm-unsafe-eval'` : ''}; style-src ` +
    `${hash(style)}; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="latent-ode ${version}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${header}
<nav aria-label="Sections"><div><ul>${parts.map((part) => html`<li><a href="#${part.name}">${part.short}</a></li>`)}</ul>${picker}</div></nav>
<main>
<noscript><p class="lede">The figures of this report are drawn by scripts inside this file; here they are not allowed to run.</p></noscript>
${parts.map(
  (part) => html`<section id="${part.name}" aria-labelledby="${part.name}-title"><h2 id="${part.name}-title">${part.title}</h2>
${part.body}</section>
`,
)}</main>
<footer><p>${insideHere}</p>
<p>Made by latent-ode ${version}. Drawn by Vega and Vega-Lite, whose licences are in this file’s source.</p></footer>
<div id="bubble" role="status" hidden></div>
<script type="application/json" id="configuration">${trusted(embedJson({ configuration: configuration(variables), colours: light }))}</script>
<script type="application/json" id="figures">${trusted(embedJson(packed))}</script>
${
  live &&
  html`<script type="application/json" id="live">${trusted(embedJson(live.page))}</script>
`
}<script type="text/plain">${trusted([licences, ...(live ? [live.licences] : [])].join('\n\n').replace(/</g, ''))}</script>
<script>${trusted(code)}</script>
<script>${trusted(script)}</script>${
    live &&
    html`
<script>${trusted(live.code)}</script>`
  }
</body>
</html>
`.markup
  return page.split(insideHere.markup).join(escapeHtml(describeInside(insideOfPage(page))))
}

function top(contents: ReportContents): Html {
  return html`<header>
<p class="kicker"><span>Latent ODE report</span><span>${contents.files.model}</span><span>${contents.files.data}</span><time datetime="${contents.generated}">${shortDate(contents.generated)}</time></p>
<h1>${contents.title}</h1>
${headline(contents).map((sentence) => html`<p class="headline">${sentence}</p>`)}
<ul class="notices">${notices(contents).map(({ kind, text }) => html`<li>${kind === 'warning' && html`<b>Warning.</b>`}${text}</li>`)}
<li><b>Data inside.</b>${insideHere}</li></ul>
${summaryCards(contents)}
</header>`
}

/** The day and minute of an ISO 8601 time; other text as it is. */
export function shortDate(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(text)
  return match ? `${match[1]}, ${match[2]}${/Z$/.test(text) ? ' UTC' : ''}` : text
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`
}
