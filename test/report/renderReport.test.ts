import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/renderReport.js'
import type { ReportContents } from '../../src/report/contents.js'
import { sampleContents } from './sample.js'

const hostile = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '__proto__',
  'constructor',
  'a.b[0]["c"]\\',
  '"\'`${7*7}',
  '\u2028\u202e<!--',
  '',
  'datum.x; alert(1)',
]

/** The text of the page: without styles, scripts and comments of its own. */
const bodyOf = (page: string): string => page.replace(/<(script|style)\b.*?<\/\1>/gs, '')

describe('renderReport', () => {
  it('shows the numbers of the contents, with their exact values beside them', async () => {
    const contents = sampleContents()
    const page = await renderReport(contents)
    const exact = [...bodyOf(page).matchAll(/<data value="([^"]*)">([^<]*)<\/data>/g)].map(([, value]) => Number(value))
    const { interpolation, extrapolation } = contents.evaluations
    for (const { scores } of [interpolation!, extrapolation!]) {
      for (const some of [scores, ...Object.values(scores.channels)]) {
        for (const value of [
          some.mse,
          some.nll,
          some.points,
          some.coverage['50'],
          some.coverage['90'],
          some.baselines.mean.mse,
          some.baselines.locf.mse,
          some.baselines.linear?.mse ?? some.baselines.mean.mse,
        ])
          expect(exact).toContain(value)
      }
    }
    for (const value of [
      contents.data.series,
      contents.data.rows,
      contents.data.values,
      contents.model.parameters,
      contents.solver!.evaluations,
      contents.solver!.rejected,
      contents.solver!.smallestStep,
    ]) {
      expect(exact).toContain(value)
    }
    for (const { label, value } of contents.model.settings) expect(page).toContain(`<dt>${label}</dt><dd>${value}</dd>`)
    expect(page).toContain('This file holds ')
    expect(page).toContain('past the time span that the model was trained on')
  })

  it('gives the same page for the same contents', async () => {
    expect(await renderReport(sampleContents())).toBe(await renderReport(sampleContents()))
  })

  it('allows its own scripts and styles and nothing else', async () => {
    const page = await renderReport(sampleContents())
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'")
    expect(policy.split('; ').map((part) => part.split(' ')[0])).toEqual([
      'default-src',
      'script-src',
      'style-src',
      'base-uri',
      'form-action',
    ])
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/)
    expect(policy).not.toContain('unsafe')
    const inline = [...page.matchAll(/<(script|style)>(.*?)<\/\1>/gs)].map(([, , text]) =>
      createHash('sha256').update(text!).digest('base64'),
    )
    expect(inline).toHaveLength(3)
    for (const digest of inline) expect(policy).toContain(`'sha256-${digest}'`)
    expect(bodyOf(page)).not.toMatch(/ (src|style|on[a-z]+)=/)
    expect(bodyOf(page)).not.toMatch(/href="(?!#)/)
  })

  it('shows hostile names as text', async () => {
    const base = sampleContents({ channels: hostile, series: hostile.length, ids: hostile, grid: 20 })
    const contents = {
      ...base,
      title: hostile[0]!,
      idColumn: hostile[1]!,
      timeColumn: hostile[3]!,
      files: { model: hostile[1]!, data: hostile[6]! },
      data: { ...base.data, raster: base.data.raster.map((row, i) => ({ ...row, series: hostile[i % hostile.length]! })) },
      model: { ...base.model, settings: [{ label: hostile[0]!, value: hostile[1]!, group: '__proto__' }] },
      notices: [{ kind: 'notice' as const, text: hostile[1]! }],
    }
    const page = await renderReport(contents)
    // Two elements of JSON, one of licences, the libraries, the page's own: nothing closed one early or opened another.
    expect(page.match(/<script\b/gi)).toHaveLength(5 + (await libraryMentions()))
    expect(page).not.toMatch(/<img/i)
    expect(bodyOf(page)).toContain('&#60;script&#62;alert(1)&#60;/script&#62;')
    const scored = Object.keys(contents.evaluations.interpolation!.scores.channels)
    expect(bodyOf(page).match(/<tr class=""><th scope="row">/g)!.length).toBe(2 * scored.length)
    const { columns, specs } = JSON.parse(/id="figures">(.*?)<\/script>/s.exec(page)![1]!) as { columns: unknown[][]; specs: unknown[] }
    const cells: unknown[] = columns.flat()
    expect(cells).toContain('__proto__')
    expect(cells).toContain('a.b[0]["c"]\\')
    expect(JSON.stringify(specs)).not.toMatch(/alert|constructor/)
  })

  it.each<[string, Partial<ReportContents>, string[]]>([
    ['no evaluation', { evaluations: {} }, ['errors', 'calibration']],
    ['no history', { training: undefined }, ['training']],
    ['no series', { series: [] }, ['forecasts']],
    ['no solver statistics', { solver: undefined }, []],
    ['no latent space', { latent: undefined }, ['latent']],
  ])('leaves out what is not there: %s', async (_, change, missing) => {
    const page = await renderReport({ ...sampleContents(), ...change })
    const ids = [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)
    expect(ids).toEqual(['forecasts', 'errors', 'calibration', 'latent', 'data', 'training', 'model'].filter((id) => !missing.includes(id)))
    expect(bodyOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  it('survives numbers that are not known', async () => {
    const base = sampleContents({ series: 2 })
    const view = base.evaluations.interpolation!
    const page = await renderReport({
      ...base,
      solver: { ...base.solver!, smallestStep: Infinity, solves: 0, accepted: 0, rejected: 0 },
      evaluations: {
        interpolation: { ...view, points: [], scores: { ...view.scores, nll: NaN, mse: NaN, coverage: { '50': NaN, '90': NaN } } },
      },
      training: { history: base.training!.history.map((record) => ({ ...record, validLoss: NaN, seconds: NaN })) },
    })
    expect(bodyOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  it('stays below 3 MB for fifty series of seven channels', async () => {
    const page = await renderReport(sampleContents({ series: 50, grid: 130 }))
    expect(Buffer.byteLength(page)).toBeLessThan(3e6)
  })
})

/** How often the drawing libraries themselves speak of script elements. */
async function libraryMentions(): Promise<number> {
  const { libraries } = await import('../../src/report/page/libraries.js')
  const { code } = await libraries()
  expect(code).not.toMatch(/<\/script|<!--/i)
  return code.match(/<script\b/gi)?.length ?? 0
}
