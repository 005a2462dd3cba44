import { isStream } from '../../data/destination.js'
import { UserError } from '../../errors.js'
import type { FittedModel, ModelDescription } from '../../train/modelFile.js'
import type { FitOptions } from '../../train/options.js'
import { changeable, type Changeable } from '../../train/trainingOptions.js'
import type { FitCommandOptions } from '../commands/fit.js'
import { UsageError } from '../errors.js'
import { exists } from '../files/files.js'
import { commandLine, READING } from './nextCommand.js'
import { kebab } from '../parsing/options.js'

/**
 * What a checkpoint says of the fit that was interrupted, checked against the options given: repeating those of the
 * first command is fine, changing them is not.
 *
 * @throws UserError `NoCheckpoint`; UsageError `ResumeOption`
 */
export async function resumable(
  checkpoint: string,
  out: string,
  options: FitCommandOptions,
  given: ReadonlySet<string>,
): Promise<ModelDescription> {
  const { readCheckpoint } = await import('../../train/checkpoint.js')
  if (!(await exists(checkpoint))) {
    // A checkpoint is deleted when the model is written.
    if (!isStream(out) && (await exists(out)))
      throw new UserError(
        'NoCheckpoint',
        `${checkpoint}: there is no such checkpoint, but a finished model, ${out}. To go on from that: ${fromCommand(options, out, given)}`,
      )
    throw new UserError(
      'NoCheckpoint',
      `${checkpoint}: there is no such checkpoint, so nothing to resume. Name it with --checkpoint, or start anew without --resume.`,
    )
  }
  const { described } = await readCheckpoint(checkpoint)
  const { modelShapes, trainingOptions, preparationOptions } = await import('../../train/options.js')
  const before: Record<string, unknown> = { model: described.kind, ...described.model, ...described.training, values: described.channels }
  const fixed = ['model', ...Object.keys(modelShapes), ...Object.keys(trainingOptions.shape), 'values'].filter(
    (key) => !(changeable as readonly string[]).includes(key),
  )
  for (const key of fixed.filter((name) => given.has(name))) {
    const [now, then] = [options[key as keyof FitCommandOptions], before[key]]
    if (JSON.stringify(now) !== JSON.stringify(then)) {
      throw new UsageError(
        'ResumeOption',
        `--${kebab(key)} is ${JSON.stringify(now)}, but the fit to go on with has ` +
          `${then === undefined ? `none, being of the model ${described.kind}` : JSON.stringify(then)}. With --resume only --epochs, ` +
          '--budget and --patience may change: leave it out, or start anew without --resume.',
      )
    }
  }
  // These are not in the checkpoint as given, but their results are: split and normalisation.
  const settled = Object.keys(preparationOptions.shape).find((key) => given.has(key))
  if (settled !== undefined)
    throw new UsageError(
      'ResumeOption',
      `--${kebab(settled)} has been settled by the fit to go on with. With --resume leave it out, or start anew without --resume.`,
    )
  return described
}

/** The options that are set anew. */
export const continuation = (options: FitCommandOptions, given: ReadonlySet<string>): Partial<Pick<FitOptions, Changeable>> =>
  Object.fromEntries(changeable.filter((key) => given.has(key)).map((key) => [key, options[key]]))

/** Options that the checkpoint does not know, so that the command to go on with must repeat them. */
const REPEATED = ['out', 'checkpoint', 'engine', 'dtype', 'threads', 'id', 'time', ...READING] as const

/** What to type to go on from a finished model. */
const fromCommand = (options: FitCommandOptions, model: string, given: ReadonlySet<string>): string =>
  commandLine(
    'latent-ode fit',
    [options.data],
    { ...options, from: model },
    ['from', ...REPEATED.filter((key) => key !== 'checkpoint'), ...changeable],
    new Set([...given, 'from']),
  )

/** What to type to go on. */
export const resumeCommand = (options: FitCommandOptions, given: ReadonlySet<string>): string =>
  `${commandLine('latent-ode fit', [options.data], options, REPEATED, given)} --resume`

/** What of the options given is the fit's own. */
export async function fitOptionsGiven(options: FitCommandOptions, given: ReadonlySet<string>): Promise<Partial<FitOptions>> {
  const { fitOptions } = await import('../../train/options.js')
  const keys = Object.keys(fitOptions.shape).filter((key) => given.has(key))
  return Object.fromEntries(keys.map((key) => [key, options[key as keyof FitCommandOptions]]))
}

/**
 * The model that `--from` names, checked against the options given.
 *
 * @throws UsageError `Usage`, `FromOption`; UserError `Unfinished` for a checkpoint; and as `readModel`
 */
export async function modelToGoOnFrom(path: string, options: FitCommandOptions, given: ReadonlySet<string>): Promise<FittedModel> {
  if (options.resume)
    throw new UsageError('Usage', '--resume goes on with a fit that was interrupted, --from from a finished model. Leave one of them out.')
  const { readFinished } = await import('../../train/checkpoint.js')
  const { settledOption } = await import('../../train/updateFit.js')
  const resume = commandLine(
    'latent-ode fit',
    [options.data],
    { ...options, checkpoint: path },
    REPEATED,
    new Set([...given, 'checkpoint']),
  )
  const fitted = await readFinished(path, `To go on with that: ${resume} --resume`)
  if (fitted.estimation !== undefined)
    throw new UserError(
      'NotTrained',
      `${path} holds a model of the kind ${fitted.kind}, which is estimated in one go: there is no training to go on with. To estimate ` +
        `it from these data: ${commandLine('latent-ode fit', [options.data], { ...options, model: fitted.kind }, [...REPEATED, 'model'], new Set([...given, 'model']))}`,
    )
  if (fitted.ensemble !== undefined) {
    const { ensembleFrom } = await import('../../train/updateFit.js')
    throw new UserError('Ensemble', `${path}: ${ensembleFrom(fitted)}`)
  }
  const settled =
    given.has('values') && JSON.stringify(options.values) !== JSON.stringify(fitted.channels)
      ? { name: 'values', now: options.values, then: fitted.channels }
      : settledOption(fitted, await fitOptionsGiven(options, given))
  if (settled === undefined) return fitted
  const { name, now, then } = settled
  throw new UsageError(
    'FromOption',
    `--${kebab(name)} is ${JSON.stringify(now)}, but ${path} ` +
      `${then === undefined ? `has settled it, being a fitted model of the kind ${fitted.kind}` : `has ${JSON.stringify(then)}`}. ` +
      'With --from a model stays what it is: leave the option out, or fit a new model without --from.',
  )
}
