import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { run, runJson, useFolder } from '../io.js'
import { good, model, useFittedModel } from './support.js'

const folder = useFolder()
useFittedModel(folder)

describe('evaluate', () => {
  interface Scores {
    mse: number
    nll: number
    points: number
    coverage: Record<string, number>
    baselines: Record<string, { mse: number }>
    against: { baseline: string; change: number; low: number | null; high: number | null; series: number }
  }
  interface Document extends Scores {
    task: string
    scoring: string
    split: string
    series: number
    skipped: number
    shown?: number
    cut?: number | string
    fittedTo: boolean
    channels: Record<string, Scores & { mseOriginal: number }>
  }
  const evaluate = async (...words: string[]): Promise<Document> => {
    const { code, document } = await runJson<Document>('evaluate', model, 'spirals.csv', '--samples', '20', ...words)
    expect(code).toBe(0)
    return document
  }

  test('--json has the published keys; only test series of a file that was fitted to', async () => {
    const document = await evaluate()
    expect(document).toMatchObject({
      task: 'interpolation',
      scoring: 'held-out',
      split: 'test',
      series: 2,
      skipped: 0,
      shown: 0.5,
      fittedTo: true,
    })
    // 2 series of 8 rows, half of them held out, 2 channels.
    expect(document.points).toBe(16)
    expect(Object.keys(document.channels)).toEqual(['x', 'y'])
    for (const scores of [document, ...Object.values(document.channels)]) {
      expect(Object.keys(scores.coverage)).toEqual(['50', '90'])
      expect(Object.keys(scores.baselines)).toEqual(['mean', 'locf', 'linear'])
      for (const value of [
        scores.mse,
        scores.nll,
        ...Object.values(scores.coverage),
        ...Object.values(scores.baselines).map(({ mse }) => mse),
      ])
        expect(Number.isFinite(value)).toBe(true)
    }
    // The total is the mean over points of the channels, which have 8 each.
    expect(document.mse).toBeCloseTo((document.channels['x']!.mse + document.channels['y']!.mse) / 2, 10)
  })

  test('a file with the same ids that is not the one fitted to: a warning', async () => {
    folder.write('grown.csv', `${readFileSync('spirals.csv', 'utf8')}new,0,1,1\nnew,1,2,2\n`)
    const { err } = await good('evaluate', model, 'grown.csv', '--samples', '5')
    expect(err).toContain('Warning: 10 of these series bear the id of one that the model was trained on.')
  })

  test('the table for humans shows the same numbers, and which series were used', async () => {
    const document = await evaluate()
    const { out } = await good('evaluate', model, 'spirals.csv', '--samples', '20')
    const total = out
      .split('\n')
      .find((line) => line.startsWith('all '))!
      .split(/\s+/)
    expect(Number(total[1])).toBe(16)
    expect(Number(total[2])).toBe(Number(document.mse.toPrecision(3)))
    expect(total.slice(3, 6).map(Number)).toEqual(
      ['mean', 'locf', 'linear'].map((name) => Number(document.baselines[name]!.mse.toPrecision(3))),
    )
    expect(out).toContain(
      'Scored on 2 series of spirals.csv that were kept for testing; the model was fitted with the other 10 (--all scores them too).',
    )
    expect(out).toContain('16 values scored: those held out.')
    expect(out).toMatch(/linear +beats last +NLL/)
    for (const name of ['x', 'y']) {
      const { mse, baselines } = document.channels[name]!
      expect(out).toMatch(new RegExp(`\\n${name} .* ${mse < baselines['locf']!.mse ? 'yes' : 'no'} `))
    }
    expect(out).toMatch(/\nIn .* channels .*the model's error (is )?below that of the last value carried forward/)
    expect(out).toMatch(/The model's error is .* \(2 series, too few for an interval\)\./)
    expect(document.against).toMatchObject({ low: null, high: null, series: 2 })
  })

  test('--task extrapolation', async () => {
    const document = await evaluate('--task', 'extrapolation')
    expect(document.task).toBe('extrapolation')
    expect(document.cut).toBe(0.5)
    expect(document).not.toHaveProperty('shown')
    expect(Object.keys(document.baselines)).toEqual(['mean', 'locf'])
    expect((await good('evaluate', model, 'spirals.csv', '--task', 'extrapolation', '--samples', '2')).out).toContain(
      "Extrapolation: the model is shown the first half of each series' span of time.",
    )
  })

  test('--shown', async () => {
    // 8 rows: a quarter is 2 shown, 6 held out of each of 2 series, 2 channels.
    expect(await evaluate('--shown', '0.25')).toMatchObject({ shown: 0.25, points: 24 })
    expect((await evaluate('--shown', '0')).points).toBe(32)
    expect((await good('evaluate', model, 'spirals.csv', '--shown', '0', '--samples', '2')).out).toContain(
      'Interpolation: the model is shown nothing of each series.',
    )
  })

  test('--cut', async () => {
    const ahead = ['--task', 'extrapolation', '--cut']
    expect(await evaluate(...ahead, '3 rows')).toMatchObject({ cut: '3 rows', points: 20 })
    expect((await evaluate(...ahead, 'next 1')).points).toBe(4)
    expect((await evaluate(...ahead, '0')).points).toBe(28)
    expect((await good('evaluate', model, 'spirals.csv', ...ahead, 'next 3', '--samples', '2')).out).toContain(
      'Extrapolation: the model is shown all but the last 3 rows of each series.',
    )
    for (const [cut, message] of [
      ['12', 'If it is a time, write "at 12"'],
      ['nxt 3', 'The cut "nxt 3" is none.'],
      ['8 rows', 'The cut "8 rows" leaves nothing to score'],
      ['at noon', 'In the cut "at noon": The time "noon" is no finite number.'],
    ] as const) {
      const { code, err } = await run('evaluate', model, 'spirals.csv', ...ahead, cut)
      expect([code, err]).toEqual([2, expect.stringContaining(message)])
    }
    const refused = await run('evaluate', model, 'spirals.csv', ...ahead, '0.3', '--scoring', 'published')
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('no other cut goes with it')])
  })

  test('series without a row after the cut are counted', async () => {
    folder.write('uneven.csv', 'id,time,x,y\na,0,1,2\na,1,2,1\na,2,2,1\nb,0,1,1\nb,1,1,1\n')
    expect((await good('evaluate', model, 'uneven.csv', '--task', 'extrapolation', '--cut', '2 rows', '--samples', '2')).out).toContain(
      '1 more has no row after the cut and is left out.',
    )
  })

  test('--scoring published scores every point', async () => {
    expect(await evaluate('--scoring', 'published')).toMatchObject({ scoring: 'published', points: 32 })
  })

  test('--all scores the others too, and says so', async () => {
    expect(await evaluate('--all')).toMatchObject({ split: 'all', series: 12, points: 96 })
    const { out, err } = await good('evaluate', model, 'spirals.csv', '--samples', '2', '--all')
    expect(out).toMatch(/The model's error (is|shows) .* \(95 % interval: .* (below|above)\)\./)
    expect(out).toContain('Scored on all 12 series of spirals.csv, those that the model was fitted to among them (--all).')
    expect(err).toContain('Warning: These scores include series that the model was fitted to: they flatter it.')
  })

  test('data that it was not fitted to: all series, and those too short are counted', async () => {
    const { write } = folder
    write('others.csv', 'id,time,x,y\na,0,1,2\na,1,2,1\na,1.2,2,1\nb,0,1,1\n')
    const { document } = await runJson<Document>('evaluate', model, 'others.csv', '--samples', '5')
    expect(document).toMatchObject({ split: 'all', series: 1, skipped: 1, fittedTo: false })
    expect((await good('evaluate', model, 'others.csv', '--samples', '5')).out).toContain(
      'Scored on the one series of others.csv, which is not the file that the model was fitted to. 1 more has fewer than two rows ' +
        'and is left out.',
    )
  })

  test('--samples and --seed', async () => {
    const [a, b, c, d] = [await evaluate(), await evaluate(), await evaluate('--seed', '3'), await evaluate('--samples', '30')]
    expect(a).toEqual(b)
    expect(a.mse).not.toBe(c.mse)
    expect(a.mse).not.toBe(d.mse)
  })
})
