import { describe, expect, test } from 'vitest'
import type { ReportContents } from '../../src/report/contents.js'
import type { Figure } from '../../src/report/figures/figure.js'
import { reportFigures } from '../../src/report/figures/index.js'
import { fileName } from '../../src/report/still/fileName.js'
import { toPng } from '../../src/report/still/png.js'
import { renderSheet } from '../../src/report/still/sheet.js'
import { dark, light } from '../../src/report/theme.js'
import { sampleContents } from './sample.js'

const small = sampleContents({ series: 2, channels: ['bili', 'albumin'], grid: 30, epochs: 20 })
const every = (contents: ReportContents): Figure[] => [...reportFigures(contents, light, 'single'), ...reportFigures(contents, light)]
const [forecasts] = reportFigures(small, light, 'single')

/** Width and height of a PNG, from its header. */
const sizeOf = (png: Uint8Array): number[] => {
  const view = new DataView(png.buffer, png.byteOffset)
  expect([...png.slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return [view.getUint32(16), view.getUint32(20)]
}

describe('figures of a report', () => {
  test('what there is, in the order in which it is read', () => {
    expect(every(small).map(({ name }) => name)).toEqual([
      'forecasts',
      'series-11',
      'series-28',
      'errors',
      'errors-by-gap',
      'errors-by-horizon',
      'calibration',
      'latent-space',
      'observed-when',
      'observed-how-much',
      'training',
      'training-details',
    ])
    expect(every({ ...small, evaluations: {}, training: undefined, latent: undefined, series: [] }).map(({ name }) => name)).toEqual([
      'observed-when',
      'observed-how-much',
    ])
  })

  test('a file holds title, note, key, description, and each panel within its bounds', async () => {
    for (const still of every(small)) {
      const svg = await renderSheet(still, light, 800)
      const text = svg.replace(/<[^>]*>/g, '\n')
      for (const said of [
        still.title,
        still.description,
        ...still.key.map(({ label }) => label),
        ...still.panels.flatMap(({ title }) => (title === undefined ? [] : [title])),
      ])
        expect(text, still.name).toContain(said)
      const [, width, height] = /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number)
      expect(width).toBe(800)
      const panels = [...svg.matchAll(/<svg x="([\d.]+)" y="([\d.]+)"[^>]*? width="([\d.]+)" height="([\d.]+)"/g)].map(
        (match) => match.slice(1).map(Number) as [number, number, number, number],
      )
      expect(panels).toHaveLength(still.panels.length)
      for (const [x, y, w, h] of panels) {
        expect(x + w).toBeLessThanOrEqual(width! - 10)
        expect(y + h).toBeLessThanOrEqual(height!)
      }
    }
  })

  test('no two parts of a file have the same id, and each that is used is there', async () => {
    const svg = await renderSheet(forecasts!, light)
    const ids = [...svg.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const used = [...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id)
    expect(used.length).toBeGreaterThan(4)
    for (const id of used) expect(ids).toContain(id)
  })

  test('the same contents give the same file, in the colours asked for', async () => {
    const draw = async (palette: typeof light): Promise<string> =>
      renderSheet(
        reportFigures(small, palette).find(({ name }) => name === 'errors')!,
        palette,
      )
    expect(await draw(light)).toBe(await draw(light))
    expect(await draw(dark)).toContain(dark.model)
    expect(await draw(dark)).not.toContain(light.model)
    expect(await draw(light)).not.toMatch(/var\(|NaN|undefined/)
  })

  test('a narrow file has its panels below each other', async () => {
    const columns = async (width: number): Promise<number> =>
      new Set([...(await renderSheet(forecasts!, light, width)).matchAll(/<svg x="([\d.]+)"/g)].map(([, x]) => x)).size
    expect([await columns(900), await columns(400)]).toEqual([2, 1])
  })

  test('names of the data are text, whatever characters they hold', async () => {
    const names = ['<script>alert(1)</script>', ']]>', '&lt;&', 'a\u0000b\u0008\ud800c', '"\'`', '__proto__', '\u2028<!--']
    const base = sampleContents({ channels: names, series: 3, ids: names, grid: 5 })
    for (const still of every({ ...base, title: names[3]!, idColumn: names[0]!, timeColumn: names[2]! })) {
      const svg = await renderSheet(still, light)
      expect(svg).not.toMatch(/<script|<!--/)
      // A reader of XML takes it.
      expect(sizeOf(await toPng(svg, 0.25))[0]).toBe(240)
    }
  })
})

test.each<[string[], number, string[], string]>([
  [['series', '12'], 1, [], 'series-12'],
  [['series', 'Doe, Jane/../x'], 1, [], 'series-Doe-Jane-x'],
  [['series', '..'], 1, [], 'series'],
  [['series', 'Zoë'], 1, [], 'series-Zoe'],
  [['series', '日本'], 3, ['series'], 'series-n3'],
  [['series', 'A'], 2, ['series-a'], 'series-A-n2'],
  [['series', 'a'], 3, ['series-a-n3', 'series-A'], 'series-a-n4'],
  [['series', 'x'.repeat(300)], 1, [], `series-${'x'.repeat(40)}`],
])('file name of %j, the %i. one beside %j', (words, number, taken, expected) =>
  expect(fileName(words, number, new Set(taken))).toBe(expected),
)

describe('PNG', () => {
  const svg = (text: string): string =>
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="200" height="40" fill="#fff"/><text x="5" y="25" ' +
    `font-size="18" font-family="Nowhere To Be Found, sans-serif">${text}</text></svg>`

  test('has the size of the SVG, times the scale', async () => {
    expect(sizeOf(await toPng(svg('a')))).toEqual([400, 80])
    expect(sizeOf(await toPng(svg('a'), 0.5))).toEqual([100, 20])
  })

  test('shows text without the fonts of the machine: different letters, different pictures', async () => {
    const [blank, a, b, greek, bold] = await Promise.all(
      ['', 'Hills', 'Hulls', 'αβγ − ≤ ⁻³', '<tspan font-weight="600">Hills</tspan>'].map(async (text) =>
        Buffer.from(await toPng(svg(text))).toString('base64'),
      ),
    )
    expect(new Set([blank, a, b, greek, bold]).size).toBe(5)
  })

  test('what is no SVG is an error of ours', async () => {
    await expect(toPng('<svg')).rejects.toMatchObject({ code: 'ReportLibrary', message: expect.stringContaining('--format svg') as string })
  })
})
