import { z } from 'zod'
import { nearestName } from '../../nearest.js'
import { splitList } from '../../data/shellWord.js'

/** One option as the command line needs it, worked out from its zod schema. */
export interface OptionFacts {
  /** Name in the shape, in YAML files: `batchSize`. */
  readonly key: string
  /** Name on the command line: `batch-size`. */
  readonly flag: string
  readonly kind: 'number' | 'boolean' | 'text' | 'list' | 'mixed'
  readonly describe: string
  readonly default?: unknown
  /** The values allowed, where there are few. */
  readonly choices?: readonly string[]
  /** What the value must be: `a whole number above 0`. */
  readonly expected: string
}

/** What of JSON Schema is used here. */
interface Schema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const camel = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The facts of every option of a shape, in its order. A choice among one, as of parts that there is one of, is no option. */
export function optionFacts(shape: z.ZodRawShape): OptionFacts[] {
  const { properties } = z.toJSONSchema(z.object(shape), { io: 'input' }) as { properties: Record<string, Schema> }
  const chosen = Object.entries(properties).filter(([, schema]) => schema.enum?.length !== 1)
  return chosen.map(([key, schema]) => ({
    key,
    flag: kebab(key),
    kind: kindOf(schema),
    describe: schema.description ?? '',
    expected: expectation(schema),
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.enum !== undefined && { choices: schema.enum }),
  }))
}

function kindOf({ type, anyOf }: Schema): OptionFacts['kind'] {
  if (anyOf !== undefined) return 'mixed'
  if (type === 'integer' || type === 'number') return 'number'
  return type === 'boolean' ? 'boolean' : type === 'array' ? 'list' : 'text'
}

/** In words, what a schema accepts. */
function expectation(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(alternative).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `a ${schema.type === 'integer' ? 'whole ' : ''}number${range(schema)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list like a,b,c'
    default:
      return schema.pattern === undefined ? 'a text' : (schema.description ?? 'a text')
  }
}

/** One of several forms: of a text that is no fixed word, its description says more than its type. */
const alternative = (schema: Schema): string =>
  schema.type === 'string' && schema.enum === undefined && schema.const === undefined && schema.description !== undefined
    ? schema.description
    : expectation(schema)

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const low =
    exclusiveMinimum !== undefined
      ? `above ${exclusiveMinimum}`
      : minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER
        ? `of at least ${minimum}`
        : ''
  const high =
    exclusiveMaximum !== undefined
      ? `below ${exclusiveMaximum}`
      : maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
        ? `at most ${maximum}`
        : ''
  if (minimum !== undefined && high.startsWith('at most') && low.startsWith('of')) return ` from ${minimum} to ${maximum}`
  return [low, high]
    .filter((part) => part !== '')
    .map((part, i) => (i === 0 ? ` ${part}` : ` and ${part}`))
    .join('')
}

/** A value from the command line, as text, in the type its option wants; text that is no such value stays text. */
export function fromText({ kind }: Pick<OptionFacts, 'kind'>, value: unknown): unknown {
  // A list may come in several pieces, of other options the last one counts.
  if (Array.isArray(value))
    return kind === 'list' ? value.flatMap((part: unknown) => splitList(String(part))) : fromText({ kind }, value.at(-1))
  if (typeof value !== 'string') return value
  if (kind === 'list') return splitList(value)
  if ((kind === 'number' || kind === 'mixed') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  return value
}

/** Why a value is not accepted: `--epochs is "ten", but must be a whole number above 0.` */
export function refusal(facts: OptionFacts, value: unknown, name: string): string {
  const nearest = typeof value === 'string' ? nearestName(value, facts.choices ?? []) : undefined
  return `${name} is ${JSON.stringify(value)}, but must be ${facts.expected}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`
}
