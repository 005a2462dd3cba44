import { z } from 'zod'
import { nearestName } from '../nearest.js'
import { UserError } from '../errors.js'
import { baselineNames } from '../model/baselines/index.js'
import { modelNames, models, usualModels, type ModelName, type ModelOptions } from '../model/models.js'
import type { ModelKind } from '../model/modelKind.js'
import { objectives } from '../model/objective.js'
import { balances } from './balance.js'
import { BUDGET } from './budget.js'
import { conditionings } from './conditioning.js'
import { RANGE } from './fractions.js'
import { optimisers } from './optimiser.js'
import { isStackOption } from './stackOption.js'
import type { TrainingOptions } from './trainingOptions.js'

const positive = z.number().positive()
/** Whole numbers up to some that are more than anyone wants. */
const whole = (most: number): z.ZodNumber => z.number().int().min(0).max(most)
const count = (most: number): z.ZodNumber => z.number().int().min(1).max(most)

/** Epochs of a training, and so records in a model file. */
export const MOST_EPOCHS = 100_000

/** Trainings that one model may be made of. */
export const MOST_MEMBERS = 100

const STACK_EXAMPLE = `gp,mixed (${baselineNames.join(', ')})`
const STACK = `must be none, or baselines with commas between, like ${STACK_EXAMPLE}`

/** Options of training. */
export const trainingOptions = z.strictObject({
  epochs: count(MOST_EPOCHS).optional().describe('Most passes over the training series. Default: until the validation loss is at rest'),
  budget: z
    .union([z.enum(['auto', 'none']), z.string().regex(BUDGET).describe('a time like 30s, 5m or 2h')])
    .default('auto')
    .describe('Most time to train: 30s, 5m, 2h; auto: by the number of values, 100 s for 10,000, 9 minutes for 500,000'),
  batchSize: count(1_000_000).default(32).describe('Series per step'),
  minSteps: count(100_000).default(20).describe('Least steps in an epoch: small sets are passed over several times'),
  seed: whole(2 ** 32 - 1)
    .default(1)
    .describe('Seed of everything random'),
  objective: z.enum(objectives).default('elbo').describe('elbo, iwae, or the formula of the code released with the paper'),
  balance: z
    .enum(balances)
    .default('values')
    .describe('What counts alike in the likelihood. values: each value; channels: each channel, about, by weights; root: between the two'),
  samples: count(1000).default(3).describe('Samples of z0 per series in training'),
  validationSamples: count(1000).default(5).describe('Samples of z0 per series in validation'),
  conditioning: z.enum(conditionings).default('mixed').describe('Which observations the model is shown in training'),
  shown: z
    .union([z.number().min(0).max(1), z.string().regex(RANGE).describe('two that it is drawn from, like 0.1..0.9')])
    .optional()
    .describe(
      'With --conditioning interpolation: the fraction of the rows that is shown; two like 0.1..0.9: drawn from between. Default: 0.5',
    ),
  cut: z
    .union([z.number(), z.string().min(1).max(100)])
    .optional()
    .describe(
      'With --conditioning extrapolation: where what is shown ends, as in evaluate; two fractions like 0.1..0.9: drawn from between. ' +
        'Default: 0.5',
    ),
  optimiser: z.enum(optimisers).default('adam').describe('Optimiser'),
  // Adam moves each weight by it in a step.
  learningRate: positive.max(1).default(0.01).describe('Learning rate of the first step'),
  learningRateCut: positive.max(0.9).default(0.3).describe('Factor on the learning rate when the validation loss gets no better'),
  learningRateFloor: positive.min(1e-6).max(1).default(0.03).describe('Least learning rate, as a fraction of the first'),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Decay of weight matrices per unit of learning rate; 1 helps where few, noisy series are overfitted'),
  // Its square, the optimiser's second moment, has to be finite in float32.
  calibrate: z
    .boolean()
    .default(true)
    .describe('Stretch intervals after training so that on the validation series they hold what they say'),
  stack: z
    .union(
      [z.enum(['none']), z.string().refine(isStackOption, STACK).describe(`baselines with commas between, like ${STACK_EXAMPLE}`)],
      STACK,
    )
    .default('gp,mixed,last')
    .describe(
      `Baselines that forecasts are averaged with, weighted by how they do on the validation series, or none: ${baselineNames.join(', ')}`,
    ),
  clip: z
    .union([z.literal('auto'), positive.max(1e15)])
    .default('auto')
    .describe('Greatest norm of the gradient; auto: three times the median of the last 50 steps'),
  averaging: z
    .number()
    .min(0)
    .max(0.9999)
    .default(0.98)
    .describe('What a step keeps of the running average of the weights, which is what is validated and kept; 0: no average'),
  klWarmup: whole(MOST_EPOCHS).default(10).describe('Epochs over which the KL term gains its full weight'),
  patience: whole(MOST_EPOCHS)
    .default(10)
    .describe('Epochs without a better validation loss after which the learning rate is cut, and at its floor training ends; 0: never'),
  ensemble: count(MOST_MEMBERS)
    .default(1)
    .describe('Trainings that differ by their seed alone, in one model whose forecasts are the average of theirs; they share the budget'),
  folds: z
    .union([z.literal('auto'), count(MOST_MEMBERS)])
    .optional()
    .describe(
      'Parts that the training and validation series are divided into: each validates a training on the others, and forecasts are the ' +
        'average of all. auto: 5 where under 5 series would validate, else 1. Default: auto; 1 with --epochs, --valid-fraction or ' +
        '--ensemble',
    ),
})
export type { TrainingOptions }

