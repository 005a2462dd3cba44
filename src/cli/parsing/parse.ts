import type { Argv, Options } from 'yargs'
import type { z } from 'zod'
import { version } from '../../version.js'
import { commandName, positionals, type Command, type CommandEntry } from '../command.js'
import type { ConfigEntry } from './config.js'
import { UsageError } from '../errors.js'
import type { OptionFacts } from './options.js'
import { asksForOverview, commonOptions, helpWidth, overview, shortNames } from './overview.js'
import { noCommand, noOption, unknownFlag } from './suggest.js'

/** What the words on the command line ask for. */
type Invocation =
  | { readonly kind: 'help'; readonly about: 'help' | 'version'; readonly text: string }
  | {
      readonly kind: 'run'
      readonly name: string
      readonly command: Command
      /** The command's options, with defaults filled in. */
      readonly options: z.output<z.ZodObject>
      readonly given: ReadonlySet<string>
      readonly json: boolean
      readonly quiet: boolean
      readonly verbose: boolean
    }

const config = {
  type: 'string',
  requiresArg: true,
  describe: 'A YAML file of options; the command line wins over it',
} as const satisfies Options

/** Stands for `-` while yargs, which would lose a lone dash, has the words. */
const DASH = '\u0000-'

/**
 * Reads the command line.
 *
 * @param columns width of the terminal, for help
 * @throws UsageError with the nearest name for a command or option that there is not, and for values that do not fit
 */
export async function parseCommandLine(typed: readonly string[], entries: readonly CommandEntry[], columns = 80): Promise<Invocation> {
  const words = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed
  const width = helpWidth(columns)
  const program: Invocation = { kind: 'help', about: 'help', text: `${overview(entries, width)}\n` }
  if (asksForOverview(words, entries)) return program
  if (asksForVersion(words)) return { kind: 'help', about: 'version', text: `${version}\n` }
  const { default: yargs } = await import('yargs')
  const { help, version: versionOption, ...common } = commonOptions
  const { help: shortHelp, version: shortVersion, ...short } = shortNames
  const wantsHelp = words.some((word) => word === '--help' || word === '-h')
  let chosen: { entry: CommandEntry; command: Command; facts: OptionFacts[]; argv: Record<string, unknown> } | undefined
  let text = ''
  let loaded: { command: Command; facts: OptionFacts[] } | undefined
  let parser: Argv = yargs()
    .scriptName('latent-ode')
    .locale('en')
    .exitProcess(false)
    .wrap(width)
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'greedy-arrays': false,
    })
    .help()
    .alias('help', shortHelp!)
    .describe('help', help.describe)
    .version(version)
    .alias('version', shortVersion!)
    .describe('version', versionOption.describe)
    .options(common)
    .alias(short)
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error !== undefined && error.name !== 'YError'
        ? error
        : new UsageError('Usage', explain(message ?? error?.message ?? '', words, entries, loaded?.facts))
    })
  for (const entry of entries) {
    parser = parser.command({
      command: entry.usage,
      describe: entry.describe,
      builder: (async (builder: Argv) => {
        const { optionFacts } = await import('./options.js')
        const command = await entry.load()
        loaded = { command, facts: optionFacts(command.options) }
        return describeCommand(builder, entry, loaded.command, loaded.facts, wantsHelp)
      }) as unknown as (builder: Argv) => Argv,
      handler: (argv) => {
        chosen = { entry, ...loaded!, argv }
      },
    })
  }
  await parser
    .parseAsync(protect(words), {}, (_error: unknown, _argv: unknown, output: string) => {
      text = output
    })
    .catch((error: unknown) => {
      // What yargs finds after a command is loaded does not pass through `fail`.
      throw error instanceof Error && error.name === 'YError'
        ? new UsageError('Usage', explain(error.message, words, entries, loaded?.facts))
        : error
    })
  if (text !== '')
    return wantsHelp && loaded === undefined ? program : { kind: 'help', about: wantsHelp ? 'help' : 'version', text: `${text}\n` }
  if (chosen === undefined) throw new UsageError('Usage', noCommand(words, entries))
  return settle(chosen, words)
}

function describeCommand(builder: Argv, entry: CommandEntry, command: Command, facts: readonly OptionFacts[], wantsHelp: boolean): Argv {
  let described = builder.usage(`${entry.describe}\n\nUsage: $0 ${entry.usage} [options]`)
  const words = positionals(entry)
  for (const fact of facts) {
    if (words.includes(fact.key)) {
      described = described.positional(fact.key, {
        type: 'string',
        describe: fact.describe,
        ...(wantsHelp && fact.choices && { choices: fact.choices }),
      })
    } else {
      described = described.option(fact.flag, yargsOption(fact, wantsHelp))
    }
  }
  for (const [heading, keys] of Object.entries(command.groups ?? {})) {
    described = described.group(
      facts.filter(({ key }) => keys.includes(key)).map(({ flag }) => flag),
      `${heading}:`,
    )
  }
  for (const [line, says] of command.examples) described = described.example(line, says)
  return described.option('config', config).epilogue(command.notes ?? '')
}

/** `-v` alone has nothing to be verbose about, and asks elsewhere for the version. */
const asksForVersion = (words: readonly string[]): boolean =>
  ['--version', '-V', '-v', 'version'].includes(words[0]!) && words.slice(1).every((word) => word === '--json')

