import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../src/cli/run.js'
import { insideOfPage, type Inside } from '../../src/report/inside.js'
import { readModel, writeModel } from '../../src/train/modelFile.js'
import { fakeIo, run, runJson, useFolder, type Result } from './io.js'

useFolder()
const tiny = [
  '--epochs',
  '2',
  '--latents',
  '2',
  '--encoder-units',
  '4',
  '--encoder-field-units',
  '4',
  '--field-units',
  '4',
  '--decoder-units',
  '4',
  '--samples',
  '1',
  '--validation-samples',
  '1',
  '--batch-size',
  '4',
  '--min-steps',
  '1',
  '--quiet',
]
const model = 'one.model.safetensors'
/** Enough of the models that a report is made in a moment. */
const quick = ['--samples', '5'] as const

interface Document {
  readonly out: string
  readonly format: string
  readonly title: string
  readonly series: string[]
  readonly figures?: string[]
  readonly notices: string[]
}

const report = async (...words: string[]): Promise<Result> => {
  const result = await run('report', model, 'spirals.csv', ...quick, ...words)
  expect(result.err).not.toContain('latent-ode:')
  expect(result.code).toBe(0)
  return result
}

const refused = async (...words: string[]): Promise<string> => {
  const before = readdirSync('.', { recursive: true }).sort()
  const { code, out, err } = await run('report', ...words, '--quiet')
  expect([code, out]).toEqual([2, ''])
  expect(readdirSync('.', { recursive: true }).sort()).toEqual(before)
  return err
}

beforeAll(async () => {
  await run('simulate', 'spirals', '--series', '24', '--points', '8', '--seed', '2')
  await run('fit', 'spirals.csv', ...tiny, '--out', model)
  await run('fit', 'spirals.csv', ...tiny, '--latents', '3', '--out', 'two.model.safetensors')
}, 60_000)

beforeEach(() => {
  for (const name of readdirSync('.')) if (!/^(spirals\.csv|(one|two)\.model\.safetensors)$/.test(name)) rmSync(name, { recursive: true })
})

const isSvg = (text: string): boolean => text.startsWith('<svg xmlns="http://www.w3.org/2000/svg"') && text.endsWith('</svg>\n')
const isPng = (bytes: Buffer): boolean => bytes.subarray(1, 4).toString() === 'PNG'