/** How a model is trained, as its file says. */
type Training = z.infer<typeof trainingOptions>

const _trainingOptionsFit: TrainingOptions = {} as Training
void _trainingOptionsFit

/** Options of how the data are prepared. */
export const preparationOptions = z.strictObject({
  transform: z
    .enum(['auto', 'log', 'none'])
    .default('auto')
    .describe('Logarithm of the values: where it makes them more normal, wherever possible, never'),
  validFraction: z.number().min(0).max(0.9).default(0.15).describe('Fraction of the series that decides when training ends'),
  window: z
    .union([z.enum(['auto', 'none']), count(10_000_000).min(4)])
    .default('auto')
    .describe('Rows of the windows that long series are cut into: auto cuts where there are too few series for their length'),
  stride: count(10_000_000).optional().describe('Rows from one window to the next. Default: a whole window'),
  testFraction: z.number().min(0).max(0.9).default(0.15).describe('Fraction of the series kept for evaluation'),
})

type Shapes = (typeof models)[ModelName]['options']['shape']
type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void ? All : never

/** The options of all kinds of models. Where two have one of the same name, it means the same. */
export const modelShapes = Object.assign({}, ...Object.values(models).map(({ options }) => options.shape)) as Intersection<Shapes>

/** All options of a fit in one flat object, as in a YAML file. Those of models that are not fitted have no effect there. */
export const fitOptions = z.strictObject({
  model: z
    .enum([...modelNames, 'auto'])
    .default('latent-ode')
    .describe(
      `What is fitted. ${Object.entries(models)
        .map(([name, { describe }]) => `${name}: ${describe}`)
        .join('; ')}; auto: each of ${usualModels.join(', ')}, and the one is kept that does best on the validation series`,
    ),
  ...modelShapes,
  ...trainingOptions.shape,
  ...preparationOptions.shape,
})
/** All options of a fit; each is described where it is declared, and in docs/cli.md. */
export type FitOptions = z.infer<typeof fitOptions>

/** The options of a fit by what they are for, with defaults. */
export interface ChosenOptions {
  readonly kind: ModelName
  readonly model: ModelOptions
  readonly training: Training & Required<Pick<Training, 'folds'>>
  readonly preparation: z.infer<typeof preparationOptions>
}

/**
 * Sorts the options that are set, and fills in the others.
 *
 * @throws UserError `Option` for one that there is not, that the model does not have or has no use for, or whose value does not fit
 */
