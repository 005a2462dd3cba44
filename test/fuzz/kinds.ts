import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { random, type RandomStream } from '../../src/random.js'
import { mutateArrow } from './mutators/arrow.js'
import { mutateCsv } from './mutators/csv.js'
import { mutateParquet } from './mutators/parquet.js'
import { mutateSafetensors } from './mutators/safetensors.js'
import { mutateYaml } from './mutators/yaml.js'

/** One damaged input: the file to write and the command line that is given it. */
export interface Case {
  readonly file: string
  readonly bytes: Buffer
  readonly words: readonly string[]
  /** Milliseconds after which Ctrl-C is pressed: training would go on. */
  readonly interrupt?: number
}

/** Damaged inputs of a kind; each is a function of the seed and its number. */
export type Cases = (seed: number, number: number) => Case

export const kinds = ['csv', 'parquet', 'arrow', 'model', 'checkpoint', 'yaml'] as const
export type Kind = (typeof kinds)[number]

const tiny = [
  '--latents',
  '2',
  '--encoder-units',
  '3',
  '--encoder-field-units',
  '3',
  '--field-units',
  '3',
  '--decoder-units',
  '0',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--min-steps',
  '1',
]
const visits =
  'id,time,a,b,sex\n' +
  Array.from(
    { length: 30 },
    (_, i) =>
      `p${i % 6},${Math.floor(i / 6) + (i % 3) / 10},${(Math.sin(i) * 10).toFixed(3)},${i % 4 === 0 ? '' : i * 1.5},${i % 2 === 0 ? 'f' : 'm'}`,
  ).join('\n') +
  '\n'
const long =
  'patient;date;test;result\n' +
  Array.from(
    { length: 24 },
    (_, i) => `anna-${i % 4};2024-0${1 + Math.floor(i / 8)}-1${i % 8};${i % 2 === 0 ? 'urea' : 'CRP'};${i},${i % 10}`,
  ).join('\n') +
  '\n'
const yaml = 'id: id\ntime: time\nvalues: [a, b]\nmissing: [none, "-9"]\nduplicates: mean\nformat: wide\ndecimal: "."\n'

/** Runs a command line, presses Ctrl-C after so many milliseconds, and tells the exit code. */
export type Run = (words: readonly string[], interrupt?: number) => Promise<number>

/** Writes whole inputs into a folder by the command line itself, which `run` runs there. */
export async function prepare(folder: string, run: Run): Promise<Record<Kind, Cases>> {
  const good = async (...words: string[]): Promise<void> => {
    const code = await run(words)
    if (code !== 0) throw new Error(`latent-ode ${words.join(' ')} ended with ${code}`)
  }
  writeFileSync(join(folder, 'visits.csv'), visits)
  for (const ending of ['parquet', 'arrow'])
    await good('simulate', 'spirals', '--series', '9', '--points', '6', '--cells-observed', '0.7', '--quiet', '--out', `whole.${ending}`)
  await good('fit', 'visits.csv', '--values', 'a,b', ...tiny, '--epochs', '2', '--quiet', '--out', 'whole.model.safetensors')
  const bytes = (name: string): Buffer => readFileSync(join(folder, name))
  const encoded = Buffer.from(
    parquetWriteBuffer({
      codec: 'UNCOMPRESSED',
      columnData: [
        { name: 'id', data: Array.from({ length: 40 }, (_, i) => `patient-${i >> 2}`), type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
        { name: 'time', data: Array.from({ length: 40 }, (_, i) => BigInt(i & 3)), type: 'INT64', encoding: 'DELTA_BINARY_PACKED' },
        {
          name: 'x',
          data: Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? null : Math.sin(i))),
          type: 'DOUBLE',
          encoding: 'BYTE_STREAM_SPLIT',
        },
        { name: 'flag', data: Array.from({ length: 40 }, (_, i) => i % 3 === 0), type: 'BOOLEAN', encoding: 'RLE' },
        { name: 'word', data: Array.from({ length: 40 }, (_, i) => `w${i}`), type: 'STRING', encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
      ],
    }),
  )
  const [parquet, arrow, model] = [bytes('whole.parquet'), bytes('whole.arrow'), bytes('whole.model.safetensors')]
  // Training that is interrupted leaves one.
  const interrupted = await run(
    [
      'fit',
      'visits.csv',
      '--values',
      'a,b',
      ...tiny,
      '--epochs',
      '100000',
      '--patience',
      '0',
      '--quiet',
      '--out',
      'unfinished.model.safetensors',
    ],
    1000,
  )
  if (interrupted !== 130) throw new Error(`a fit that was interrupted ended with ${interrupted}`)
  const checkpoint = bytes('unfinished.checkpoint.safetensors')
  const one = <T>(of: readonly T[], stream: RandomStream): T => of[stream.integer(of.length)]!
  const numbered =
    (kind: Kind, make: (stream: RandomStream) => Case): Cases =>
    (seed, number) =>
      make(random(seed, kind, number))
  return {
    csv: numbered('csv', (stream) => ({
      file: 'case.csv',
      bytes: mutateCsv(stream.integer(2) === 0 ? visits : long, stream),
      words: ['inspect', 'case.csv', ...(stream.integer(3) === 0 ? ['--json'] : [])],
    })),
    parquet: numbered('parquet', (stream) => ({
      file: 'case.parquet',
      bytes: mutateParquet(one([parquet, encoded], stream), stream, arrow),
      words: ['inspect', 'case.parquet'],
    })),
    arrow: numbered('arrow', (stream) => ({
      file: 'case.arrow',
      bytes: mutateArrow(arrow, stream, parquet),
      words: ['inspect', 'case.arrow'],
    })),
    model: numbered('model', (stream) => ({
      file: 'case.safetensors',
      bytes: mutateSafetensors(model, stream),
      words: one(
        [
          ['inspect', 'case.safetensors'],
          ['predict', 'case.safetensors', 'visits.csv', '--horizon', '1', '--samples', '2', '--out', 'forecast.csv', '--quiet'],
          ['evaluate', 'case.safetensors', 'visits.csv', '--all', '--samples', '2', '--quiet'],
        ],
        stream,
      ),
    })),
    checkpoint: numbered('checkpoint', (stream) => ({
      file: 'case.checkpoint.safetensors',
      bytes: mutateSafetensors(checkpoint, stream),
      words: one(
        [
          ['inspect', 'case.checkpoint.safetensors'],
          ['fit', 'visits.csv', '--resume', '--checkpoint', 'case.checkpoint.safetensors', '--out', 'resumed.model.safetensors', '--quiet'],
        ],
        stream,
      ),
      interrupt: 200,
    })),
    yaml: numbered('yaml', (stream) => ({
      file: 'options.yaml',
      bytes: mutateYaml(yaml, stream),
      words: ['inspect', 'visits.csv', '--config', 'options.yaml'],
    })),
  }
}