/** Values are taken as text and judged by zod, so that messages can quote them; help shows the real types. */
function yargsOption(fact: OptionFacts, wantsHelp: boolean): Options {
  const { kind, describe, choices } = fact
  const byDefault = fact.default === undefined || fact.default === false ? undefined : String(fact.default)
  return {
    describe,
    type: kind === 'boolean' ? 'boolean' : wantsHelp && kind === 'number' ? 'number' : 'string',
    ...(kind !== 'boolean' && { requiresArg: true }),
    ...(byDefault !== undefined && { defaultDescription: byDefault }),
    ...(wantsHelp && choices && { choices }),
  }
}

const undash = (value: unknown): unknown => (typeof value === 'string' ? value.replace(DASH, '-') : value)

/** Words that yargs would misread: a lone dash, and values that begin with a minus sign. */
function protect(words: readonly string[]): string[] {
  const out: string[] = []
  for (const word of words) {
    const before = out.at(-1)
    if (/^-[\d.]/.test(word) && before !== undefined && /^--[a-z][a-z-]*$/.test(before)) out[out.length - 1] = `${before}=${word}`
    else out.push(word === '-' ? DASH : word)
  }
  return out
}

async function settle(
  { entry, command, facts, argv }: { entry: CommandEntry; command: Command; facts: readonly OptionFacts[]; argv: Record<string, unknown> },
  words: readonly string[],
): Promise<Invocation> {
  const name = commandName(entry)
  const { fromText, refusal } = await import('./options.js')
  const { z } = await import('zod')
  const files = positionals(entry)
  const flagOf = new Map(facts.map((fact) => [files.includes(fact.key) ? fact.key : fact.flag, fact]))
  const [, ...surplus] = argv['_'] as unknown[]
  if (surplus.length > 0)
    throw new UsageError(
      'Usage',
      `latent-ode ${name} takes ${files.length === 0 ? 'no file' : files.map((file) => `<${file}>`).join(' ')}; ` +
        `${JSON.stringify(String(surplus[0]))} is one word too many. Quote names with spaces.`,
    )
  refuseBooleanValues(words, facts)

  const values = new Map<string, { value: unknown; name: string }>()
  for (const [flag, value] of Object.entries(argv)) {
    if (['_', '$0', 'config', ...Object.keys(commonOptions), ...Object.values(shortNames)].includes(flag)) continue
    const fact = flagOf.get(flag)
    if (fact === undefined) throw new UsageError('Usage', noOption(flag, [...flagOf.keys()], name))
    if (value !== undefined)
      values.set(fact.key, {
        value: fromText(fact, Array.isArray(value) ? value.map(undash) : undash(value)),
        name: files.includes(flag) ? `<${flag}>` : `--${flag}`,
      })
  }
  if (argv['quiet'] === true && argv['verbose'] === true)
    throw new UsageError('Usage', '--quiet says less and --verbose more. Leave one of them out.')
  const path = argv['config']
  const settings =
    typeof path === 'string'
      ? await readSettings(
          path,
          facts.filter(({ key }) => !files.includes(key)),
          name,
        )
      : new Map<string, ConfigEntry>()
  for (const [key, { value, line }] of settings)
    if (!values.has(key)) values.set(key, { value, name: `${path as string}, line ${line}: ${key}` })

  const parsed = z.strictObject(command.options).safeParse(Object.fromEntries([...values].map(([key, { value }]) => [key, value])))
  if (!parsed.success) {
    const key = String(parsed.error.issues[0]!.path[0])
    const found = values.get(key)
    throw new UsageError(
      'BadOption',
      found === undefined
        ? `latent-ode ${name} needs --${key}.`
        : refusal(
            facts.find((fact) => fact.key === key)!,
            found.value,
            found.name,
          ),
    )
  }
  return {
    kind: 'run',
    name,
    command,
    options: parsed.data,
    given: new Set(values.keys()),
    json: argv['json'] === true,
    quiet: argv['quiet'] === true,
    verbose: argv['verbose'] === true,
  }
}

async function readSettings(path: string, facts: readonly OptionFacts[], name: string): Promise<Map<string, ConfigEntry>> {
  const { readConfig } = await import('./config.js')
  return readConfig(path, facts, name)
}

/** yargs takes `--all=yes` for false. */
function refuseBooleanValues(words: readonly string[], facts: readonly OptionFacts[]): void {
  const flags = [...facts.filter(({ kind }) => kind === 'boolean').map(({ flag }) => flag), ...Object.keys(commonOptions)]
  for (const word of words) {
    const [, flag, value] = /^--([a-z-]+)=(.*)$/.exec(word) ?? []
    if (flag !== undefined && flags.includes(flag) && value !== 'true' && value !== 'false')
      throw new UsageError(
        'BadOption',
        `--${flag} is ${JSON.stringify(value)}, but must be true or false. Write --${flag} or --no-${flag}.`,
      )
  }
}

/** What yargs found wrong, in this program's words. */
function explain(message: string, words: readonly string[], entries: readonly CommandEntry[], facts: readonly OptionFacts[] = []): string {
  const [, flag] = /^Not enough arguments following: (.*)$/.exec(message) ?? []
  if (flag !== undefined) return `--${flag} needs a value.`
  const entry = entries.find((other) => words.includes(commandName(other)))
  if (entry !== undefined && message.startsWith('Not enough non-option arguments')) {
    const files = positionals(entry)
    const unknown = unknownFlag(
      words,
      facts.filter(({ key }) => !files.includes(key)),
    )
    if (unknown !== undefined)
      return noOption(
        unknown,
        facts.map((fact) => fact.flag),
        commandName(entry),
      )
    return (
      `latent-ode ${commandName(entry)} needs ${files.map((word) => `<${word}>`).join(' and ')}: latent-ode ${entry.usage}. ` +
      `"latent-ode ${commandName(entry)} --help" shows examples.`
    )
  }
  return message
}
