// `npm run figure`: draws docs/images/forecast.svg, the picture of the README, from what `npm run demo` made.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as vega from 'vega'
import { compile } from 'vega-lite'
import { collectReport, readModel, readSeries, selectEngine } from '../dist/index.js'
import { configuration, light } from '../dist/report/theme.js'
import { seriesPanel } from '../dist/report/views/series.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const [model, data] = ['demo/oscillators.model.safetensors', 'demo/oscillators.csv']
const { set } = await readSeries(root + data)
const engine = await selectEngine()
const contents = collectReport(engine, await readModel(root + model), set, { files: { model, data }, series: 2 })
engine.dispose()

const panels = contents.series.flatMap((series) => series.channels.map((view) => ({ ...seriesPanel(series, view, contents.time, light, 150), width: 330, title: `series ${series.id}: ${view.channel}` })))
// Each panel names its data and parameters alike, so each is drawn alone and placed in a grid.
const drawn = await Promise.all(panels.map((panel) => new vega.View(vega.parse(compile({ ...panel, config: configuration(light) }).spec), { renderer: 'none' }).toSVG()))
const [width, height] = [400, 210]
const cells = drawn.map((svg, i) => svg.replace('<svg ', `<svg x="${(i % 2) * width}" y="${Math.floor(i / 2) * height}" `))
const rows = Math.ceil(cells.length / 2)
mkdirSync(`${root}docs/images`, { recursive: true })
writeFileSync(`${root}docs/images/forecast.svg`, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${rows * height}" width="${2 * width}" height="${rows * height}"><rect width="100%" height="100%" fill="#fff"/>${cells.join('')}</svg>\n`)
console.log('docs/images/forecast.svg')