describe('formats', () => {
  test('the ending of --out decides, --format where there is none', async () => {
    await report('--out', 'a.svg')
    expect(isSvg(readFileSync('a.svg', 'utf8'))).toBe(true)
    await report('--out', 'a.PNG', '--scale', '1', '--width', '400')
    const png = readFileSync('a.PNG')
    expect([isPng(png), png.readUInt32BE(16)]).toEqual([true, 400])
    await report('--format', 'svg')
    expect(isSvg(readFileSync('spirals.report.svg', 'utf8'))).toBe(true)
    await report('--out', 'page.htm')
    expect(readFileSync('page.htm', 'utf8')).toMatch(/^<!doctype html>/)
    expect((await report('--format', 'svg', '--out', '-')).out).toMatch(/^<svg /)
  })

  test('Markdown: each figure that it shows lies beside it, and no other', async () => {
    const { out } = await report('--out', 'a.md', '--series', '2')
    expect(out).toMatch(/^a\.md and \d+ figures in a\.figures \(\d+ KiB\)\. Keep them together\./)
    const shown = [...readFileSync('a.md', 'utf8').matchAll(/\]\(a\.figures\/([^)]*)\)/g)].map(([, name]) => name)
    expect(shown.length).toBeGreaterThan(5)
    expect(readdirSync('a.figures').sort()).toEqual(shown.sort())
    for (const name of readdirSync('a.figures')) expect(isSvg(readFileSync(`a.figures/${name}`, 'utf8'))).toBe(true)
  })

  test('a folder gets each figure as a file; what is there already stays', async () => {
    const { document } = await runJson<Document>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--format',
      'svg',
      '--out',
      'figures',
      '--series',
      '1',
    )
    expect(readdirSync('figures').sort()).toEqual([...document.figures!].sort())
    expect(document.figures).toContain('errors.svg')
    expect(document.figures).toContain(`series-${document.series[0]!}.svg`)
    writeFileSync('figures/mine.txt', 'mine')
    await report('--format', 'png', '--out', 'figures/', '--series', '0', '--scale', '0.5')
    expect(readFileSync('figures/mine.txt', 'utf8')).toBe('mine')
    expect(isPng(readFileSync('figures/errors.png'))).toBe(true)
    expect(existsSync('figures/errors.svg')).toBe(true)
  })

  test('--theme and --width', async () => {
    await report('--out', 'light.svg', '--width', '500')
    await report('--out', 'dark.svg', '--theme', 'dark')
    expect(readFileSync('light.svg', 'utf8')).toContain('<rect width="500" height=')
    expect(readFileSync('dark.svg', 'utf8')).toContain('fill="#1b2127"')
  })

  test('the same figures as in Markdown, whenever they are made', async () => {
    const made = async (out: string): Promise<string> => {
      const io = fakeIo({ SOURCE_DATE_EPOCH: '86400' })
      expect(await runCommandLine(['report', model, 'spirals.csv', ...quick, '--out', out], io)).toBe(0)
      return readFileSync(out, 'utf8')
    }
    const page = await made('a.md')
    expect(page).toContain('Made 1970-01-02 by')
    expect((await made('b.md')).replaceAll('b.figures', 'a.figures')).toBe(page)
    const html = await made('a.html')
    expect(html).toContain('datetime="1970-01-02T00:00:00.000Z"')
    expect(await made('b.html')).toBe(html)
    const io = fakeIo({ SOURCE_DATE_EPOCH: 'yesterday' })
    expect(await runCommandLine(['report', model, 'spirals.csv', '--out', 'c.html'], io)).toBe(2)
    expect(io.text.err).toBe('latent-ode: SOURCE_DATE_EPOCH is "yesterday", but must be a whole number of seconds since 1970.\n')
  })

  test.each<[string[], string]>([
    [
      ['--format', 'svg', '--out', 'a.html'],
      '--format svg and --out a.html contradict each other: that ending is of html. Change one of them.',
    ],
    [
      ['--out', 'a.pdf'],
      '--out a.pdf: what to write cannot be told from the ending .pdf. End the name in .html, .svg, .png, .md, or say --format.',
    ],
    [['--out', 'a/'], '--out a/ names a folder, and html is a file.'],
    [['--format', 'md', '--out', '-'], 'Markdown has its figures in files beside it, so it cannot go to standard output.'],
    [['--format', 'png', '--out', '-'], 'PNG files are not text, so they do not go to standard output.'],
    [['--scale', '3'], '--scale goes with --format png, not with html. Leave it out.'],
    [['--theme', 'dark', '--out', 'a.html'], '--theme goes with --format svg or png or md, not with html.'],
    [['--format', 'gif'], '--format is "gif", but must be one of html, svg, png, md.'],
    [['--format', 'long'], '--format is "long", but must be one of html, svg, png, md.'],
    [['--width', '10'], '--width is 10, but must be a whole number from 240 to 4000.'],
    [['--out', 'a.svg', '--series', '0'], 'No series is drawn, so a.svg would be empty.'],
    [['--out', 'none/a.md'], 'none/a.md: there is no folder "none".'],
    [['--format', 'svg', '--out', 'none/figures'], 'there is no folder "none".'],
    [['--format', 'svg', '--out', 'spirals.csv'], 'spirals.csv: this file is read by the same command'],
    [['--format', 'svg', '--out', 'two.model.safetensors'], 'two.model.safetensors: this is a file, where a folder should be.'],
    [['--ids', 'a', '--series', '3'], '--ids says which series to draw and --series how many. Leave one of them out.'],
  ])('%j is refused', async (words, message) => expect(await refused(model, 'spirals.csv', ...quick, ...words)).toContain(message))

  test('--layout says how the table is laid out', async () => {
    writeFileSync(
      'long.csv',
      `id,time,channel,value\n${readFileSync('spirals.csv', 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .flatMap((line) => {
          const [id, time, x, y] = line.split(',')
          return [`${id!},${time!},x,${x!}`, `${id!},${time!},y,${y!}`]
        })
        .join('\n')}\n`,
    )
    const { code, err } = await run('report', model, 'long.csv', ...quick, '--layout', 'long', '--out', 'long.svg')
    expect([code, err.includes('latent-ode:')]).toEqual([0, false])
    expect(await refused(model, 'long.csv', ...quick, '--layout', 'wide')).toContain('long.csv')
  })
})

