import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigures } from '../../src/report/figures/index.js'
import { plotsOf } from '../../src/report/sections/plots.js'
import { light } from '../../src/report/theme.js'
import { sampleContents } from '../report/sample.js'
import { overflow, present, problems, settled, startBrowser, type Browser, type Seen } from './pages.js'

const hostile = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '__proto__',
  'constructor',
  'a.b[0]["c"]\\',
  '\'\\"`${7*7}',
  '<!--',
  '=1+1',
  '@SUM(A1)',
]

describe.skipIf(!present)('views of a report', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())
  const open: Browser['open'] = (...asked) => browser.open(...asked)

  const value = (page: Page, figure: string, signal: string): Promise<unknown> =>
    page.evaluate(`report.views.get(document.getElementById(${JSON.stringify(figure)})).signal(${JSON.stringify(signal)})`)
  const picture = (page: Page, figure: string): Promise<string> =>
    page.evaluate(`document.querySelector(${JSON.stringify(`#${figure} svg`)}).outerHTML`)
  const pause = (page: Page): Promise<void> => page.waitForTimeout(150)
  const linked = ['latent-space', 'raster', 'series-errors-interpolation', 'series-errors-extrapolation']

  async function silent({ page, said, requests }: Seen): Promise<void> {
    expect(await problems(page)).toEqual([])
    expect(said).toEqual([])
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([page.url()])
    await page.close()
  }

  /** Saves a figure by its menu, with the keyboard. */
  async function save(page: Page, figure: string, entry: number): Promise<{ name: string; content: Buffer }> {
    await page.locator(`.figure:has(#${figure}) .save`).focus()
    await page.keyboard.press('Enter')
    for (let i = 0; i < entry; i++) await page.keyboard.press('ArrowDown')
    const coming = page.waitForEvent('download')
    await page.keyboard.press('Enter')
    const download = await coming
    return { name: download.suggestedFilename(), content: await readFile(await download.path()) }
  }

  it('marks the series chosen in the list in every figure, and switches the explorer to it', async () => {
    const seen = await open(sampleContents(), 1400, 'light')
    const { page } = seen
    expect(await page.locator('#picker option:checked').innerText()).toBe('11')
    expect(await Promise.all(linked.map((figure) => value(page, figure, 'chosen')))).toEqual(['11', '11', '11', '11'])
    const before = await Promise.all(linked.map((figure) => picture(page, figure)))
    const heard = page.evaluate(
      "new Promise((done) => document.addEventListener('latent-ode:series', ({ detail }) => done(detail), { once: true }))",
    )
    await page.locator('#picker').selectOption({ label: '28' })
    expect(await heard).toEqual({ id: '28' })
    await settled(page)
    await pause(page)
    expect(await Promise.all(linked.map((figure) => value(page, figure, 'chosen')))).toEqual(['28', '28', '28', '28'])
    const after = await Promise.all(linked.map((figure) => picture(page, figure)))
    after.forEach((drawing, i) => expect(drawing, linked[i]).not.toBe(before[i]))
    expect(await page.locator('#chosen-1').isVisible()).toBe(true)
    expect(await page.locator('.chooser input:checked').getAttribute('value')).toBe('chosen-1')
    expect(await page.locator('#chosen-said').innerText()).toBe('')
    await silent(seen)
  })

  it('takes a click in any figure as a choice, and says politely what is not drawn', async () => {
    const seen = await open(sampleContents(), 1400, 'light')
    const { page } = seen
    // A datum far from others, so that the click is certain.
    const target = await page.evaluate<{ id: string; x: number; y: number }>(`(() => {
      const plot = document.getElementById('latent-space');
      plot.scrollIntoView({ block: 'center' });
      const drawn = [...document.querySelectorAll('.chosen')].map((part) => part.dataset.series);
      const marks = [...plot.querySelectorAll('path')].filter((path) => path.__data__?.datum?.series !== undefined && path.__data__.datum.said !== undefined);
      const place = (path) => { const box = path.getBoundingClientRect(); return { id: path.__data__.datum.series, x: box.x + box.width / 2, y: box.y + box.height / 2 }; };
      const all = marks.map(place);
      const lonely = (one) => Math.min(...all.filter(({ id }) => id !== one.id).map(({ x, y }) => Math.hypot(x - one.x, y - one.y)));
      return all.filter(({ id }) => !drawn.includes(id)).sort((a, b) => lonely(b) - lonely(a))[0];
    })()`)
    await page.mouse.click(target.x, target.y)
    await pause(page)
    expect(await Promise.all(linked.map((figure) => value(page, figure, 'chosen')))).toEqual(linked.map(() => target.id))
    expect(await page.locator('#picker option:checked').innerText()).toBe(target.id)
    expect(await page.locator('#chosen-said').innerText()).toContain('not among those drawn')
    // The explorer stays with what it can draw.
    expect(await page.locator('#chosen-0').isVisible()).toBe(true)
    // A whole row of the raster can be hit, not its ticks only.
    await page.locator('#raster').scrollIntoViewIfNeeded()
    const box = (await page.locator('#raster svg').boundingBox())!
    await page.mouse.click(box.x + box.width - 40, box.y + box.height / 2)
    await pause(page)
    const row = await value(page, 'raster', 'chosen')
    expect(row).not.toBe(target.id)
    expect(await value(page, 'latent-space', 'chosen')).toBe(row)
    await silent(seen)
  })

  it('marks the panels of the chosen series where they stand side by side', async () => {
    const seen = await open(sampleContents({ channels: ['value'], series: 5 }), 1400, 'light')
    expect(await seen.page.locator('.is-chosen').count()).toBe(0)
    expect(await value(seen.page, 'latent-space', 'chosen')).toBeNull()
    await seen.page.evaluate("document.dispatchEvent(new CustomEvent('latent-ode:series', { detail: { id: '45' } }))")
    expect(await seen.page.locator('.is-chosen figcaption').allInnerTexts()).toEqual(['patient 45'])
    expect(await value(seen.page, 'latent-space', 'chosen')).toBe('45')
    // What is no choice changes nothing.
    await seen.page.evaluate(
      "for (const detail of [{}, null, { id: 3 }]) document.dispatchEvent(new CustomEvent('latent-ode:series', { detail }))",
    )
    expect(await value(seen.page, 'latent-space', 'chosen')).toBe('45')
    await silent(seen)
  })

  it('colours the latent space by the attribute chosen, with its legend, and draws arrows in a plane', async () => {
    const seen = await open(sampleContents({ latents: 2 }), 1000, 'dark')
    const { page } = seen
    const fills = async (): Promise<string[]> => [
      ...new Set([...(await picture(page, 'latent-space')).matchAll(/fill="(var\(--\w+\))"/g)].map(([, fill]) => fill!)),
    ]
    expect(await fills()).toEqual(expect.arrayContaining(['var(--s0)', 'var(--s6)']))
    await page.locator('#coloured-by').focus()
    await page.locator('#coloured-by').selectOption({ label: 'label sex' })
    await pause(page)
    expect(await fills()).toEqual(expect.arrayContaining(['var(--model)', 'var(--heldout)', 'var(--none)']))
    expect(await fills()).not.toContain('var(--s6)')
    expect((await page.locator('#latent-keys > :not([hidden]) li').allInnerTexts()).map((text) => text.trim()).sort()).toEqual([
      'f',
      'm',
      'not known',
    ])
    // The field is that of a turn: straight above its centre, where z1 is 0, it points left: −90 degrees.
    const angles = await page.evaluate<number[]>(
      "[...document.querySelectorAll('#latent-space path')].map((path) => path.__data__).filter((item) => item?.datum?.u !== " +
        'undefined && Math.abs(item.datum.x) < 0.01 && item.datum.y > 1.5).map((item) => item.angle)',
    )
    expect(angles.length).toBeGreaterThan(0)
    // It also moves in, and the axes have different scales: within 30 degrees of that.
    for (const angle of angles) expect(Math.abs(angle + 90)).toBeLessThan(30)
    await silent(seen)
  })

  it('saves figures that can be read again: SVG, PNG, Vega-Lite JSON, CSV', async () => {
    const contents = sampleContents({ dates: true })
    const seen = await open(contents, 1400, 'dark')
    const { page } = seen
    const svg = await save(page, 'errors-interpolation', 0)
    expect(svg.name).toBe('errors-interpolation.svg')
    const text = svg.content.toString('utf8')
    expect(text.slice(0, 400)).toMatch(/^<svg [^>]*><title>Filling gaps: mean squared error/)
    // In the light colours, whatever the page's: nothing is left to a style sheet that is not there.
    expect(text).not.toContain('var(')
    expect(text).toContain(light.model)
    expect(
      await page.evaluate(
        `new DOMParser().parseFromString(${JSON.stringify(text)}, 'image/svg+xml').querySelector('parsererror') === null`,
      ),
    ).toBe(true)

    const png = await save(page, 'errors-interpolation', 1)
    expect(png.name).toBe('errors-interpolation.png')
    expect(png.content.subarray(1, 4).toString()).toBe('PNG')
    const width = await page.evaluate<number>('document.getElementById("errors-interpolation").clientWidth')
    expect(Math.abs(png.content.readUInt32BE(16) - 2 * width)).toBeLessThanOrEqual(4)

    const json = JSON.parse((await save(page, 'errors-interpolation', 2)).content.toString('utf8')) as {
      $schema: string
      datasets: { errors: { channel: string; method: string; mse: number }[] }
    }
    expect(json.$schema).toContain('vega-lite')
    const vegaLite = await import('vega-lite')
    expect(() => vegaLite.compile(json as never)).not.toThrow()
    const { interpolation } = contents.evaluations
    expect(json.datasets.errors.find(({ channel, method }) => channel === 'chol' && method === 'this model')!.mse).toBeCloseTo(
      interpolation!.scores.channels.chol!.mse,
      4,
    )

    const csv = await save(page, 'errors-interpolation', 3)
    const rows: Record<string, string>[] = parse(csv.content, { columns: true })
    expect(Object.keys(rows[0]!)).toEqual(['channel', 'order', 'method', 'mse'])
    expect(Number(rows.find(({ channel, method }) => channel === 'ast' && method === 'channel mean')!.mse)).toBeCloseTo(
      interpolation!.scores.channels.ast!.baselines.mean.mse,
      4,
    )

    const panel = await save(page, 'series-0-1', 3)
    expect(panel.name).toBe('series-11-chol.csv')
    const points: Record<string, string>[] = parse(panel.content, { columns: true })
    const observed = points.filter(({ part }) => part === 'observations')
    const view = contents.series[0]!.channels[1]!
    expect(observed.map(({ value: shown }) => Math.round(Number(shown)))).toEqual(view.observations.map((one) => Math.round(one.value)))
    // The first observation is on the day of the epoch.
    expect(observed[0]!.time).toBe('1974-01-15')
    expect(points.find(({ part }) => part === 'given')!.mean).toMatch(/^\d+(\.\d+)?$/)

    // Paths are written a row for each of their points.
    const paths = (parse((await save(page, 'latent-space', 3)).content, { columns: true }) as Record<string, string>[]).filter(
      ({ part, series }) => part === 'paths' && series === '11',
    )
    expect(paths).toHaveLength(24)
    expect(Number(paths[5]!.x)).toBeCloseTo(contents.latent!.points[0]!.path[5]!.at[0], 2)
    await silent(seen)
  })

  it('has a text for every figure, and keeps it when the figure is drawn', async () => {
    const contents = sampleContents()
    const { page } = await open(contents, 1000, 'light')
    const said = await page.evaluate<(string | null)[][]>(
      "[...document.querySelectorAll('.plot')].map((plot) => [plot.id, plot.getAttribute('role'), plot.getAttribute('aria-label')])",
    )
    const descriptions = new Map(
      reportFigures(contents, light, 'page').flatMap((figure) =>
        plotsOf(figure).map(({ name, description }) => [name, description] as const),
      ),
    )
    expect(said.length).toBe(descriptions.size)
    for (const [name, role, label] of said) expect([name, role, label]).toEqual([name, 'img', descriptions.get(name!)])
    await page.close()
  })

  it('opens and leaves the menu by the keyboard', async () => {
    const seen = await open(sampleContents(), 400, 'light')
    const { page } = seen
    const button = page.locator('.figure:has(#loss) .save')
    await button.focus()
    await page.keyboard.press('Enter')
    expect(await button.getAttribute('aria-expanded')).toBe('true')
    expect(await page.locator('.menu [role=menuitem]').allInnerTexts()).toEqual(['SVG', 'PNG', 'Vega-Lite JSON', 'CSV, the data'])
    await page.keyboard.press('End')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('CSV, the data')
    await page.keyboard.press('ArrowDown')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('SVG')
    expect(await overflow(page)).toBe(0)
    await page.keyboard.press('Escape')
    expect(await page.locator('.menu').isVisible()).toBe(false)
    expect(await page.evaluate('document.activeElement.className')).toBe('save')
    await silent(seen)
  })

  it('is not misled by hostile names: in figures, choices, legends, files and their names', async () => {
    const base = sampleContents({ channels: hostile, series: hostile.length, ids: hostile, grid: 30 })
    const points = base.latent!.points.map((point, i) => ({ ...point, series: hostile[i] ?? point.series }))
    const contents = {
      ...base,
      title: hostile[0]!,
      idColumn: hostile[3]!,
      timeColumn: hostile[5]!,
      latent: {
        ...base.latent!,
        points,
        attributes: [...base.latent!.attributes, { name: hostile[1]!, group: 'Label', values: points.map((_, i) => hostile[i % 8]!) }],
      },
      data: { ...base.data, raster: base.data.raster.slice(0, hostile.length).map((row, i) => ({ ...row, series: hostile[i]! })) },
    }
    const seen = await open(contents, 1000, 'light')
    const { page } = seen
    for (const id of hostile) {
      await page.evaluate(`document.dispatchEvent(new CustomEvent('latent-ode:series', { detail: { id: ${JSON.stringify(id)} } }))`)
      await pause(page)
      expect(await value(page, 'latent-space', 'chosen')).toBe(id)
      expect(await page.evaluate('document.getElementById("picker").selectedOptions[0].dataset.id')).toBe(id)
      const texts = await page.evaluate<string[]>("[...document.querySelectorAll('#latent-space text')].map((text) => text.textContent)")
      // Long names are cut.
      expect(texts.some((text) => text === id || (text.endsWith('…') && id.startsWith(text.slice(0, -1))))).toBe(true)
    }
    await page.locator('#coloured-by').selectOption({ index: (await page.locator('#coloured-by option').count()) - 1 })
    await pause(page)
    expect((await page.locator('#latent-keys > :not([hidden]) li').allInnerTexts()).map((text) => text.trim())).toEqual(
      expect.arrayContaining(['<script>alert(1)</script>', '__proto__']),
    )
    await settled(page)
    expect(await page.locator('img').count()).toBe(0)
    const { name, content } = await save(page, 'errors-interpolation', 3)
    expect(name).toBe('errors-interpolation.csv')
    const rows: Record<string, string>[] = parse(content, { columns: true })
    const channels = new Set(rows.map(({ channel }) => channel))
    for (const id of hostile) {
      expect(channels).toContain(/^[=@]/.test(id) ? `'${id}` : id)
    }
    expect((await save(page, 'series-9-0', 0)).name).toBe('series-SUM-A1-script-alert-1-script.svg')
    const svg = (await save(page, 'errors-interpolation', 0)).content.toString('utf8')
    expect(svg).not.toMatch(/<script|<img/)
    await silent(seen)
  })

  it('prints what is folded on the screen, without controls', async () => {
    const { page } = await open(sampleContents(), 1000, 'dark')
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(await page.evaluate("document.querySelectorAll('details:not([open])').length")).toBe(0)
    await page.emulateMedia({ media: 'print' })
    for (const control of ['.picker', '.controls', '.chooser', 'nav'])
      expect(await page.locator(control).first().isVisible(), control).toBe(false)
    expect(await page.locator('.save').first().isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(await page.evaluate("document.querySelectorAll('details[open]').length")).toBe(0)
    await page.close()
  })
})
