import type { z } from 'zod'
import type { Io } from './terminal/io.js'
import type { Terminal } from './terminal/terminal.js'

/** What a command is run in. */
export interface Context {
  readonly io: Io
  /** One JSON document is wanted on standard output, and nothing else there. */
  readonly json: boolean
  /** Nothing is wanted on standard error but errors. */
  readonly quiet: boolean
  /** More is wanted there. */
  readonly verbose: boolean
  /** Where results are printed, and where humans are told what happens. */
  readonly terminals: { readonly out: Terminal; readonly err: Terminal }
  /** Options that the user gave, on the command line or in a configuration file, by their camel-case names. */
  readonly given: ReadonlySet<string>
  /** Where humans are told what happens: lines on standard error, none with `--quiet`. */
  note(message: string): void
  /** As `note`, for what may be wrong. */
  warn(message: string): void
  /** As `note`, only with `--verbose`. */
  detail(message: string): void
  /** Runs a part of the command; with `--verbose` it is told at the end how long each part took. */
  timed<T>(part: string, body: () => Promise<T>): Promise<T>
}

/** What a command came to. */
export interface Outcome {
  /** What `--json` prints. */
  readonly document: unknown
  /** What is printed otherwise; nothing if empty. */
  readonly text: string
  /** The text is for a program: it is printed as it is, not dressed for people. */
  readonly raw?: boolean
  /** Default 0. */
  readonly exitCode?: number
}

/**
 * A command as data. Its options, files included, are one zod shape: help, parsing, defaults, configuration files and
 * error messages all follow from it.
 */
export interface CommandDescription<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly options: Shape
  /** Headings of the help and the options below them; those not named stand under `Options`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** What to type, and what that does. */
  readonly examples: readonly (readonly [line: string, says: string])[]
  /** Shown at the end of the help. */
  readonly notes?: string
}

/** What a command does. */
type Action<Shape extends z.ZodRawShape> = (options: z.output<z.ZodObject<Shape>>, context: Context) => Promise<Outcome>

/** A command with what it does. */
export interface Command<Shape extends z.ZodRawShape = z.ZodRawShape> extends CommandDescription<Shape> {
  run(options: z.output<z.ZodObject<Shape>>, context: Context): Promise<Outcome>
}

/** A command of its description and of what it does, which is loaded when it is run. */
export const command = <Shape extends z.ZodRawShape>(
  description: CommandDescription<Shape>,
  load: () => Promise<Action<Shape>>,
): Command<Shape> => ({ ...description, run: async (options, context) => (await load())(options, context) })

/** What of a context tells a person something. */
export type Teller = Pick<Context, 'note' | 'detail' | 'timed'>

/** A command before its module is loaded: what `latent-ode --help` shows. */
export interface CommandEntry {
  /** As yargs takes it: `fit <data>`. Words in `<>` and `[]` are options of the command's shape. */
  readonly usage: string
  readonly describe: string
  load(): Promise<Command>
}

/** `fit` of `fit <data>`. */
export const commandName = ({ usage }: CommandEntry): string => usage.split(' ')[0]!

/** `['data']` of `fit <data>`. */
export const positionals = ({ usage }: CommandEntry): string[] => [...usage.matchAll(/[<[](\w+)[>\]]/g)].map(([, name]) => name!)
