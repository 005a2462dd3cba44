import { formatCount, formatDuration, formatScore } from '../report/format.js'
import { html } from '../report/html.js'
import type { FitEvents } from '../train/fit.js'
import { fitOptions, type FitOptions } from '../train/options.js'
import type { EpochRecord } from '../train/records.js'
import { currentKernel, showImage } from './kernel.js'
import { drawFigures } from './figures.js'
import { trainingFigures } from './kinds/model.js'

/** Least time between two drawings of the loss, and between two texts, in milliseconds. */
const FIGURE_EVERY = 1500
const TEXT_EVERY = 250

/**
 * Shows how a fit goes, in place: give it to `fit` as its events. Below the line, the loss over the epochs.
 *
 *     const options = { epochs: 50 }
 *     const { fitted } = await fit(engine, set, options, fitProgress(options))
 *
 * @param options those of the fit
 * @param events of your own, called too
 * @throws UserError `NoNotebook` outside of a notebook
 */
export function fitProgress(options: Partial<FitOptions> = {}, events: FitEvents = {}): FitEvents {
  const { epochs } = fitOptions.parse(options)
  const kernel = currentKernel()
  const line = kernel.newDisplay()
  let figure: ReturnType<typeof kernel.newDisplay> | undefined
  const history: EpochRecord[] = []
  const notices: string[] = []
  let [told, drawn, best] = [-Infinity, -Infinity, { epoch: 0, loss: Infinity }]
  /** When the first step was done, which compiles too, and steps since. */
  let [started, steps] = [0, -1]

  const tell = (words: string): void => {
    told = performance.now()
    line.html(html`<p>${words}</p>${notices.length > 0 && html`<ul>${notices.map((notice) => html`<li>${notice}</li>`)}</ul>`}`.markup)
  }
  const lossText = (): string => {
    const last = history.at(-1)
    return last === undefined
      ? ''
      : `: loss ${formatScore(last.trainLoss)}${Number.isFinite(last.validLoss) ? `, validation ${formatScore(last.validLoss)}` : ''}`
  }
  return {
    ...events,
    onStep(state, progress) {
      events.onStep?.(state, progress)
      if (++steps === 0) started = performance.now()
      if (performance.now() - told < TEXT_EVERY) return
      const done = state.epoch * progress.batches + state.batch
      const left = ((performance.now() - started) / 1000 / steps) * (epochs * progress.batches - done)
      const ahead = steps === 0 ? '' : `; ${formatDuration(Math.max(1, Math.round(left)), secondsAxis)} left at most`
      tell(`Epoch ${formatCount(Math.min(epochs, state.epoch + 1))} of ${formatCount(epochs)}${lossText()}${ahead}.`)
    },
    async onEpoch(record, state) {
      await events.onEpoch?.(record, state)
      history.push(record)
      const score = Number.isFinite(record.validLoss) ? record.validLoss : record.trainLoss
      if (score < best.loss) best = { epoch: record.epoch, loss: score }
      const done = state.finished || record.epoch >= epochs
      if (done)
        tell(`${formatCount(record.epoch)} epochs${record.epoch < epochs ? `, ended early of ${formatCount(epochs)}` : ''}${lossText()}.`)
      if (history.length < 2 || (!done && performance.now() - drawn < FIGURE_EVERY)) return
      const svg = await drawFigures(trainingFigures({ history, keptEpoch: best.epoch }))
      drawn = performance.now()
      figure ??= kernel.newDisplay()
      await showImage(figure, svg)
    },
    onNotice(message) {
      events.onNotice?.(message)
      notices.push(message)
      tell(`Epoch ${formatCount(history.length + 1)} of ${formatCount(epochs)}${lossText()}.`)
    },
  }
}

const secondsAxis = { kind: 'date', unit: 'second', epoch: '1970-01-01T00:00:00Z', dateOnly: false } as const
