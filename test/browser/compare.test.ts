import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ComparisonContents } from '../../src/report/comparison/contents.js'
import { renderComparison } from '../../src/report/comparison/renderComparison.js'
import { comparisonFigures } from '../../src/report/comparison/figures/index.js'
import { renderSheet } from '../../src/report/still/sheet.js'
import { dark, light } from '../../src/report/theme.js'
import { sampleComparison } from '../report/comparison/sample.js'
import { launch, openWatched, present, type Seen } from './pages.js'

describe.skipIf(!present)('two models in a browser', () => {
  let folder: string
  let context: BrowserContext

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latent-ode-compare-'))
    context = await launch(folder)
  })

  afterAll(async () => {
    await context?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** Opens a text as a file; `said` and `requests` are what the page does to be looked at from outside. */
  async function open(name: string, text: string, width: number, colorScheme: 'light' | 'dark'): Promise<Seen> {
    const file = join(folder, name)
    await writeFile(file, text)
    return openWatched(context, file, width, colorScheme)
  }

  async function show(contents: ComparisonContents, width: number, scheme: 'light' | 'dark' = 'light'): ReturnType<typeof open> {
    const opened = await open('compare.html', await renderComparison(contents), width, scheme)
    const drawn =
      '[...document.querySelectorAll(".plot")].filter((plot) => plot.offsetParent !== null).every((plot) => "drawn" in plot.dataset ' +
      '|| "failed" in plot.dataset)'
    for (const start = Date.now(); !(await opened.page.evaluate(drawn)); await opened.page.waitForTimeout(30))
      if (Date.now() - start > 60_000) throw new Error('the figures are not drawn')
    return opened
  }

  const drawings = (page: Page): Promise<{ name: string; width: number; room: number; marks: number }[]> =>
    page.evaluate(`
    [...document.querySelectorAll('.plot')].map((plot) => ({
      name: plot.id, width: plot.querySelector('svg')?.getBoundingClientRect().width ?? 0, room: plot.clientWidth,
      marks: plot.querySelectorAll('[class*="role-mark"] path, [class*="role-mark"] line').length,
    }))`)
  const overflow = (page: Page): Promise<number> =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  it.each([400, 1600].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [width, scheme] as const)))(
    'draws every figure %i pixels wide, %s, in silence, and asks for nothing',
    async (width, scheme) => {
      const { page, said, requests } = await show(sampleComparison({ series: 3 }), width, scheme)
      const figures = await drawings(page)
      // Two of differences, two of pairs, 3 × 7 of series, four of calibration, two of training.
      expect(figures).toHaveLength(31)
      for (const { name, width: drawn, room, marks } of figures) {
        expect(drawn, name).toBeGreaterThan(0.8 * room)
        expect(drawn, name).toBeLessThanOrEqual(room + 1)
        expect(marks, name).toBeGreaterThan(1)
      }
      expect(await overflow(page)).toBe(0)
      expect(await page.evaluate('report.problems')).toEqual([])
      expect(said).toEqual([])
      expect(requests).toEqual([page.url()])
      await page.close()
    },
  )

  it('shows the same series once for each model, in its colour', async () => {
    const contents = sampleComparison({ series: 1, channels: ['bili'] })
    const { page } = await show(contents, 1600)
    const lines = await page.evaluate<{ stroke: string; dash: string; d: string }[]>(
      "[...document.querySelectorAll('#forecasts-0 .mark-line path')].map((path) => ({ stroke: getComputedStyle(path).stroke, dash: " +
        "path.getAttribute('stroke-dasharray') ?? '', d: path.getAttribute('d') }))",
    )
    expect(lines.map(({ stroke }) => stroke)).toEqual(['rgb(0, 114, 178)', 'rgb(181, 87, 140)'])
    expect(lines[0]!.d).not.toBe(lines[1]!.d)
    expect(lines[1]!.dash).toBe('5,3')
    await page.close()
  })

  it('tells a difference in words under the pointer', async () => {
    const { page, said } = await show(sampleComparison({ series: 1 }), 1600)
    const mark = page.locator('#differences-0 .mark-symbol path').last()
    await mark.scrollIntoViewIfNeeded()
    await mark.hover({ force: true })
    await page.locator('#bubble').waitFor({ state: 'visible' })
    expect(await page.locator('#bubble').innerText()).toMatch(/difference\s*\+[\d.]+ \(95\u202f%: [+−\d.]+ to [+−\d.]+\)/)
    expect(said).toEqual([])
    await page.close()
  })

  it('shows hostile names as text', async () => {
    const names = [
      '<script>alert(1)</script>',
      '</script><img src=x onerror=alert(1)>',
      '__proto__',
      'a.b[0]["c"]\\',
      '"\'`${7*7}',
      'javascript:alert(1)',
    ]
    const { page, said, requests } = await show(
      {
        ...sampleComparison({ channels: names, series: 3, ids: names, grid: 20, labels: [names[0]!, names[2]!] }),
        idColumn: names[1]!,
        timeColumn: names[4]!,
      },
      400,
    )
    expect(said).toEqual([])
    expect(requests).toEqual([page.url()])
    expect(await page.locator('img, main a').count()).toBe(0)
    expect(await page.evaluate('report.problems')).toEqual([])
    expect(await overflow(page)).toBe(0)
    expect(await page.locator('.key li').allInnerTexts()).toContain(names[0])
    expect(await page.locator('#settings th').allInnerTexts()).toContain(names[2])
    await page.close()
  })

  it('draws what is left where nothing was scored and no history is kept', async () => {
    const { interpolation, extrapolation, ...rest } = sampleComparison({ series: 2, channels: ['x'] })
    expect([interpolation, extrapolation]).not.toContain(undefined)
    const { page, said } = await show({ ...rest, training: [undefined, undefined], settings: [] }, 1600)
    expect(await page.locator('section').evaluateAll((sections) => sections.map(({ id }) => id))).toEqual(['forecasts', 'settings'])
    expect(await page.locator('body').innerText()).not.toMatch(/NaN|undefined|Infinity|\[object/)
    expect(said).toEqual([])
    await page.close()
  })

  it.each([
    ['light', light],
    ['dark', dark],
  ] as const)('figures as SVG files stand by themselves: %s', async (name, palette) => {
    const contents = sampleComparison({ series: 2, channels: ['a', 'b'] })
    for (const figure of [...comparisonFigures(contents, palette, 'single'), ...comparisonFigures(contents, palette)]) {
      const { page, said, requests } = await open(`${figure.name}-${name}.svg`, await renderSheet(figure, palette), 1000, 'light')
      expect([said, requests]).toEqual([[], [page.url()]])
      expect(await page.evaluate('document.documentElement.querySelectorAll("parsererror").length')).toBe(0)
      // Texts lie within the file, however wide the viewer's letters are.
      const outside = await page.evaluate<string[]>(`(() => {
        const { width } = document.documentElement.getBoundingClientRect();
        return [...document.querySelectorAll('text')].filter((text) => text.getBoundingClientRect().right > width + 1).map((text) => text.textContent);
      })()`)
      expect(outside).toEqual([])
      await page.close()
    }
  })
})
