import { unlink } from 'node:fs/promises'
import type { ReadResult } from '../data/read.js'
import type { FitEvents, FitResult } from '../train/fit.js'
import type { Context, Outcome } from './command.js'
import type { FitCommandOptions } from './commands/fit.js'
import { withEngine } from './engineOption.js'
import { checkpointFor, checkWritable, exists, shellWord, stemOf } from './files.js'
import { listenForInterrupt } from './interrupt.js'
import { alignPairs, formatCount, formatDuration, formatNumber } from './layout.js'
import { showProgress } from './progress.js'
import { readData, readDataFor } from './readData.js'
import { continuation, resumable, resumeCommand } from './resume.js'
import { threadCount } from './threadsOption.js'

/** Fits a model to a file, or goes on with an interrupted fit, and writes the model file. */
export async function fitFile(options: FitCommandOptions, context: Context): Promise<Outcome> {
  const { data, out = `${stemOf(data)}.model.safetensors`, checkpoint = checkpointFor(out) } = options
  // Values that are not finite are looked for in this thread.
  const threads = options.debugNan ? 1 : threadCount(options.threads, context.io.env)
  await checkWritable(out, [data])
  await checkWritable(checkpoint, [data, out])
  const saved = options.resume ? await resumable(checkpoint, options, context.given) : undefined
  if (!options.resume && (await exists(checkpoint))) context.note(`${checkpoint}, of a fit that was interrupted, will be replaced (--resume would go on with it).`)
  const read = saved === undefined ? await readData(data, options, context) : await readDataFor(saved, data, options, context)
  const started = performance.now()
  const interrupt = listenForInterrupt(context, 'Finishing the step, then saving. Ctrl-C again ends at once.')
  const notices = [...read.notices]
  try {
    const result = await withEngine(options, context.note, async (running) => {
      const { fit, resumeFit } = await import('../train/fit.js')
      const { fitOptions } = await import('../train/options.js')
      const epochs = saved === undefined || context.given.has('epochs') ? options.epochs : saved.training.epochs
      const progress = await showProgress(context, epochs)
      const events: FitEvents = {
        checkpoint, threads, signal: interrupt.signal, onStep: progress.step, onEpoch: progress.epoch,
        onNotice: (message) => {
          notices.push(message)
          progress.note(message)
        },
      }
      try {
        if (saved !== undefined) return await resumeFit(running, read.set, checkpoint, continuation(options, context.given), events)
        return await fit(running, read.set, fitOptions.strip().parse(options), events)
      } finally {
        progress.end()
      }
    })
    if (!result.finished) return interrupted(result, checkpoint, resumeCommand(options, context.given))
    const { writeModel } = await import('../train/modelFile.js')
    await writeModel(out, result.fitted)
    await unlink(checkpoint).catch(() => {})
    return await summarise(result, { ...read, notices }, { data, out, seconds: (performance.now() - started) / 1000 })
  } finally {
    interrupt.end()
  }
}

function interrupted({ state }: FitResult, checkpoint: string, command: string): Outcome {
  return {
    document: { interrupted: true, checkpoint, epoch: state.epoch, step: state.step, resume: command },
    text: `Interrupted after ${formatCount(state.step)} steps (${formatCount(state.epoch)} whole epochs), saved in ${checkpoint}.\nTo go on: ${command}`,
    exitCode: 130,
  }
}

async function summarise({ fitted, state }: FitResult, { set, notices }: ReadResult, { data, out, seconds }: { data: string; out: string; seconds: number }): Promise<Outcome> {
  const { parameterCount } = await import('../model/latentOdeConfig.js')
  const kept = fitted.history.find(({ epoch }) => epoch === fitted.keptEpoch)
  const { train, valid, test } = fitted.split
  const early = state.epoch < fitted.training.epochs
  const document = {
    model: out, data, channels: fitted.channels, time: fitted.time, idColumn: fitted.idColumn, timeColumn: fitted.timeColumn,
    series: { train: train.length, validation: valid.length, test: test.length },
    epochs: state.epoch, steps: state.step, stoppedEarly: early, keptEpoch: fitted.keptEpoch,
    trainLoss: kept?.trainLoss, validLoss: kept?.validLoss, parameters: parameterCount(fitted.parameters),
    seconds, engine: fitted.engine, notices,
  }
  const [model, file] = [shellWord(out), shellWord(data)]
  return {
    document,
    text: [
      alignPairs([
        ['Model', `${out} (${formatCount(document.parameters)} parameters)`],
        ['Data', `${formatCount(set.series.length)} series: ${train.length} to train on, ${valid.length} to validate, ${test.length} to test`],
        ['Channels', fitted.normalisation.channels.map(({ channel, transform }) => (transform.kind === 'none' ? channel : `${channel} (${transform.kind})`)).join(', ')],
        ['Training', `${state.epoch} epochs, ${formatCount(state.step)} steps, ${formatDuration(seconds)}${early ? '; ended early, as validation got no better' : ''}`],
        ['Kept', kept === undefined ? 'the first weights' : `epoch ${kept.epoch}: loss ${formatNumber(kept.trainLoss)}${Number.isFinite(kept.validLoss) ? `, validation ${formatNumber(kept.validLoss)}` : ' (no validation series)'}`],
      ]),
      '',
      'Next:',
      // Without test series there is nothing to score but what was trained on.
      `  latent-ode evaluate ${model} ${file}${test.length === 0 ? ' --all' : ''}`,
      `  latent-ode predict ${model} ${file}`,
      `  latent-ode report ${model} ${file}`,
    ].join('\n'),
  }
}

