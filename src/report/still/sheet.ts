import type { Figure, KeyEntry, Panel } from '../figures/figure.js'
import { sample } from '../figures/sample.js'
import { escapeHtml } from '../html.js'
import { stillFonts, type Palette } from '../theme.js'
import { draw, type Drawing } from './draw.js'

const margin = 20
const gap = 22
/** A panel is not narrower than this, unless the sheet is. */
const narrowest = 200

/**
 * A figure as an SVG file: title, note, key and panels on a ground of their own, so that it can be read in light and
 * dark surroundings.
 *
 * @param width of the file in pixels
 * @param prefix of the ids in it, where several sheets share a file
 */
export async function renderSheet(figure: Figure, palette: Palette, width = 960, prefix = ''): Promise<string> {
  const inner = width - 2 * margin
  const columns = Math.max(1, Math.min(figure.columns, figure.panels.length, Math.floor((inner + gap) / (narrowest + gap))))
  const column = Math.floor((inner - (columns - 1) * gap) / columns)
  const head: string[] = []
  let y = margin + 14
  head.push(text(margin, y, clipText(figure.title, inner, 17), palette.ink, 17, 600))
  if (figure.note !== undefined) {
    for (const line of wrapText(figure.note, inner, 12)) {
      y += y === margin + 14 ? 21 : 16
      head.push(text(margin, y, line, palette.muted, 12))
    }
  }
  if (figure.key.length > 0) {
    y += 12
    const key = drawKey(figure.key, inner, palette)
    head.push(`<g transform="translate(${margin},${y})">${key.svg}</g>`)
    y += key.height
  }
  y += 16
  const drawings: Drawing[] = []
  for (const [i, { spec }] of figure.panels.entries()) drawings.push(await draw(spec, column, palette, `${prefix}p${i}-`))
  const body: string[] = []
  for (let first = 0; first < drawings.length; first += columns) {
    const row = figure.panels.slice(first, first + columns)
    const titled = row.some(({ title }) => title !== undefined)
    const top = y + (titled ? 20 : 0)
    row.forEach((panel, i) => body.push(place(panel, drawings[first + i]!, margin + i * (column + gap), y, top, column, palette)))
    y = top + Math.max(...drawings.slice(first, first + columns).map(({ height }) => height)) + 14
  }
  const height = Math.ceil(y + margin - 14)
  return clean(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${escapeHtml(stillFonts)}">
<title>${escapeHtml(figure.title)}</title>
<desc>${escapeHtml(figure.description)}</desc>
<rect width="${width}" height="${height}" fill="${palette.surface}"/>
${[...head, ...body].join('\n')}
</svg>
`)
}

function place({ title }: Panel, drawing: Drawing, x: number, y: number, top: number, width: number, palette: Palette): string {
  const heading = title === undefined ? '' : text(x, y + 11, clipText(title, width, 12.5), palette.ink, 12.5, 600)
  return heading + drawing.svg.replace('<svg ', `<svg x="${x}" y="${top}" `)
}

function text(x: number, y: number, content: string, fill: string, size: number, weight = 400): string {
  return (
    `<text x="${x}" y="${y}" fill="${fill}" ` +
    `font-size="${size}"${weight === 400 ? '' : ` font-weight="${weight}"`}>${escapeHtml(content)}</text>`
  )
}

/** The key in as many lines as it needs. */
function drawKey(entries: readonly KeyEntry[], width: number, palette: Palette): { svg: string; height: number } {
  const parts: string[] = []
  let [x, y] = [0, 0]
  for (const entry of entries) {
    const room = 28 + textWidth(entry.label, 12) + 20
    if (x > 0 && x + room > width) [x, y] = [0, y + 19]
    parts.push(
      '<g ' +
        `transform="translate(${x},${y})">${sample(entry, palette.surface)}${text(28, 11, clipText(entry.label, width - 28, 12), palette.ink, 12)}</g>`,
    )
    x += Math.round(room)
  }
  return { svg: parts.join(''), height: y + 14 }
}

/** About how wide a text is: nothing here can measure letters, and a little too wide does no harm. */
const textWidth = (content: string, size: number): number =>
  [...content].reduce(
    (sum, letter) =>
      sum +
      (letter > '\u1100' && !/[\u2000-\u206f]/.test(letter)
        ? 1
        : /[ .,:;'|il!]/.test(letter)
          ? 0.3
          : /[mwMW@%]/.test(letter)
            ? 0.85
            : 0.54),
    0,
  ) * size

function clipText(content: string, width: number, size: number): string {
  if (textWidth(content, size) <= width) return content
  const letters = [...content]
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop()
  return `${letters.join('').trimEnd()}…`
}

function wrapText(content: string, width: number, size: number): string[] {
  const lines: string[] = []
  for (const word of content.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer
    else lines.push(clipText(word, width, size))
  }
  return lines
}

/** Characters that XML does not have would make the whole file unreadable. */
function clean(svg: string): string {
  return svg.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}
