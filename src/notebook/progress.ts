import { formatCount, formatDuration, formatScore } from '../report/format.js'
import { html, type Html } from '../report/html.js'
import type { FitOptions } from '../api/fit.js'
import type { Notice } from '../train/notice.js'
import type { EpochRecord } from '../train/records.js'
import { currentKernel, showImage } from './kernel.js'
import { drawFigures } from './figures.js'
import { trainingFigures } from './kinds/model.js'

/** Least time between two drawings of the loss, and between two texts, in milliseconds. */
const FIGURE_EVERY = 1500
const TEXT_EVERY = 250

/**
 * Options of a fit that also show how it goes, in place. Below the line, the loss over the epochs.
 *
 *     const model = await fit(visits, fitProgress({ epochs: 50 }))
 *
 * @param options those of the fit; events of your own among them are called too
 * @throws UserError `NoNotebook` outside of a notebook
 */
export function fitProgress(options: FitOptions = {}): FitOptions {
  const epochs = options.epochs ?? epochsBefore(options)
  const ofAll = epochs === undefined ? '' : ` of ${formatCount(epochs)}`
  const kernel = currentKernel()
  const line = kernel.newDisplay()
  let figure: ReturnType<typeof kernel.newDisplay> | undefined
  const history: EpochRecord[] = []
  const notices: Notice[] = []
  /** Of several trainings: which it is. */
  let member = ''
  let [told, drawn, best] = [-Infinity, -Infinity, { epoch: 0, loss: Infinity }]
  /** When the first step was done, which compiles too, and steps since. */
  let [started, steps] = [0, -1]

  let said = `Epoch 1${ofAll}.`

  const tell = (words: string): void => {
    said = words
    told = performance.now()
    line.html(html`<p>${words}</p>${notices.length > 0 && html`<ul>${notices.map(noticeItem)}</ul>`}`.markup)
  }
  const lossText = (): string => {
    const last = history.at(-1)
    return last === undefined
      ? ''
      : `: loss ${formatScore(last.trainLoss)}${Number.isFinite(last.validLoss) ? `, validation ${formatScore(last.validLoss)}` : ''}`
  }
  return {
    ...options,
    onStep(state, progress) {
      options.onStep?.(state, progress)
      if (++steps === 0) started = performance.now()
      if (performance.now() - told < TEXT_EVERY) return
      const done = state.epoch * progress.batches + state.batch
      const byEpochs = ((performance.now() - started) / 1000 / Math.max(1, steps)) * ((epochs ?? Infinity) * progress.batches - done)
      const left = Math.min(byEpochs, progress.timeLeft)
      const ahead =
        steps === 0 || !Number.isFinite(left) ? '' : `; ${formatDuration(Math.max(1, Math.round(left)), secondsAxis)} left at most`
      tell(
        `${member === '' ? 'Epoch' : `${member}epoch`} ${formatCount(Math.min(epochs ?? Infinity, state.epoch + 1))}${ofAll}${lossText()}${ahead}.`,
      )
    },
    async onEpoch(record, state) {
      await options.onEpoch?.(record, state)
      history.push(record)
      const score = Number.isFinite(record.validLoss) ? record.validLoss : record.trainLoss
      if (score < best.loss) best = { epoch: record.epoch, loss: score }
      const early = epochs === undefined || record.epoch < epochs
      const done = state.ending !== undefined || !early
      if (done) tell(`${member}${formatCount(record.epoch)} epochs${early && ofAll !== '' ? `, ended early${ofAll}` : ''}${lossText()}.`)
      if (history.length < 2 || (!done && performance.now() - drawn < FIGURE_EVERY)) return
      const svg = await drawFigures(trainingFigures({ history, keptEpoch: best.epoch }))
      drawn = performance.now()
      figure ??= kernel.newDisplay()
      await showImage(figure, svg)
    },
    onMember(one) {
      options.onMember?.(one)
      member = `Training ${one.index + 1} of ${one.count}, `
      history.length = 0
      best = { epoch: 0, loss: Infinity }
      steps = -1
    },
    onNotice(text, kind) {
      options.onNotice?.(text, kind)
      notices.push({ kind, text })
      tell(said)
    },
  }
}

const noticeItem = ({ kind, text }: Notice): Html => html`<li>${kind === 'warning' && html`<b>Warning.</b> `}${text}</li>`

/** The limit of the model to go on from; of a file it is not known before it is read. */
const epochsBefore = ({ from }: FitOptions): number | undefined => (typeof from === 'object' ? from.fitted.training.epochs : undefined)

const secondsAxis = { kind: 'date', unit: 'second', epoch: '1970-01-01T00:00:00Z', dateOnly: false } as const