export function chooseOptions(given: Partial<FitOptions>): ChosenOptions {
  const { model: named = 'latent-ode', ...rest } = given
  if (!isKind(named))
    throw new UserError(
      'Option',
      `There is no model "${String(named)}".${didYouMean(String(named), modelNames)} Models: ${modelNames.join(', ')}.`,
    )
  const kind = named
  if (given.patience === 0 && given.epochs === undefined && given.budget === 'none')
    throw new UserError(
      'Option',
      'Nothing would end this training: with no patience (0) and no budget, give a limit of epochs like --epochs 100.',
    )
  checkMembers(given)
  const { options, fixed = {}, estimated }: ModelKind = models[kind]
  const own = Object.keys(options.shape)
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  for (const [name, value] of Object.entries(set)) {
    if (!Object.hasOwn(fitOptions.shape, name))
      throw new UserError('Option', `There is no option "${name}".${didYouMean(name, Object.keys(fitOptions.shape))}`)
    const owners = modelNames.filter((other) => Object.hasOwn(models[other].options.shape, name))
    if (owners.length > 0 && !owners.includes(kind))
      throw new UserError(
        'Option',
        `The model ${kind} has no option "${name}"; ${inWords(owners)} ${owners.length === 1 ? 'has' : 'have'}. ` +
          `${own.length === 0 ? 'It has none of its own' : `Its own are ${own.join(', ')}`}.`,
      )
    if (estimated && name !== 'seed' && Object.hasOwn(trainingOptions.shape, name))
      throw new UserError(
        'Option',
        `The model ${kind} is estimated in one go, so it has no use for "${name}", which is set to ${JSON.stringify(value)}. Leave it out.`,
      )
    if (Object.hasOwn(fixed, name) && value !== fixed[name])
      throw new UserError('Option', `The model ${kind} has no use for "${name}", which is set to ${JSON.stringify(value)}. Leave it out.`)
  }
  const part = <Schema extends z.ZodObject>(schema: Schema, values: Readonly<Record<string, unknown>>): z.output<Schema> => {
    const parsed = schema.safeParse(Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(schema.shape, name))))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const name = String(issue!.path[0])
    throw new UserError('Option', `The option "${name}" is ${JSON.stringify(set[name])}: ${issue!.message}.`)
  }
  const training = part(trainingOptions, { ...fixed, ...set })
  checkShown(training)
  return {
    kind,
    model: part<z.ZodObject>(options, set) as ModelOptions,
    training: { ...training, folds: training.folds ?? foldsFor(training, set) },
    preparation: part(preparationOptions, set),
  }
}

/**
 * Folds where nothing is said of them. Who limits the epochs wants one training of that length; who says how many series validate, or how
 * many trainings there are, has chosen otherwise.
 */
const foldsFor = ({ epochs, ensemble }: Training, given: Partial<FitOptions>): 'auto' | 1 =>
  epochs === undefined && ensemble === 1 && given.validFraction === undefined ? 'auto' : 1

/** Folds take the place of an ensemble and of a fraction of the series to validate. */
function checkMembers({ ensemble = 1, folds = 1, validFraction }: Partial<FitOptions>): void {
  if (folds === 1) return
  if (ensemble > 1)
    throw new UserError(
      'Option',
      `The options "ensemble" (${ensemble}) and "folds" (${folds}) do not go together: with folds there is one training for each. Leave one ` +
        'of them out.',
    )
  if (validFraction !== undefined && folds !== 'auto')
    throw new UserError(
      'Option',
      `The option "validFraction" is ${validFraction}, but with ${folds} folds each series validates once. Leave --valid-fraction out, or ` +
        'say --folds 1.',
    )
}

/** How much is shown is said of the conditioning that asks for it. */
function checkShown({ conditioning, shown, cut }: TrainingOptions): void {
  const owners = { shown: 'interpolation', cut: 'extrapolation' } as const
  for (const [name, value] of Object.entries({ shown, cut })) {
    const owner = owners[name as keyof typeof owners]
    if (value === undefined || conditioning === owner) continue
    throw new UserError(
      'Option',
      `The option "${name}" is ${JSON.stringify(value)}, but only --conditioning ${owner} has a use for it, and conditioning is ${conditioning}. ` +
        `Leave it out, or say --conditioning ${owner}.`,
    )
  }
}

/** As `a, b and c`. */
const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`

const isKind = (name: string): name is ModelName => Object.hasOwn(models, name)

function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`
}