describe('what is in the files', () => {
  test('is counted in the file, and told', async () => {
    const { document } = await runJson<Document & { inside: Inside }>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--series',
      '2',
      '--out',
      'a.html',
    )
    const page = readFileSync('a.html', 'utf8')
    expect(document.inside).toEqual(insideOfPage(page))
    // 24 series of 8 times and 2 channels.
    expect(document.inside).toMatchObject({
      named: document.series,
      drawn: { series: 2, values: 32 },
      model: { series: 2, values: 32 },
      timelines: 2,
      summaries: 2,
    })
    const { out } = await report('--series', '2', '--no-live', '--out', 'a.html')
    expect(out).toMatch(
      / It holds 32 observed values of 2 series; the times at which 2 series were observed; .* Named are 2 series: \d+, \d+\. \d+ marks of other series, such as errors, are without id, time, value or label\. Pass it on only to those/,
    )
  })

  test('--name-all names all', async () => {
    const { document } = await runJson<Document & { inside: Inside }>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--series',
      '1',
      '--name-all',
      '--out',
      'a.html',
    )
    expect(document.inside).toMatchObject({ timelines: 24, summaries: 24, unnamed: 0 })
    expect(document.inside.named).toHaveLength(24)
    expect((await report('--name-all', '--series', '1', '--out', 'a.md')).out).toContain(
      'They hold 16 observed values of 1 series; the times at which 24 series were observed.',
    )
  })

  test('labels without --name-all are those of what is drawn, which is said', async () => {
    writeFileSync('sides.csv', `id,side\n${Array.from({ length: 24 }, (_, i) => `${i + 1},side-${i + 1}-of`).join('\n')}\n`)
    const { err } = await report('--labels', 'sides.csv', '--series', '2', '--out', 'a.html')
    expect(err).toContain('The labels are shown of the series that are drawn only; --name-all names and colours all of them.')
    expect(new Set(readFileSync('a.html', 'utf8').match(/side-\d+-of/g))).toHaveLength(2)
    const all = await report('--labels', 'sides.csv', '--series', '2', '--name-all', '--out', 'a.html')
    expect(all.err).not.toContain('--name-all')
    expect(new Set(readFileSync('a.html', 'utf8').match(/side-\d+-of/g)).size).toBeGreaterThan(20)
  })
})

describe('--ids', () => {
  test('draws these, in this order, also such as were trained on, and says so', async () => {
    const { split } = await readModel(model)
    const ids = [split.train[0]!, split.test[0]!]
    const { document } = await runJson<Document>('report', model, 'spirals.csv', ...quick, '--ids', ids.join(','), '--out', 'a.html')
    expect(document.series).toEqual(ids)
    expect(document.notices).toContain('The model was trained on 1 of the 2 series drawn: their forecasts flatter it.')
    const fair = await runJson<Document>('report', model, 'spirals.csv', ...quick, '--ids', split.test[0]!, '--out', 'a.html')
    expect(fair.document.notices.join()).not.toContain('flatter')
  })

  test('an unknown one is an error with what there is', async () => {
    expect(await refused(model, 'spirals.csv', ...quick, '--ids', '3,99')).toBe(
      'latent-ode: spirals.csv, column "id", series "99": there is no such series. Did you mean "9"?\n',
    )
  })

  test('also in a configuration file', async () => {
    writeFileSync('c.yaml', 'ids: ["3"]\nout: a.svg\n')
    expect((await runJson<Document>('report', model, 'spirals.csv', ...quick, '--config', 'c.yaml')).document.series).toEqual(['3'])
  })
})

