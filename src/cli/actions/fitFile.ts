import { isStandardOutput, isStream } from '../../data/destination.js'
import type { ReadResult } from '../../data/readResult.js'
import type { SeriesSet } from '../../data/series.js'
import type { Split } from '../../data/split.js'
import type { Engine } from '../../engine/engine.js'
import { UserError } from '../../errors.js'
import type { ModelKind } from '../../model/modelKind.js'
import { models, type ModelName } from '../../model/models.js'
import { sizesInWords } from '../../model/sizes.js'
import type { ChoiceEvents, ChosenFit } from '../../train/chooseModel.js'
import { ensembleSize } from '../../train/ensembleRecord.js'
import type { FitResult, TrainedFit } from '../../train/fit.js'
import type { FittedModel } from '../../train/modelFile.js'
import type { OnValidation } from '../../train/onValidation.js'
import type { FitOptions } from '../../train/options.js'
import type { TrainingState } from '../../train/state.js'
import type { TrainingFailure } from '../../train/trainingFailure.js'
import type { Context, Outcome } from '../command.js'
import type { FitCommandOptions } from '../commands/fit.js'
import { CURVE, describeCurves } from '../terminal/curves.js'
import { describeForecast } from '../terminal/forecasting.js'
import { describeMembers, membersDocument } from '../terminal/members.js'
import { describeEstimation } from '../terminal/estimation.js'
import { withEngine } from '../options/engineOption.js'
import { UsageError } from '../errors.js'
import {
  checkpointFor,
  checkWritable,
  checkWritableFile,
  exists,
  refuseTwoOutputs,
  removeFile,
  stemOf,
  writeOutput,
} from '../files/files.js'
import { listenForInterrupt } from '../terminal/interrupt.js'
import { alignPairs, counted, formatCount, formatDuration, formatNumber } from '../terminal/layout.js'
import { lockFile } from '../files/lockFile.js'
import { betterModel, describeChoice, validationPairs } from '../terminal/validation.js'
import { commandLine, READING } from './nextCommand.js'
import { showProgress, type Tellers } from '../terminal/progress.js'
import { readData, readDataFor } from '../files/readData.js'
import { continuation, fitOptionsGiven, modelToGoOnFrom, resumable, resumeCommand } from './resume.js'
import { threadCount } from '../../train/threadCount.js'
import type { Changeable } from '../../train/trainingOptions.js'
import type { Ending } from '../../train/state.js'

/** Fits a model to a file, or goes on with an interrupted fit, and writes the model file. */
export async function fitFile(options: FitCommandOptions, context: Context): Promise<Outcome> {
  const { data, out = `${stemOf(data)}.model.safetensors`, checkpoint = checkpointFor(out, data) } = options
  refuseTwoOutputs(out, context)
  if (isStandardOutput(out) && context.io.stdout.isTTY === true)
    throw new UsageError(
      'Usage',
      `--out ${out}: a model is no text, so it does not go to a terminal. Redirect standard output, or name a file.`,
    )
  await checkWritable(out, [data])
  await checkWritableFile(checkpoint, [data, out, ...(options.from === undefined ? [] : [options.from])], '--checkpoint')
  const locks = [lockFile(out, '--out', context)]
  try {
    locks.push(lockFile(checkpoint, '--checkpoint', context))
    const outcome = await fitAlone(options, out, checkpoint, context)
    if (!isStandardOutput(out)) return outcome
    // The model is there; what people read goes beside it.
    context.note(outcome.text)
    return { ...outcome, text: '' }
  } finally {
    for (const lock of locks) lock.release()
  }
}

