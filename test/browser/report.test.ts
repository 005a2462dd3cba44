import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleContents } from '../report/sample.js'
import { overflow, present, problems, settled, startBrowser, until, type Browser } from './pages.js'

describe.skipIf(!present)('a report in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())
  const open: Browser['open'] = (...asked) => browser.open(...asked)

  /** Widths and heights of the drawings in view, and whether they hold any mark. */
  const drawings = (page: Page): Promise<{ name: string; width: number; height: number; room: number; marks: number }[]> =>
    page.evaluate(`
    [...document.querySelectorAll('.plot')].filter((plot) => plot.offsetParent !== null).map((plot) => {
      const svg = plot.querySelector('svg');
      const box = svg ? svg.getBoundingClientRect() : { width: 0, height: 0 };
      return { name: plot.id, width: box.width, height: box.height, room: plot.clientWidth, marks: svg ? svg.querySelectorAll('[class*="role-mark"] path, [class*="role-mark"] line, [class*="role-mark"] text').length : 0 };
    })`)

  const cases = [400, 1400].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [width, scheme] as const))

  it.each(cases)('draws every figure %i pixels wide, %s, in silence, and asks for nothing', async (width, scheme) => {
    const { page, said, requests } = await open(sampleContents(), width, scheme)
    const figures = await drawings(page)
    expect(figures.length).toBeGreaterThan(18)
    for (const { name, width: drawn, height, room, marks } of figures) {
      expect(drawn, name).toBeGreaterThan(0.8 * room)
      expect(drawn, name).toBeLessThanOrEqual(room + 1)
      expect(height, name).toBeGreaterThan(60)
      expect(marks, name).toBeGreaterThan(0)
    }
    expect(await overflow(page)).toBe(0)
    expect(await problems(page)).toEqual([])
    expect(said).toEqual([])
    expect(requests).toEqual([page.url()])
    const [background, ink] = await page.evaluate<[string, string]>(
      '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
    )
    const brightness = (colour: string): number =>
      colour
        .match(/\d+/g)!
        .slice(0, 3)
        .reduce((sum, part) => sum + Number(part), 0) / 3
    expect(brightness(background) > brightness(ink)).toBe(scheme === 'light')
    await page.close()
  })

  it('shows another series when it is chosen, by mouse and by keyboard', async () => {
    const { page, said } = await open(sampleContents(), 1400, 'light')
    expect(await page.locator('#chosen-1').isVisible()).toBe(false)
    await page.locator('.chooser label').nth(1).click()
    await settled(page)
    expect(await page.locator('#chosen-0').isVisible()).toBe(false)
    expect((await drawings(page)).filter(({ name, marks }) => name.startsWith('series-1-') && marks > 0)).toHaveLength(7)
    await page.keyboard.press('ArrowRight')
    await settled(page)
    expect(await page.locator('#chosen-2').isVisible()).toBe(true)
    expect(said).toEqual([])
    await page.close()
  })

  it('lets figures follow the width of the window', async () => {
    const { page } = await open(sampleContents(), 1400, 'light')
    await page.setViewportSize({ width: 500, height: 900 })
    await until(page, 'document.querySelector("#loss svg").getBoundingClientRect().width < 480')
    await page.waitForTimeout(300)
    expect(await overflow(page)).toBe(0)
    for (const { name, width, room } of await drawings(page)) expect(width, name).toBeLessThanOrEqual(room + 1)
    await page.close()
  })

  it('tells a value in words under the pointer', async () => {
    const { page } = await open(sampleContents({ channels: ['<img src=x onerror=alert(1)>', 'b'] }), 1400, 'light')
    const mark = page.locator('#errors-interpolation svg [class*="role-mark"] path').last()
    await mark.scrollIntoViewIfNeeded()
    await mark.hover({ force: true })
    await page.locator('#bubble').waitFor({ state: 'visible' })
    expect(await page.locator('#bubble').innerText()).toContain('mean squared error')
    expect(await page.locator('#bubble img').count()).toBe(0)
    await page.close()
  })

  it('shows hostile names as text', async () => {
    const names = [
      '<script>alert(1)</script>',
      '</script><img src=x onerror=alert(1)>',
      'javascript:alert(1)',
      '__proto__',
      'a.b[0]["c"]\\',
      '"\'`${7*7}',
      '\u2028<!--',
    ]
    const { page, said, requests } = await open(
      sampleContents({ channels: names, series: names.length, ids: names, grid: 30 }),
      400,
      'light',
    )
    expect(said).toEqual([])
    expect(requests).toEqual([page.url()])
    expect(await page.locator('img').count()).toBe(0)
    expect(await overflow(page)).toBe(0)
    const captions = await page.locator('#chosen-0 figcaption').allInnerTexts()
    expect(captions.map((text) => text.trim()).slice(0, 6)).toEqual(names.slice(0, 6))
    expect((await drawings(page)).every(({ marks }) => marks > 0)).toBe(true)
    await page.close()
  })

  it.each([
    ['one channel of many series', sampleContents({ channels: ['value'], series: 14 })],
    ['dates and logarithmic axes', sampleContents({ dates: true, log: true, error: 1.6 })],
    [
      'nothing but a single series',
      { ...sampleContents({ channels: ['x'], series: 1 }), evaluations: {}, training: undefined, solver: undefined, notices: [] },
    ],
  ])('draws %s', async (_, contents) => {
    const { page, said } = await open(contents, 1400, 'light')
    const figures = await drawings(page)
    expect(figures.length).toBeGreaterThan(2)
    expect(figures.every(({ marks, height }) => marks > 0 && height > 20)).toBe(true)
    expect(await problems(page)).toEqual([])
    expect(said).toEqual([])
    await page.close()
  })

  it('prints in light colours with every visible figure', async () => {
    const { page } = await open(sampleContents(), 1400, 'dark')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    expect(await page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--ink")')).toBe('#1d2733')
    const pdf = await page.pdf()
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.close()
  })
})
