import type * as CliProgress from 'cli-progress'
import type { EpochRecord } from '../train/records.js'
import type { TrainingState } from '../train/state.js'
import type { Context } from './command.js'
import { formatDuration, formatNumber } from './layout.js'

/** What shows how training goes. */
export interface Progress {
  step(state: TrainingState, progress: { batches: number; loss: number; evaluations: number }): void
  epoch(record: EpochRecord, state: TrainingState): void
  note(message: string): void
  end(): void
}

/** Without a terminal: at most one line in so many seconds. */
const LINE_EVERY = 10

/** Shows training on standard error: a bar on a terminal, else a line now and then. `now` is in seconds. */
export async function showProgress(context: Context, epochs: number, now = (): number => performance.now() / 1000): Promise<Progress> {
  const rate = startRate(now)
  if (context.io.stderr.isTTY === true && !context.quiet) return bar(context, epochs, rate, await import('cli-progress'))
  let told = -Infinity
  return {
    step: rate.step,
    epoch(record, state) {
      if (now() - told < LINE_EVERY && !state.finished && state.epoch < epochs) return
      told = now()
      context.note(`Epoch ${record.epoch} of ${epochs}: loss ${formatNumber(record.trainLoss)}, validation ${formatNumber(record.validLoss)}, ${formatNumber(rate.evaluations(), 3)} evaluations/s, ${timeLeft(rate, state, epochs)}`)
    },
    note: context.warn,
    end: () => {},
  }
}

type Rate = ReturnType<typeof startRate>

/** How fast steps and evaluations of the vector field come, since the first one of this run. */
function startRate(now: () => number) {
  const started = now()
  let [steps, evaluations, batches] = [0, 0, 1]
  return {
    step(_state: TrainingState, progress: { batches: number; evaluations: number }): void {
      steps++
      evaluations += progress.evaluations
      batches = progress.batches
    },
    evaluations: (): number => evaluations / Math.max(1e-9, now() - started),
    /** Seconds until so many epochs are done. */
    left: ({ epoch, batch }: TrainingState, epochs: number): number => (((epochs - epoch) * batches - batch) * (now() - started)) / Math.max(1, steps),
  }
}

/** At most that, for training may end early. */
const timeLeft = (rate: Rate, state: TrainingState, epochs: number): string => `${formatDuration(Math.max(0, rate.left(state, epochs)))} left at most`

function bar({ io }: Context, epochs: number, rate: Rate, cliProgress: typeof CliProgress): Progress {
  let shown: CliProgress.SingleBar | undefined
  let valid = NaN
  const { SingleBar: Bar, Presets } = cliProgress
  const erase = (): void => void io.stderr.write('\r\u001b[K', () => {})
  return {
    step(state, progress) {
      rate.step(state, progress)
      const payload = {
        // The last step of an epoch is told of before the epoch is closed.
        epoch: Math.min(epochs, state.epoch + 1), epochs, loss: formatNumber(progress.loss), valid: formatNumber(valid),
        rate: formatNumber(rate.evaluations(), 3), left: timeLeft(rate, state, epochs),
      }
      const done = state.epoch * progress.batches + state.batch
      if (shown === undefined) {
        shown = new Bar({
          stream: io.stderr as NodeJS.WritableStream, hideCursor: true, gracefulExit: false, barsize: 24, clearOnComplete: true,
          format: '{bar} {percentage} % | epoch {epoch} of {epochs} | loss {loss}, validation {valid} | {rate} evaluations/s | {left}',
        }, Presets.shades_classic)
        shown.start(epochs * progress.batches, done, payload)
      } else {
        shown.update(done, payload)
      }
    },
    epoch(record) {
      valid = record.validLoss
    },
    note(message) {
      erase()
      io.stderr.write(`Warning: ${message}\n`, () => {})
    },
    end: () => shown?.stop(),
  }
}