/** As `fitFile`, where nobody else writes these files. */
async function fitAlone(options: FitCommandOptions, out: string, checkpoint: string, context: Context): Promise<Outcome> {
  const { data } = options
  // Values that are not finite are looked for in this thread.
  const threads = options.debugNan ? 1 : threadCount(options.threads, context.io.env)
  const from = options.from === undefined ? undefined : await modelToGoOnFrom(options.from, options, context.given)
  const saved = options.resume ? await resumable(checkpoint, out, options, context.given) : undefined
  if (!options.resume && (await exists(checkpoint)))
    context.note(`${checkpoint}, of a fit that was interrupted, will be replaced (--resume would go on with it).`)
  const known = saved ?? from
  const read = known === undefined ? await readData(data, options, context) : await readDataFor(known, data, options, context)
  const started = performance.now()
  let teller = (): Tellers => context
  const kind = known?.kind ?? options.model
  const estimated = kind !== 'auto' && (models[kind] as ModelKind).estimated === true
  if (known === undefined) tellSizes(kind === 'auto' ? 'latent-ode' : kind, options, read.set.channels.length, context)
  const interrupt = estimated ? undefined : listen({ ...context, warn: (message) => teller().warn(message) })
  const notices = [...read.notices]
  try {
    const { result, validation } = await withEngine(options, context, async (running) => {
      const { TrainingFailure } = await import('../../train/trainingFailure.js')
      const newly = (name: Changeable): boolean => known === undefined || context.given.has(name)
      const epochs = newly('epochs') ? options.epochs : known?.training.epochs
      const patience = newly('patience') ? options.patience : (known?.training.patience ?? 0)
      const progress = followFit(context, { epochs, patience, saved, training: !estimated })
      teller = () => progress.teller
      context.detail(estimated ? `Estimates ${kind}, channel after channel, on one thread.` : howLong(epochs, threads, checkpoint))
      const events: ChoiceEvents = {
        checkpoint,
        threads,
        ...(interrupt && { signal: interrupt.signal }),
        ...progress.events,
        onNotice: (message, kind) => {
          notices.push(message)
          teller()[kind === 'warning' ? 'warn' : 'note'](message)
        },
      }
      try {
        const wanted = await fitOptionsGiven(options, context.given)
        const going = { ...(saved && { checkpoint, again: continuation(options, context.given) }), ...(from && { from }) }
        return await trainAndScore(running, read.set, wanted, going, events)
      } catch (error) {
        throw error instanceof TrainingFailure
          ? await keepWhatWasLearned(error, progress.whole, checkpoint, resumeCommand(options, context.given))
          : error
      } finally {
        progress.end()
        teller = () => context
      }
    })
    if (!result.finished)
      return interrupted(
        result as TrainedFit,
        options.model === 'auto' && !options.resume,
        checkpoint,
        resumeCommand(options, context.given),
      )
    const { modelBytes } = await import('../../train/modelFile.js')
    await context
      .timed('writing', () => writeOutput(out, [modelBytes(result.fitted)], context))
      .catch((error: unknown) => {
        throw readerGone(error, out, checkpoint, resumeCommand(options, context.given))
      })
    await removeFile(checkpoint)
    tellSolver(result, context)
    const seconds = (performance.now() - started) / 1000
    return await summarise(result, validation, { ...read, notices }, { options, out, seconds }, context)
  } finally {
    interrupt?.end()
  }
}

/** Says what the sizes are that are left to the data. */
function tellSizes(kind: ModelName, options: FitCommandOptions, channels: number, { note }: Context): void {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(models[kind].options.shape, name))
  const sizes = sizesInWords(Object.fromEntries(own), channels)
  if (sizes !== undefined) note(`For ${counted(channels, 'channel')} the model has ${sizes} (--field-units and others say otherwise).`)
}

/** Shows how a fit goes on, training by training, and knows how many epochs of the current one are saved whole. */
function followFit(
  context: Context,
  {
    epochs,
    patience,
    saved,
    training,
  }: {
    readonly epochs: number | undefined
    readonly patience: number
    readonly saved: Awaited<ReturnType<typeof resumable>> | undefined
    readonly training: boolean
  },
) {
  let progress = training ? showProgress(context, { epochs, patience }) : undefined
  let whole = saved?.history.length ?? 0
  const events: Pick<ChoiceEvents, 'onCandidate' | 'onMember' | 'onStep' | 'onEpoch'> = {
    onCandidate({ model, index, count }) {
      progress?.end()
      context.note(`Fit ${index + 1} of ${count}: ${model}.`)
      progress = showProgress(context, { epochs, patience })
      whole = 0
    },
    onMember(member) {
      progress?.end()
      progress = showProgress(context, { epochs, patience, member })
      if (member.index > (saved?.ensemble?.members.length ?? 0)) whole = 0
    },
    onStep: (state, step) => progress?.step(state, step),
    onEpoch: (record, state) => {
      if (state.best) whole = record.epoch
      return progress?.epoch(record, state)
    },
  }
  return {
    events,
    get whole() {
      return whole
    },
    get teller(): Tellers {
      return progress ?? context
    },
    end: () => progress?.end(),
  }
}

