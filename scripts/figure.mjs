// `npm run figure`: draws the picture of the README, for light and dark pages. It
// simulates the data and fits the model, which takes a minute.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as vega from 'vega'
import { compile } from 'vega-lite'
import { fingerprint } from '../dist/data/fingerprint.js'
import { simulateOscillators } from '../dist/data/simulate/oscillators.js'
import { selectEngine } from '../dist/engine/select.js'
import { configuration, dark, light } from '../dist/report/theme.js'
import { evaluate } from '../dist/train/evaluate.js'
import { fit } from '../dist/train/fit.js'
import { forecast } from '../dist/train/forecast.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const set = simulateOscillators({ count: 1000, points: 16, noise: 0.1, seed: 3 })
const engine = await selectEngine()
const { fitted } = await fit(engine, set, { latents: 6 })

/** How many rows the model is shown, in each column of the picture. */
const shown = [1, 3, 8]
/** The first test series whose observations reach over most of the time. */
const series = set.series.find(({ id, times }) => fitted.split.test.includes(id) && times.length === 16 && times.at(-1) - times[0] > 8.5)
const times = Float64Array.from({ length: 161 }, (_, i) => series.times[0] + (i / 160) * (series.times.at(-1) - series.times[0]))
const quantiles = { low: 0.05, lowMiddle: 0.25, median: 0.5, highMiddle: 0.75, high: 0.95 }

const forecasts = shown.map(
  (count) => [...forecast(engine, fitted, [{ series, rows: Int32Array.from({ length: count }, (_, i) => i), times }])][0],
)
const { evaluation } = evaluate(engine, fitted, set, fingerprint(set), { task: 'extrapolation' })
engine.dispose()

/** One channel, seen when `count` rows are known. */
function panel({ distribution }, count, channel, palette) {
  const curve = Array.from(times, (time, i) => ({
    time,
    ...Object.fromEntries(Object.entries(quantiles).map(([name, p]) => [name, distribution(i, channel).quantile(p)])),
  }))
  const points = Array.from(series.times, (time, row) => ({
    time,
    value: series.values[row * set.channels.length + channel],
    known: row < count,
  })).filter((_, row) => series.mask[row * set.channels.length + channel] === 1)
  const x = { field: 'time', type: 'quantitative', axis: { title: null, tickCount: 5 }, scale: { nice: false } }
  const y = { type: 'quantitative', axis: { title: null, tickCount: 4 }, scale: { domain: [-1.9, 1.9] } }
  return {
    width: 224,
    height: 128,
    config: configuration(palette),
    title: {
      text: channel === 0 ? `${count} ${count === 1 ? 'observation' : 'observations'} known` : '',
      color: palette.ink,
      fontSize: 13,
      fontWeight: 500,
      anchor: 'start',
    },
    layer: [
      {
        data: { values: curve },
        mark: { type: 'area', color: palette.model, opacity: 0.18, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: curve },
        mark: { type: 'area', color: palette.model, opacity: 0.28, clip: true },
        encoding: { x, y: { ...y, field: 'lowMiddle' }, y2: { field: 'highMiddle' } },
      },
      {
        data: { values: curve },
        mark: { type: 'line', color: palette.model, strokeWidth: 1.8, clip: true },
        encoding: { x, y: { ...y, field: 'median' } },
      },
      {
        data: { values: points.filter(({ known }) => !known) },
        mark: { type: 'point', color: palette.heldout, size: 34, strokeWidth: 1.6, opacity: 1 },
        encoding: { x, y: { ...y, field: 'value' } },
      },
      {
        data: { values: points.filter(({ known }) => known) },
        mark: { type: 'point', filled: true, color: palette.ink, size: 46, opacity: 1 },
        encoding: { x, y: { ...y, field: 'value' } },
      },
    ],
  }
}

const [left, width, height, legend] = [24, 268, 168, 24]
async function draw(palette) {
  // Each panel names its data and parameters alike, so each is drawn alone and placed in a grid.
  const panels = await Promise.all(
    set.channels.flatMap((_, channel) =>
      forecasts.map(async (predicted, i) => {
        const svg = await new vega.View(vega.parse(compile(panel(predicted, shown[i], channel, palette)).spec), {
          renderer: 'none',
        }).toSVG()
        return svg
          .replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
          .replace('<svg ', `<svg x="${left + i * width}" y="${channel * height + (channel === 0 ? 0 : 18)}" `)
      }),
    ),
  )
  const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" fill="${palette.muted}" font-size="12" ${more}>${words}</text>`
  const bottom = set.channels.length * height + 30
  const names = set.channels.map((name, channel) =>
    text(0, 0, name, `text-anchor="middle" transform="translate(14,${channel * height + 96}) rotate(-90)"`),
  )
  const key = [
    `<circle cx="60" cy="${bottom - 4}" r="3.8" fill="${palette.ink}"/>`,
    text(70, bottom, 'known to the model'),
    `<circle cx="200" cy="${bottom - 4}" r="3.3" fill="none" stroke="${palette.heldout}" stroke-width="1.6"/>`,
    text(210, bottom, 'observed later, not shown to it'),
    `<path d="M400,${bottom - 4}h22" stroke="${palette.model}" stroke-width="1.8"/>`,
    text(428, bottom, 'median'),
    `<rect x="484" y="${bottom - 10}" width="22" height="12" fill="${palette.model}" opacity="0.41"/>`,
    text(512, bottom, '50 %'),
    `<rect x="556" y="${bottom - 10}" width="22" height="12" fill="${palette.model}" opacity="0.18"/>`,
    text(584, bottom, '90 % of what may be observed'),
  ]
  const size = [left + shown.length * width, set.channels.length * height + legend + 18]
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}" ` +
    `font-family="sans-serif">${names.join('')}${panels.join('')}${key.join('')}</svg>\n`
  )
}

mkdirSync(`${root}docs/images`, { recursive: true })
for (const [name, palette] of [
  ['forecast.svg', light],
  ['forecast-dark.svg', dark],
]) {
  writeFileSync(`${root}docs/images/${name}`, await draw(palette))
  console.log(`docs/images/${name}`)
}
const percent = (share) => `${Math.round(100 * share)} %`
console.log(
  `Shown the first half of each of ${evaluation.series} held-out series, ${percent(evaluation.coverage['50'])} and ` +
    `${percent(evaluation.coverage['90'])} of the later values are within the 50 % and 90 % intervals.`,
)
