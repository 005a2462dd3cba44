import type { Scale } from '../distribution/onScale.js'
import type { z } from 'zod'
import type { ParameterSpecs } from '../nn/parameters.js'

/** What of the data a model follows from. */
export interface DataFacts {
  readonly channels: number
  /** Names of the channels, where options may go by them. */
  readonly names?: readonly string[]
  /** How fast the data change, in the model's time: see the option `rate`. */
  readonly rate: number
  /** How the values of each channel are normalised, where a likelihood is of values in the data's own units; default not at all. */
  readonly scales?: readonly Scale[]
  /** Weight of each channel in the likelihood that is trained on, see `channelWeights.ts`; default 1 each. */
  readonly channelWeights?: readonly number[] | undefined
}

/**
 * A kind of model, as the table of models has it: what files and the command line
 * know of it without TensorFlow.js. `createModel.ts` makes one.
 */
export interface ModelKind<Options extends z.ZodObject = z.ZodObject> {
  /** What it is called at the beginning of a sentence: `A latent ODE`. */
  readonly label: string
  /** What it does, in half a sentence. */
  readonly describe: string
  /** Its options, with defaults and descriptions: from these come the options of `fit`, of YAML files, of model files. */
  readonly options: Options
  /** Training options that mean nothing to it, with the values that it is trained with. Setting another is an error. */
  readonly fixed?: Readonly<Record<string, string | number>>
  /** What files mean that were written before there was an option: where it is not its default. */
  readonly before?: Readonly<Record<string, unknown>>
  /** Whether it is estimated in one go, not trained: of the training options only the seed means something to it then. */
  readonly estimated?: true
  /** Whether it is compared, and chosen, only where it is named. */
  readonly byName?: true
  parameters(options: unknown, data: DataFacts): ParameterSpecs
}

/** A kind of model whose functions take its options as its schema types them. */
export function modelKind<Options extends z.ZodObject>(
  kind: Omit<ModelKind<Options>, 'parameters'> & {
    /** Shapes and starting values of the weights. */
    parameters(options: z.output<Options>, data: DataFacts): ParameterSpecs
  },
): ModelKind<Options> {
  // Options were checked by the schema where they came in: from the user, or from a file.
  return { ...kind, parameters: (options, data) => kind.parameters(options as z.output<Options>, data) }
}
