import { expect, expectTypeOf, test } from 'vitest'
import { format, resolveConfig } from 'prettier'
import { z } from 'zod'
import type { FitSettings } from '../../src/api/fitSettings.js'
import { fitOptions, type FitOptions } from '../../src/train/options.js'

interface Schema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: string
  readonly anyOf?: readonly Schema[]
  readonly default?: unknown
  readonly description?: string
}

const typeOf = (schema: Schema): string => {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ')
  if (schema.const !== undefined) return `'${schema.const}'`
  if (schema.enum) return schema.enum.map((name) => `'${name}'`).join(' | ')
  return schema.type === 'integer' ? 'number' : schema.type!
}

/** Where people hover: the options of a fit as an interface, each with what its schema says of it. */
const interfaceText = (schemas: Readonly<Record<string, Schema>>): string => `/**
 * What is fitted, and how; see the options of \`fit\` in docs/cli.md. Written from the schemas of the options by
 * \`npx vitest run test/api/fitSettings.test.ts -u\`.
 */
export interface FitSettings {
${Object.entries(schemas)
  .map(([name, schema]) => {
    const words = `${schema.description!.replace(/\.$/, '')}.${schema.default === undefined ? '' : ` Default ${String(schema.default)}.`}`
    return `  /** ${words} */\n  readonly ${name}?: ${typeOf(schema)}`
  })
  .join('\n')}
}
`

test('every option of a fit is told where people hover over it', async () => {
  const { properties } = z.toJSONSchema(fitOptions) as { properties: Record<string, Schema> }
  const path = new URL('../../src/api/fitSettings.ts', import.meta.url).pathname
  const text = await format(wrapped(interfaceText(properties)), { ...(await resolveConfig(path)), filepath: path })
  await expect(text).toMatchFileSnapshot(path)
})

/** Docstrings in lines of at most 120 characters. */
const wrapped = (text: string): string =>
  text.replace(/^ {2}\/\*\* (.*) \*\/$/gm, (whole: string, words: string) => {
    if (whole.length <= 130) return whole
    const lines = ['']
    for (const word of words.split(' ')) {
      if (`${lines.at(-1)!} ${word}`.length > 115) lines.push('')
      lines[lines.length - 1] = `${lines.at(-1)!} ${word}`
    }
    return `  /**\n${lines.map((line) => `   *${line}`).join('\n')}\n   */`
  })

test('and has the type that it is checked for', () => {
  expectTypeOf<FitSettings>().toEqualTypeOf<Readonly<Partial<FitOptions>>>()
})
