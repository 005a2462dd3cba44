import type { RandomStream } from '../../../src/random.js'
import { mutateBytes } from './bytes.js'

const VALUES = [
  '',
  'null',
  '~',
  'true',
  'yes',
  '-1',
  '0',
  '1.5',
  '.inf',
  '.nan',
  '1e999',
  '9007199254740993',
  '0x10',
  '[]',
  '[1, [2]]',
  '{}',
  '{a: b}',
  '"',
  "'",
  '*x',
  '&x 1',
  '!!binary aGk=',
  '!!js/function "f"',
  '|',
  '>',
  '- 1',
  '2024-01-01',
  '💥',
  '__proto__',
]
const LINES = [
  '__proto__: {polluted: 1}',
  'constructor: 1',
  'a: &a [*a]',
  '? [x]: y',
  '---',
  '...',
  '%YAML 9.9',
  '<<: *x',
  '\t- x',
  ': :',
  'id',
  '- id: x',
  'json: true',
  'config: other.yaml',
  'config: options.yaml',
]

/** Options in YAML, damaged: values, keys, indents, constructs that few know, references that multiply, bytes. */
export function mutateYaml(text: string, random: RandomStream): Buffer {
  const one = <T>(of: readonly T[]): T => of[random.integer(of.length)]!
  const lines = text.split('\n')
  for (let left = 1 + random.integer(2); left > 0; left--) {
    const at = random.integer(lines.length)
    const [key = ''] = lines[at]!.split(':')
    switch (random.integer(7)) {
      case 0:
      case 1:
        lines[at] = `${key}: ${one(VALUES)}`
        break
      case 2:
        lines.splice(at, 0, one(LINES))
        break
      case 3:
        lines.splice(at, 0, lines[at]!)
        break
      case 4:
        lines[at] = `${' '.repeat(random.integer(5))}${lines[at]}`
        break
      case 5:
        lines[at] = `${key}${one(['s', 'X', '-', ' ', '.', '\u0000'])}: 1`
        break
      default:
        // Each list holds the one before it ten times.
        lines.push(
          'l0: &l0 [x]',
          ...Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => `*l${i}`).join(', ')}]`),
        )
    }
  }
  const made = Buffer.from(lines.join('\n'))
  return random.integer(4) === 0 ? mutateBytes(made, random) : made
}
