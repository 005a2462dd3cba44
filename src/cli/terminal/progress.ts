import type { StepProgress } from '../../train/loop.js'
import type { EpochRecord } from '../../train/records.js'
import type { TrainingState } from '../../train/state.js'
import type { Context } from '../command.js'
import { formatDuration, formatNumber } from './layout.js'
import { sparkline } from './sparkline.js'
import { EMPTY_LINE, HIDE_CURSOR, SHOW_CURSOR } from './terminal.js'

/** Who tells of what was done, and of what may be wrong. */
export type Tellers = Pick<Context, 'note' | 'warn'>

/** What shows how training goes; what it tells stands above that. */
export interface Progress extends Tellers {
  step(state: TrainingState, progress: StepProgress): void
  epoch(record: EpochRecord, state: TrainingState): void
  end(): void
}

/** What ends training, as far as it is known beforehand. */
export interface Limits {
  /** Most epochs; undefined where there is no such limit. */
  readonly epochs?: number | undefined
  /** Epochs without a better loss after which the learning rate is cut or training ends; 0: never. */
  readonly patience: number
  /** Which of several trainings it is that one model is made of. */
  readonly member?: { readonly index: number; readonly count: number }
}

/** Without a terminal: at most one line in so many seconds. */
const LINE_EVERY = 10

/** Shows training on standard error: a bar on a terminal, else a line now and then. `now` is in seconds. */
export function showProgress(context: Context, limits: Limits, now = (): number => performance.now() / 1000): Progress {
  const rate = startRate(now)
  if (context.terminals.err.live && !context.quiet) return bar(context, limits, rate, now)
  let told = -Infinity
  return {
    step: rate.step,
    epoch(record, state) {
      if (context.verbose) return context.detail(epochLine(record, limits))
      if (now() - told < LINE_EVERY && state.ending === undefined && state.epoch !== limits.epochs) return
      told = now()
      const parts = [
        `loss ${formatNumber(record.trainLoss)}`,
        `validation ${formatNumber(record.validLoss)}`,
        waiting(state, limits),
        `${formatNumber(rate.evaluations(), 3)} evaluations/s`,
        timeLeft(rate.left(state, limits)),
      ]
      context.note(`${epochOf(limits)} ${record.epoch}${ofAll(limits)}: ${parts.filter((part) => part !== '').join(', ')}`)
    },
    note: context.note,
    warn: context.warn,
    end: () => {},
  }
}

/** Begins a line on an epoch. */
const epochOf = ({ member }: Limits): string => (member === undefined ? 'Epoch' : `Training ${member.index + 1} of ${member.count}, epoch`)

const ofAll = ({ epochs }: Limits): string => (epochs === undefined ? '' : ` of ${epochs}`)

/** What training waits for: a better loss, or else a lower learning rate, or the end. */
const waiting = ({ plateau: { waited } }: TrainingState, { patience }: Limits): string =>
  waited === 0 || patience === 0 ? '' : `no better for ${waited} of ${patience} epochs`

/** All that is known of an epoch. */
const epochLine = (
  { epoch, trainLoss, validLoss, reconstruction, kl, learningRate, gradientNorm, evaluations, seconds }: EpochRecord,
  limits: Limits,
): string =>
  `${epochOf(limits)} ${epoch}${ofAll(limits)}: loss ${formatNumber(trainLoss)}, validation ${formatNumber(validLoss)}, log likelihood ` +
  `${formatNumber(reconstruction)} a value, KL ${formatNumber(kl)} a series, ` +
  (`learning rate ${formatNumber(learningRate, 2)}, gradient norm ${formatNumber(gradientNorm, 3)}, ${formatNumber(evaluations, 3)} ` +
    `evaluations a step, ${seconds.toFixed(1)} s`)

type Rate = ReturnType<typeof startRate>

/** How fast steps and evaluations of the vector field come, since the first one of this run. */
function startRate(now: () => number) {
  const started = now()
  let [steps, evaluations, batches, budget] = [0, 0, 1, Infinity]
  return {
    step(_state: TrainingState, progress: StepProgress): void {
      steps++
      evaluations += progress.evaluations
      batches = progress.batches
      budget = now() + progress.timeLeft
    },
    evaluations: (): number => evaluations / Math.max(1e-9, now() - started),
    /** Seconds until a limit ends training; infinite without one. */
    left({ epoch, batch }: TrainingState, { epochs = Infinity }: Limits): number {
      const byEpochs = (((epochs - epoch) * batches - batch) * (now() - started)) / Math.max(1, steps)
      return Math.max(0, Math.min(byEpochs, budget - now()))
    },
  }
}