/** Of what is trained; an estimate has nothing to save before it is done, so Ctrl-C ends it at once. */
const listen = (context: Pick<Context, 'io' | 'terminals' | 'warn'>): ReturnType<typeof listenForInterrupt> =>
  listenForInterrupt(context, 'Finishing the step, then saving. Ctrl-C again ends at once.')

const howLong = (epochs: number | undefined, threads: number, checkpoint: string): string =>
  `${epochs === undefined ? 'Epochs until the loss is at rest' : `Up to ${counted(epochs, 'epoch')}`}, on ${counted(threads, 'thread')}; ` +
  `saved after each in ${checkpoint}.`

/** Fits, or goes on with a checkpoint or from a model; and says how the model does on its validation series. */
async function trainAndScore(
  engine: Engine,
  set: SeriesSet,
  wanted: Partial<FitOptions>,
  { checkpoint, again, from }: { checkpoint?: string; again?: Partial<FitOptions>; from?: FittedModel },
  events: ChoiceEvents,
): Promise<{ result: ChosenFit; validation: OnValidation | undefined }> {
  const train = async (): Promise<ChosenFit> => {
    if (checkpoint !== undefined) return (await import('../../train/fit.js')).resumeFit(engine, set, checkpoint, again, events)
    if (from !== undefined) return (await import('../../train/updateFit.js')).updateFit(engine, set, from, wanted, events)
    return (await import('../../train/chooseModel.js')).fitModel(engine, set, wanted, events)
  }
  const result = await train()
  if (!result.finished || result.choice !== undefined) return { result, validation: undefined }
  const { onValidation } = await import('../../train/onValidation.js')
  const isNew = checkpoint === undefined && from === undefined
  return { result, validation: await onValidation(engine, set, result, isNew ? wanted : undefined) }
}

/** A table that is cut off is of use, a model is not. */
function readerGone(error: unknown, out: string, checkpoint: string, command: string): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) return error
  return new UserError(
    'CannotWrite',
    `${out}: whoever read it has gone before the model was whole. What was learnt is in ${checkpoint}. To write it again: ${command}`,
    { cause: error },
  )
}

function interrupted({ fitted, state }: TrainedFit, auto: boolean, checkpoint: string, command: string): Outcome {
  const { ensemble } = fitted
  const member = ensemble && { index: ensemble.members.length - 1, count: ensembleSize(fitted) }
  return {
    document: { interrupted: true, checkpoint, ...(member && { member }), epoch: state.epoch, step: state.step, resume: command },
    text:
      `Interrupted after ${formatCount(state.step)} steps${auto ? ` of the model ${fitted.kind}` : ''}` +
      `${member ? ` of training ${member.index + 1} of ${member.count}` : ''} ` +
      `(${counted(state.epoch, 'whole epoch')}), saved in ${checkpoint}.\nTo go ` +
      `on${auto ? ' with that model, without a choice' : ''}:\n  ${command}`,
    exitCode: 130,
  }
}

/**
 * The failure, with how to have the model of the epochs before it. A checkpoint of none is deleted: to go on from it would end as this did.
 */
async function keepWhatWasLearned(failure: TrainingFailure, epochs: number, checkpoint: string, command: string): Promise<Error> {
  if (epochs === 0) {
    await removeFile(checkpoint)
    return failure
  }
  return new UserError(
    failure.code,
    `${failure.message} What was learned before is in ${checkpoint}; this makes a model of it: ${command} --epochs ${epochs}`,
    { cause: failure },
  )
}

function tellSolver({ fitted: { history } }: FitResult, { detail }: Context): void {
  const evaluations = history.map((record) => record.evaluations)
  if (evaluations.length > 0)
    detail(
      `Solver: ${formatNumber(evaluations[0]!, 3)} evaluations of the vector field a step in the first epoch, ` +
        `${formatNumber(evaluations.at(-1)!, 3)} in the last, ${formatNumber(Math.max(...evaluations), 3)} at most.`,
    )
}

/** The split of what is there: it may name series that a model knows from other data. */
function splitThere({ split, windows }: FittedModel, { series }: SeriesSet): Split {
  if (windows !== undefined) return split
  const there = new Set(series.map(({ id }) => id))
  const kept = (ids: readonly string[]): string[] => ids.filter((id) => there.has(id))
  return { train: kept(split.train), valid: kept(split.valid), test: kept(split.test) }
}