describe('--compare', () => {
  const compare = async (...words: string[]): Promise<Document> => {
    const { code, document } = await runJson<Document>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--compare',
      'two.model.safetensors',
      ...words,
    )
    expect(code).toBe(0)
    return document
  }

  test('both models have the scores that evaluate gives each', async () => {
    await compare('--out', 'a.html', '--samples', '20')
    const page = readFileSync('a.html', 'utf8')
    for (const task of ['interpolation', 'extrapolation']) {
      const [a, b] = await Promise.all(
        [model, 'two.model.safetensors'].map(
          async (file) =>
            (await runJson<{ mse: number; nll: number }>('evaluate', file, 'spirals.csv', '--task', task, '--samples', '20')).document,
        ),
      )
      // The whole numbers are in the markup.
      const exact = [...page.matchAll(/<data value="([^"]*)">/g)].map(([, value]) => Number(value))
      for (const value of [a!.mse, b!.mse, a!.nll, b!.nll, b!.mse - a!.mse])
        expect(exact.some((shown) => Math.abs(shown - value) < 1e-12)).toBe(true)
    }
  })

  test('every format', async () => {
    expect(await compare('--out', 'a.md', '--series', '2')).toMatchObject({ format: 'md', title: 'one and two, compared on spirals.csv' })
    const page = readFileSync('a.md', 'utf8')
    expect(page).toMatch(/\*\*On 4 series that neither model was fitted to, the errors? of /)
    expect(page).toContain('| **Model** | Latents | 2 | 3 |')
    const shown = [...page.matchAll(/\]\(a\.figures\/([^)]*)\)/g)].map(([, name]) => name)
    expect(readdirSync('a.figures').sort()).toEqual(shown.sort())
    expect(shown).toEqual(expect.arrayContaining(['differences.svg', 'errors-by-series.svg', 'calibration.svg', 'training.svg']))
    await compare('--out', 'a.svg')
    expect(isSvg(readFileSync('a.svg', 'utf8'))).toBe(true)
    expect((await compare('--format', 'png', '--out', 'figures', '--scale', '0.5')).figures).toContain('differences.png')
    expect(isPng(readFileSync('figures/differences.png'))).toBe(true)
  })

  test('models with other test series share few or none', async () => {
    await run('fit', 'spirals.csv', ...tiny, '--seed', '5', '--test-fraction', '0.5', '--out', 'half.model.safetensors')
    const [one, half] = [await readModel(model), await readModel('half.model.safetensors')]
    const shared = one.split.test.filter((id) => half.split.test.includes(id))
    expect(shared.length).toBeGreaterThan(0)
    expect(shared.length).toBeLessThan(one.split.test.length)
    const { document } = await runJson<Document>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--compare',
      'half.model.safetensors',
      '--series',
      '9',
      '--out',
      'a.md',
    )
    expect([...document.series].sort()).toEqual([...shared].sort())
    expect(document.notices).toContain(
      `Of the series that are new to them, ${one.split.test.length} and ${half.split.test.length}, the models share ` +
        `${shared.length}; only these are scored.`,
    )
    expect(document.notices.join()).toContain('All scores are on the scale of one.')

    await writeModel('none.model.safetensors', {
      ...half,
      split: { ...half.split, test: half.split.test.filter((id) => !shared.includes(id)) },
    })
    const none = ['--compare', 'none.model.safetensors']
    expect(await refused(model, 'spirals.csv', ...quick, ...none)).toMatch(
      /No series of spirals\.csv was kept for testing by both models.*Fit both with the same --seed and --test-fraction/,
    )
    const all = await runJson<Document>('report', model, 'spirals.csv', ...quick, ...none, '--all', '--series', '30', '--out', 'b.md')
    expect(all.document.series).toHaveLength(24)
    expect(all.document.notices).toContain('one was fitted to 20 of the 24 series: the scores flatter it.')
  })

  test('a series that one of them was fitted to is not drawn', async () => {
    const { split } = await readModel(model)
    expect(await refused(model, 'spirals.csv', ...quick, '--compare', 'two.model.safetensors', '--ids', split.train[0]!)).toMatch(
      /one of the models was fitted to the series ".*", so it cannot be used to compare them\. Name others, such as /,
    )
    expect((await compare('--ids', split.test[1]!, '--out', 'a.svg')).series).toEqual([split.test[1]])
  })

  test('new data: all series count, with a warning where the ids are known', async () => {
    await run('simulate', 'spirals', '--series', '5', '--points', '8', '--seed', '9', '--out', 'new.csv')
    const { document } = await runJson<Document>(
      'report',
      model,
      'new.csv',
      ...quick,
      '--compare',
      'two.model.safetensors',
      '--out',
      'a.md',
    )
    expect(document.notices.filter((text) => text.includes('was fitted to another file'))).toHaveLength(2)
    expect(readFileSync('a.md', 'utf8')).toContain('On 5 series that neither model was fitted to')
  })

  test('models that cannot be compared', async () => {
    await run('fit', 'spirals.csv', ...tiny, '--values', 'x', '--out', 'x.model.safetensors')
    expect(await refused(model, 'spirals.csv', '--compare', 'x.model.safetensors')).toBe(
      'latent-ode: The models cannot be compared, since their channels differ: x.model.safetensors does not know "y". Fit both to ' +
        'the same columns (--values).\n',
    )
    const two = await readModel('two.model.safetensors')
    await writeModel('dates.model.safetensors', {
      ...two,
      time: { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00.000Z', dateOnly: true },
    })
    expect(await refused(model, 'spirals.csv', '--compare', 'dates.model.safetensors')).toContain(
      'they count time in different ways: one.model.safetensors in numbers, dates.model.safetensors in days since 2020-01-01',
    )
    expect(await refused(model, 'spirals.csv', '--compare', 'none.safetensors')).toContain('There is no file none.safetensors')
    expect(await refused(model, 'spirals.csv', '--compare', 'spirals.csv')).toContain('spirals.csv is not a usable safetensors file')
  })

  test('models with the same channels in another order are compared channel by channel', async () => {
    await run('fit', 'spirals.csv', ...tiny, '--values', 'y,x', '--out', 'turned.model.safetensors')
    expect((await readModel('turned.model.safetensors')).channels).toEqual(['y', 'x'])
    const { document } = await runJson<Document>(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--compare',
      'turned.model.safetensors',
      '--out',
      'a.html',
      '--samples',
      '20',
    )
    expect(document.series).toHaveLength(4)
    const page = readFileSync('a.html', 'utf8')
    const evaluated = (
      await runJson<{ channels: Record<string, { mse: number }> }>(
        'evaluate',
        'turned.model.safetensors',
        'spirals.csv',
        '--task',
        'extrapolation',
        '--samples',
        '20',
      )
    ).document
    const exact = [...page.matchAll(/<data value="([^"]*)">/g)].map(([, value]) => Number(value))
    for (const channel of ['x', 'y']) expect(exact.some((shown) => Math.abs(shown - evaluated.channels[channel]!.mse) < 1e-9)).toBe(true)
  })
})

describe('nothing is left half-made', () => {
  test('a folder that cannot be written', async () => {
    mkdirSync('figures')
    mkdirSync('figures/errors.svg')
    const before = readdirSync('figures')
    const { code, err } = await run(
      'report',
      model,
      'spirals.csv',
      ...quick,
      '--format',
      'svg',
      '--out',
      'figures',
      '--series',
      '0',
      '--quiet',
    )
    expect(code).toBe(2)
    expect(err).toContain('errors.svg: this is a directory')
    expect(readdirSync('figures').filter((name) => name.includes('tmp'))).toEqual([])
    expect(readdirSync('figures')).toEqual(before)
  })
})
