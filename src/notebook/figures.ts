import type { ComparisonContents } from '../report/comparison/contents.js'
import { comparisonFigures } from '../report/comparison/figures/index.js'
import type { ReportContents } from '../report/contents.js'
import type { Figure, ReportFigure } from '../report/figures/figure.js'
import { reportFigures } from '../report/figures/index.js'
import { renderSheet } from '../report/still/sheet.js'
import { light } from '../report/theme.js'

/** Pixels: as wide as an output is in most notebooks. */
const WIDTH = 960

/** The report's figures of some of its sections, of contents that are known in part. */
export function figuresOf(sections: readonly ReportFigure['section'][], contents: Partial<ReportContents>): Figure[] {
  const whole: ReportContents = { ...nothing, ...contents }
  return reportFigures(whole, light, 'notebook').filter(({ section }) => (sections as readonly string[]).includes(section))
}

const nothing: ReportContents = {
  title: '',
  generated: '',
  version: '',
  files: { model: '', data: '' },
  time: { kind: 'number' },
  timeColumn: 'time',
  idColumn: 'id',
  data: { series: 0, rows: 0, values: 0, channels: [], raster: [] },
  model: { label: '', parameters: 0, settings: [] },
  series: [],
  evaluations: {},
  nameAll: true,
  notices: [],
}

/** The same of a comparison's figures. */
export const comparisonFiguresOf = (contents: Pick<ComparisonContents, 'labels' | 'interpolation' | 'extrapolation'>): Figure[] =>
  comparisonFigures({ ...noComparison, ...contents }, light, 'notebook')

const noComparison: Omit<ComparisonContents, 'labels'> = {
  title: '',
  generated: '',
  version: '',
  files: { models: ['', ''], data: '' },
  time: { kind: 'number' },
  timeColumn: 'time',
  idColumn: 'id',
  channels: [],
  scoredOn: '',
  series: [],
  training: [undefined, undefined],
  settings: [],
  notices: [],
}

/** Figures as one SVG image, one below the other; those of a single panel that may stand beside another, in pairs. */
export async function drawFigures(figures: readonly Figure[]): Promise<string> {
  const [only] = figures
  if (only !== undefined && figures.length === 1) return renderSheet(only, light, WIDTH)
  const sheets: string[] = []
  let y = 0
  for (const [r, row] of inRows(figures).entries()) {
    const width = WIDTH / row.length
    let height = 0
    for (const [i, figure] of row.entries()) {
      const svg = await renderSheet(figure, light, width, `s${r}-${i}-`)
      height = Math.max(height, Number(/ height="(\d+)"/.exec(svg)![1]))
      sheets.push(svg.replace('<svg ', `<svg x="${i * width}" y="${y}" `))
    }
    y += height
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}">
<rect width="${WIDTH}" height="${y}" fill="${light.surface}"/>
${sheets.join('')}</svg>
`
}

function inRows(figures: readonly Figure[]): Figure[][] {
  const isNarrow = ({ columns, panels }: Figure): boolean => columns > 1 && panels.length === 1
  const rows: Figure[][] = []
  for (const figure of figures) {
    const last = rows.at(-1)
    if (last?.length === 1 && isNarrow(last[0]!) && isNarrow(figure)) last.push(figure)
    else rows.push([figure])
  }
  return rows
}