/** At most that, for training may end early. */
const timeLeft = (seconds: number): string => (Number.isFinite(seconds) ? `${formatDuration(seconds)} left at most` : '')

/** What a line of progress is made of, in the order shown. */
interface ProgressParts {
  readonly fraction: number
  readonly epoch: string
  readonly losses: string
  readonly left: string
  readonly waiting: string
  readonly history: readonly number[]
  readonly rate: string
}

/** Signs that a bar and a curve take, at least and at most. */
const BAR = { least: 8, most: 24 }
const SPARK = { least: 5, most: 16 }

/** A line of progress that fits: of its parts those that there is room for, in their order, beside the bar. */
export function progressLine(
  { fraction, epoch, losses, left, waiting, history, rate }: ProgressParts,
  columns: number,
  unicode: boolean,
): string {
  let line = `${String(Math.floor(100 * fraction)).padStart(3)} % | ${epoch}`
  const room = (): number => columns - line.length - ' | '.length - BAR.least - 1
  const add = (part: string): void => void (part !== '' && part.length <= room() && (line += ` | ${part}`))
  add(losses)
  add(left)
  add(waiting)
  if (history.length > 1 && room() >= SPARK.least) add(sparkline(history, Math.min(SPARK.most, room()), unicode))
  add(rate)
  const width = Math.min(BAR.most, columns - line.length - 1)
  return width < BAR.least ? line.slice(0, columns) : `${drawBar(fraction, width, unicode)} ${line}`
}

function drawBar(fraction: number, width: number, unicode: boolean): string {
  const full = Math.round(fraction * width)
  return (unicode ? '█' : '#').repeat(full) + (unicode ? '░' : '-').repeat(width - full)
}

/** Seconds between two drawings of the bar. */
const DRAW_EVERY = 0.1

function bar(context: Context, limits: Limits, rate: Rate, now: () => number): Progress {
  const {
    io,
    terminals: { err },
  } = context
  const history: number[] = []
  const started = now()
  let [valid, drawn] = [NaN, -Infinity]
  const draw = (text: string): void => void io.stderr.write(text, () => {})
  const above = (tell: () => void): void => {
    draw(EMPTY_LINE)
    tell()
    drawn = -Infinity
  }
  draw(HIDE_CURSOR)
  return {
    step(state, progress) {
      rate.step(state, progress)
      const done = limits.epochs === undefined ? 0 : (state.epoch * progress.batches + state.batch) / (limits.epochs * progress.batches)
      const left = rate.left(state, limits)
      if (now() - drawn < DRAW_EVERY && done < 1) return
      drawn = now()
      const line = progressLine(
        {
          // The last step of an epoch is told of before the epoch is closed.
          fraction: Math.max(done, (now() - started) / (now() - started + left)),
          epoch: `${limits.member === undefined ? '' : `training ${limits.member.index + 1} of ${limits.member.count}, `}epoch ${Math.min(limits.epochs ?? Infinity, state.epoch + 1)}${ofAll(limits)}`,
          losses: `loss ${steady(progress.loss)}${Number.isNaN(valid) ? '' : `, validation ${steady(valid)}`}`,
          left: Number.isFinite(left) ? `at most ${formatDuration(roughly(left))} left` : '',
          waiting: waiting(state, limits),
          history,
          rate: `${formatNumber(rate.evaluations(), 3)} evaluations/s`,
          // The window may have been resized; its last column would make some terminals begin a new line.
        },
        (io.stderr.columns ?? 80) - 1,
        err.unicode,
      )
      draw(`\r${line}\u001b[K`)
    },
    epoch(record) {
      valid = record.validLoss
      history.push(Number.isFinite(valid) ? valid : record.trainLoss)
      if (context.verbose) above(() => context.detail(epochLine(record, limits)))
    },
    note: (message) => above(() => context.note(message)),
    warn: (message) => above(() => context.warn(message)),
    end: () => draw(`${EMPTY_LINE}${SHOW_CURSOR}`),
  }
}

/** Numbers of a width that seldom changes, so that what stands beside them keeps its place. */
const steady = (value: number): string => formatNumber(value).padEnd(6)

/** Seconds are of no use where minutes are many. */
const roughly = (seconds: number): number => (seconds < 120 ? seconds : 60 * Math.round(seconds / 60))