const ENDED: Readonly<Record<Ending, string>> = {
  rest: 'ended as the loss got no better',
  epochs: 'ended by --epochs',
  budget: 'ended by its budget of time',
}

async function summarise(
  { fitted, state, choice }: ChosenFit,
  validation: OnValidation | undefined,
  { set, notices }: ReadResult,
  { options, out, seconds }: { options: FitCommandOptions; out: string; seconds: number },
  { given, terminals }: Context,
): Promise<Outcome> {
  const { data } = options
  const { parameterCount } = await import('../../nn/parameters.js')
  const { ownParameters } = await import('../../model/stack.js')
  const kept = fitted.history.find(({ epoch }) => epoch === fitted.keptEpoch)
  const { train, valid, test } = splitThere(fitted, set)
  const document = {
    model: out,
    data,
    channels: fitted.channels,
    time: fitted.time,
    idColumn: fitted.idColumn,
    timeColumn: fitted.timeColumn,
    series: { train: train.length, validation: valid.length, test: test.length },
    ...(state !== undefined && {
      epochs: state.epoch,
      steps: state.step,
      ending: state.ending,
      keptEpoch: fitted.keptEpoch,
      trainLoss: kept?.trainLoss,
      validLoss: kept?.validLoss,
    }),
    ...(fitted.ensemble && { members: membersDocument(fitted.ensemble), folds: fitted.ensemble.folds?.length ?? 1 }),
    ...(fitted.estimation && { estimation: fitted.estimation }),
    parameters: parameterCount(ownParameters(fitted.parameters)),
    seconds,
    ...(validation && { validation }),
    ...(choice && { choice }),
    engine: fitted.engine,
    notices,
  }
  const next = (name: string): string => `  ${commandLine(`latent-ode ${name}`, [out, data], options, READING, given)}`
  return {
    document,
    text: [
      alignPairs([
        ['Model', `${out} (${choice ? `${choice.chosen}, ` : ''}${formatCount(document.parameters)} parameters)`],
        [
          'Data',
          `${fitted.windows === undefined ? counted(set.series.length, 'series', 'series') : `windows of ${counted(set.series.length, 'series', 'series')}`}: ` +
            `${train.length} to train on, ${valid.length} to validate, ${test.length} to test`,
        ],
        [
          'Channels',
          fitted.normalisation.channels
            .map(({ channel, transform }) => (transform.kind === 'none' ? channel : `${channel} (${transform.kind})`))
            .join(', '),
        ],
        ...describeTraining(fitted, state, { seconds, validated: valid.length > 0 }),
        ...describeEstimation(fitted, seconds),
        ...(await describeForecast(fitted)),
        ...(fitted.ensemble ? [] : describeCurves(fitted.history, CURVE, terminals.out.unicode)),
        ...validationPairs(validation),
      ]),
      ...(choice ? ['', ...describeChoice(choice, terminals.out.columns)] : []),
      ...betterModel(validation, fitted.kind, data),
      ...(isStream(out)
        ? []
        : [
            '',
            data === '-' ? 'Next, with data on standard input again, or in a file in place of the dash:' : 'Next:',
            // Without test series there is nothing to score but what was trained on.
            `${next('evaluate')}${test.length === 0 ? ' --all' : ''}`,
            next('predict'),
            next('report'),
          ]),
    ].join('\n'),
  }
}

/** How training went, as lines of the summary; none of a model that is estimated in one go. */
function describeTraining(
  fitted: FittedModel,
  state: TrainingState | undefined,
  { seconds, validated }: { seconds: number; validated: boolean },
): [name: string, text: string][] {
  if (state === undefined) return []
  if (fitted.ensemble !== undefined) return describeMembers(fitted.ensemble, seconds)
  const { history, keptEpoch } = fitted
  const kept = history.find(({ epoch }) => epoch === keptEpoch)
  const validation =
    kept === undefined || !Number.isFinite(kept.validLoss)
      ? validated
        ? ' (the validation loss is not finite)'
        : ' (no validation series)'
      : `, validation ${formatNumber(kept.validLoss)}`
  return [
    [
      'Training',
      `${counted(state.epoch, 'epoch')}, ${counted(state.step, 'step')}, ` +
        `${formatDuration(seconds)}; ${ENDED[state.ending ?? 'epochs']}`,
    ],
    ['Kept', kept === undefined ? 'the first weights' : `epoch ${kept.epoch}: loss ${formatNumber(kept.trainLoss)}${validation}`],
  ]
}
