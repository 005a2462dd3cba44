// Prints digests of what a build computes: losses and weights after 20 steps of each model, forecasts, scores, solves with both
// adjoints. Two builds that are to differ in shape only print the same lines:
//
//     node scripts/bits.mjs [folder of a built clone] [data.csv …] > now.txt
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = fileURLToPath(new URL('..', import.meta.url))
const [folder = here, ...given] = process.argv.slice(2)
const root = resolve(folder)
const files = given.length > 0 ? given : [join(here, 'datasets/oscillators.csv')]
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
const scratch = mkdtempSync(join(tmpdir(), 'bits-'))
const cli = (...args) =>
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'] })

/** Header and tensors of a safetensors file. */
function readSafetensors(path) {
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  return { header: JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')), data: bytes.subarray(8 + length) }
}

/** The history of training without what a clock says, and the weights by name. */
function ofModel(path) {
  const { header, data } = readSafetensors(path)
  const described = Object.values(header.__metadata__).map((text) => {
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  })
  const history = described.flatMap((part) =>
    Array.isArray(part?.history) ? part.history : Array.isArray(part) && part[0]?.trainLoss !== undefined ? part : [],
  )
  const losses = history.map(({ trainLoss, validLoss, kl, gradientNorm, evaluations }) => [
    trainLoss,
    validLoss,
    kl,
    gradientNorm,
    evaluations,
  ])
  const weights = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([
        name,
        {
          data_offsets: [from, to],
        },
      ]) => `${name} ${digest(data.subarray(from, to))}`,
    )
  return { losses, last: losses.at(-1), weights: digest(weights.join('\n')) }
}

const variants = [
  ['latent-ode', []],
  ['latent-ode continuous', ['--adjoint', 'continuous']],
  ['latent-ode rk4 iwae', ['--method', 'rk4', '--objective', 'iwae', '--samples', '3']],
  ['ode-rnn', ['--model', 'ode-rnn']],
]
try {
  for (const file of files) {
    const data = resolve(file)
    for (const [name, options] of variants) {
      const out = join(scratch, 'model.safetensors')
      cli(
        'fit',
        data,
        '--epochs',
        '20',
        '--batch-size',
        '1000',
        '--min-steps',
        '1',
        '--seed',
        '3',
        '--threads',
        '1',
        '--duplicates',
        'mean',
        '--out',
        out,
        ...options,
      )
      const { losses, last, weights } = ofModel(out)
      console.log(
        `${file.split('/').at(-1)} · ${name}: ${losses.length} losses ${digest(JSON.stringify(losses))} (last ${last?.[0]}), weights ${weights}`,
      )
      if (options.length > 0 && name !== 'ode-rnn') continue
      cli('predict', out, data, '--out', 'forecast.csv', '--duplicates', 'mean')
      console.log(`  forecast ${digest(readFileSync(join(scratch, 'forecast.csv')))}`)
      const scores = JSON.parse(cli('evaluate', out, data, '--json', '--duplicates', 'mean').toString('utf8'))
      console.log(
        `  scores ${digest(JSON.stringify(scores.evaluations ?? scores, (key, value) => (/second|version/i.test(key) || (typeof value === 'string' && value.includes(scratch)) ? undefined : value)))}`,
      )
    }
  }
  const ode = await import(pathToFileURL(join(root, 'dist/ode/odeSolve.js')).href)
  const tf = await import(pathToFileURL(join(root, 'node_modules/@tensorflow/tfjs-core/dist/index.js')).href).catch(
    () => import('@tensorflow/tfjs-core'),
  )
  const weights = Array.from({ length: 9 }, (_, i) => [Math.sin(3 * i), Math.cos(5 * i), Math.sin(7 * i + 1)])
  for (const [method, adjoint] of [
    ['dopri5', 'discrete'],
    ['dopri5', 'continuous'],
    ['rk4', 'discrete'],
    ['tsit5', 'discrete'],
    ['dopri8', 'continuous'],
  ]) {
    const solution = await ode.odeSolve(
      (t, z, { w }) => tf.tanh(tf.matMul(tf.concat([z, tf.sin(tf.mul(t, z)), tf.cos(z)], 1), w)),
      [
        [1, 0, 0.5],
        [0.2, -1, 0.3],
      ],
      [0, 0.3, 1.7, 4],
      { w: weights },
      { method, adjoint, record: true, ...(method === 'rk4' && { stepSize: 0.05 }) },
    )
    const { y0, params, times } = solution.pullback(Float64Array.from(solution.values, (_, i) => Math.cos(i)))
    console.log(
      `solve ${method} ${adjoint}: values ${digest(Buffer.from(solution.values.buffer))}, gradients ${digest(JSON.stringify([y0, params, times].map((list) => (ArrayBuffer.isView(list) ? [...list] : list.map((one) => [...one])))))}`,
    )
    solution.dispose()
  }
} finally {
  rmSync(scratch, { recursive: true })
}
