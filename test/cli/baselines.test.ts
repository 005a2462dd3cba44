import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { readModel } from '../../src/train/modelFile.js'
import { run, runJson, useFolder } from './io.js'

const folder = useFolder()
const model = 'gp.model.safetensors'

beforeAll(async () => {
  await run('simulate', 'oscillators', '--series', '24', '--points', '10', '--regular')
  const { code, err } = await run('fit', 'oscillators.csv', '--model', 'gp', '--out', model)
  expect([code, err]).toEqual([0, expect.not.stringContaining('latent-ode:') as string])
}, 60_000)

describe('a Gaussian process', () => {
  test('fit says what it found, in words and in numbers', async () => {
    const { code, document } = await runJson('fit', 'oscillators.csv', '--model', 'gp', '--out', 'again.model.safetensors')
    expect(code).toBe(0)
    expect(document).toMatchObject({
      parameters: 54,
      engine: 'host float64',
      estimation: { found: [expect.any(String), expect.any(String)] },
    })
    expect(document).not.toHaveProperty('epochs')
    const { estimation } = document as { estimation: Record<'logLikelihood' | 'gaps' | 'ahead', number> }
    for (const score of ['logLikelihood', 'gaps', 'ahead'] as const) expect(Number.isFinite(estimation[score])).toBe(true)
    const { out } = await run('fit', 'oscillators.csv', '--model', 'gp', '--out', 'again.model.safetensors')
    expect(out).toMatch(/Estimated {3,}in one go, in /)
    expect(out).toMatch(/Validation {2,}negative log density -?[\d.]+ between values shown, -?[\d.]+ after values shown/)
    expect(out).toMatch(/Found {3,}position: (ou|matern32) of sd /)
    expect(out).not.toContain('epoch')
    expect(existsSync('again.checkpoint.safetensors') || existsSync('oscillators.checkpoint.safetensors')).toBe(false)
  })

  test('predict: quantiles and joint paths', async () => {
    const { code, out } = await run('predict', model, 'oscillators.csv', '--horizon', '2', '--out', '-')
    expect(code).toBe(0)
    const rows = out.trim().split('\n')
    expect(rows[0]).toBe('id,time,channel,mean,sd,q05,q25,q50,q75,q95')
    expect(rows.slice(1).every((row) => row.split(',').slice(3).map(Number).every(Number.isFinite))).toBe(true)
    const paths = await run('predict', model, 'oscillators.csv', '--horizon', '2', '--paths', '3', '--out', '-')
    expect(paths.code).toBe(0)
  })

  test.each(['interpolation', 'extrapolation'])('evaluate: %s', async (task) => {
    const { code, document } = await runJson('evaluate', model, 'oscillators.csv', '--task', task)
    expect(code).toBe(0)
    const { mse, nll } = (document['evaluation'] ?? document) as { mse: number; nll: number }
    expect([Number.isFinite(mse), Number.isFinite(nll)]).toEqual([true, true])
  })

  test('report: no epochs and no solver, but what was found', async () => {
    const { code } = await run('report', model, 'oscillators.csv', '--out', 'gp.report.html')
    expect(code).toBe(0)
    const page = readFileSync('gp.report.html', 'utf8')
    expect(page).toContain('A Gaussian process of oscillators.csv')
    expect(page).toContain('Log density of a training value')
    expect(page).not.toContain('What the solver did')
    expect(page).not.toContain('<dt>epochs</dt>')
    expect(page).not.toContain('Learning rate')
  })

  test('inspect', async () => {
    const { code, out } = await run('inspect', model)
    expect(code).toBe(0)
    expect(out).toMatch(/Estimated {3,}in one go/)
    expect(out).not.toContain('epoch')
  })

  test('the file says all of it again', async () => {
    const { kind, estimation, history, scale } = await readModel(model)
    expect([kind, history, scale.origin]).toEqual(['gp', [], 'common'])
    expect(estimation!.found).toHaveLength(2)
  })
})

test.each([
  [['fit', 'oscillators.csv', '--model', 'gp', '--epochs', '5'], 'The model gp is estimated in one go, so it has no use for "epochs"'],
  [
    ['fit', 'oscillators.csv', '--model', 'last', '--latents', '5'],
    'The model last has no option "latents"; latent-ode has. It has none of its own.',
  ],
  [
    ['fit', 'oscillators.csv', '--from', model],
    `${model} holds a model of the kind gp, which is estimated in one go: there is no training to go on with. To estimate it from these ` +
      'data: latent-ode fit oscillators.csv --model gp',
  ],
  [['fit', 'oscillators.csv', '--model', 'gp', '--resume'], 'there is no such checkpoint'],
  [['predict', model, 'oscillators.csv', '--samples', '7', '--out', '-'], 'which draws no samples. Leave out --samples.'],
])('%j is refused, and says why', async (words, message) => {
  const { code, err } = await run(...words)
  expect(code).toBe(2)
  expect(err.replace(/\s+/g, ' ')).toContain(message)
})

test.each(['mixed', 'last', 'linear', 'trend'])('%s: fit and evaluate, of three series too', async (kind) => {
  const rows = ['a', 'b', 'c'].flatMap((id, i) => [0, 1, 2, 3].map((time) => `${id},${time},${i + time * 0.5},7`))
  folder.write('three.csv', ['id,time,x,constant', ...rows].join('\n'))
  expect((await run('fit', 'three.csv', '--model', kind, '--out', 'three.model.safetensors')).code).toBe(0)
  const { code, document } = await runJson('evaluate', 'three.model.safetensors', 'three.csv', '--task', 'extrapolation', '--all')
  expect(code).toBe(0)
  const { mse, nll } = (document['evaluation'] ?? document) as { mse: number; nll: number }
  expect([Number.isFinite(mse), Number.isFinite(nll)]).toEqual([true, true])
})

test('a series of one row each is refused in words', async () => {
  folder.write('single.csv', 'id,time,x\na,0,1\nb,1,2\nc,2,3\n')
  const { code, err } = await run('fit', 'single.csv', '--model', 'gp', '--out', 'single.model.safetensors')
  expect(code).toBe(2)
  expect(err).toContain('has two rows')
})
