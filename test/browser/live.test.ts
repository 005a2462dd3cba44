import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selectEngine } from '../../src/engine/select.js'
import type { SeriesSet } from '../../src/data/series.js'
import { collectReport } from '../../src/report/collect.js'
import { renderReport } from '../../src/report/renderReport.js'
import { writeModel } from '../../src/train/modelFile.js'
import { buildPage } from '../../scripts/page.mjs'
import { run } from '../cli/io.js'
import { sampleFit, sampleSet } from '../report/fittedSample.js'
import { launch, openWatched, present, until, type Seen } from './pages.js'

describe.skipIf(!present)('asking the model in a browser', () => {
  let folder: string
  let context: BrowserContext
  /** Reports by name, and the model of each. */
  const reports = { dates: '', numbers: '', hostile: '' }

  beforeAll(async () => {
    await buildPage()
    folder = await mkdtemp(join(tmpdir(), 'latent-ode-live-'))
    context = await launch(folder)
    await make('dates', sampleSet({ dates: true }))
    await make('numbers', sampleSet({ channels: ['wave', 'level', 'third', 'fourth', 'fifth', 'sixth'] }))
    const names = [
      '<script>alert(1)</script>',
      '</script><img src=x onerror=alert(1)>',
      'javascript:alert(1)',
      '__proto__',
      'a.b[0]["c"]\\',
      '"\'`${7*7}',
      '\u2028<!--',
    ]
    await make('hostile', {
      ...sampleSet({ channels: names, name: (i) => names[i % names.length]! + (i < names.length ? '' : i) }),
      idColumn: names[0]!,
      timeColumn: names[1]!,
    })
  })

  afterAll(async () => {
    await context?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  async function make(name: keyof typeof reports, set: SeriesSet): Promise<void> {
    const engine = await selectEngine()
    const fitted = { ...(await sampleFit(engine, set)), time: set.time, idColumn: set.idColumn, timeColumn: set.timeColumn }
    await writeModel(join(folder, `${name}.model.safetensors`), fitted)
    const contents = collectReport(engine, fitted, set, { files: { model: 'm', data: 'd' }, series: 5, all: true, generated: new Date(0) })
    reports[name] = join(folder, `${name}.html`)
    await writeFile(reports[name], await renderReport(contents))
  }

  async function open(file: string, { width = 1400, scheme = 'light' as 'light' | 'dark' } = {}): Promise<Seen> {
    const seen = await openWatched(context, file, width, scheme)
    await until(seen.page, 'document.getElementById("ask").dataset.answered || !document.getElementById("live-failure").hidden')
    return seen
  }

  const answered = (page: Page): Promise<number> => page.evaluate('Number(document.getElementById("ask").dataset.answered)')

  /** Does something and waits for the answer to it, until there is none newer for a while. */
  async function answerTo(page: Page, act: () => Promise<unknown>): Promise<void> {
    const before = await answered(page)
    await act()
    await until(page, `Number(document.getElementById("ask").dataset.answered) > ${before}`)
    for (let last = -1; last !== (await answered(page));) {
      last = await answered(page)
      await page.waitForTimeout(400)
    }
  }

  const slide = (page: Page, id: string, value: number): Promise<void> => answerTo(page, () => page.locator(id).fill(String(value)))
  const status = (page: Page): Promise<string> => page.locator('#live-status').innerText()
  const dots = (page: Page, panel = 0): Locator => page.locator('.live-panel').nth(panel).locator('.live-handle')
  /** The picture of a panel: what is drawn of bands, lines and dots. */
  const picture = (page: Page, panel = 0): Promise<string> =>
    page.evaluate(
      `[...document.querySelectorAll('.live-panel')[${panel}].querySelectorAll('[class*="role-mark"] path')].map((path) => ` +
        "path.getAttribute('d') + path.getAttribute('transform')).join()",
    )
  const field = async (page: Page): Promise<[string, string, string]> => [
    await page.locator('#live-channel').inputValue(),
    await page.locator('#live-time').inputValue(),
    await page.locator('#live-value').inputValue(),
  ]

  /** How far the buttons of a panel are at most from the dots that are drawn, in pixels. */
  const farthestHandle = (page: Page, panel = 0): Promise<number> =>
    page.evaluate(`(() => {
    const centre = (element) => { const box = element.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] };
    const home = document.querySelectorAll('.live-panel')[${panel}];
    const dots = [...home.querySelectorAll('.mark-symbol path')].map(centre);
    return Math.max(...[...home.querySelectorAll('.live-handle')].map((handle) => { const [x, y] = centre(handle); return Math.min(...dots.map(([u, v]) => Math.hypot(x - u, y - v))) }));
  })()`)

  async function save(page: Page, id: string): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(id).click()])
    return readFile(await download.path(), 'utf8')
  }

  /** Saves what the model is told and what it says, and lets `predict` say the same. */
  async function agreesWithPredict(page: Page, name: keyof typeof reports): Promise<number> {
    const [told, said] = [await save(page, '#live-save-observations'), await save(page, '#live-save-forecast')]
    const rows = parse(said, { columns: true }) as Record<string, string>[]
    const [observations, out] = [join(folder, 'observations.csv'), join(folder, 'forecast.csv')]
    await writeFile(observations, told)
    const times = [...new Set(rows.map((row) => row.time))].join(',')
    const result = await run('predict', join(folder, `${name}.model.safetensors`), observations, '--at', times, '--out', out)
    expect(result.code, result.err).toBe(0)
    const expected = parse(await readFile(out, 'utf8'), { columns: true }) as Record<string, string>[]
    expect(rows.map(({ id, time, channel }) => [id, time, channel])).toEqual(expected.map(({ id, time, channel }) => [id, time, channel]))
    let worst = 0
    rows.forEach((row, i) => {
      for (const column of ['mean', 'sd', 'q05', 'q25', 'q50', 'q75', 'q95']) {
        const [mine, theirs] = [Number(row[column]), Number(expected[i]![column])]
        worst = Math.max(worst, Math.abs(mine - theirs) / Math.max(Math.abs(theirs), Number(expected[i]!.sd)))
      }
    })
    return worst
  }

  it.each([400, 1600].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [width, scheme] as const)))(
    'stands %i pixels wide, %s, in silence, and asks nobody',
    async (width, scheme) => {
      const { page, said, requests } = await open(reports.numbers, { width, scheme })
      expect(await page.locator('.live-panel').count()).toBe(4)
      const [room, boxes] = [await page.locator('#live-panels').boundingBox(), await page.locator('.live-panel svg.marks').all()]
      for (const svg of boxes) {
        const box = (await svg.boundingBox())!
        expect(box.x + box.width).toBeLessThanOrEqual(room!.x + room!.width + 1)
        expect(box.width).toBeGreaterThan(0.85 * Math.min(room!.width, room!.width / (width > 900 ? 2.1 : 1)))
      }
      expect(await farthestHandle(page)).toBeLessThan(1.5)
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
      expect(await page.evaluate('report.problems')).toEqual([])
      expect(said).toEqual([])
      expect(requests).toEqual([page.url()])
      await page.close()
    },
  )

  it('hides what came later, down to nothing, where the prior speaks', async () => {
    const { page, said } = await open(reports.dates)
    const total = Number(await page.locator('#live-known').getAttribute('max'))
    await slide(page, '#live-known', total)
    expect(await status(page)).toContain(`of the first ${total} of ${total} times`)
    const all = await picture(page)
    await slide(page, '#live-known', 2)
    expect(await status(page)).toContain(`of the first 2 of ${total} times`)
    expect(await picture(page)).not.toBe(all)
    await slide(page, '#live-known', 0)
    expect(await status(page)).toContain('told nothing: this is what it expects of any series, from its prior')
    expect(await page.locator('#live-posterior').getAttribute('aria-label')).toContain('on average 1.00 of the prior’s')
    expect(
      await dots(page).evaluateAll((buttons: { ariaLabel: string | null }[]) =>
        buttons.every(({ ariaLabel }) => ariaLabel!.endsWith('kept from the model')),
      ),
    ).toBe(true)
    expect(said).toEqual([])
    await page.close()
  })

  it('says what predict says, to 1e-4: dates, a logarithm, values of the reader, an empty series', async () => {
    const { page, said } = await open(reports.dates)
    await slide(page, '#live-known', 3)
    const worst = [await agreesWithPredict(page, 'dates')]
    await page.locator('#live-series').selectOption('2')
    await answerTo(page, async () => {
      await page.locator('#live-channel').selectOption('1')
      await page.locator('#live-time').fill('2019-04-20')
      await page.locator('#live-value').fill('0.37')
      await page.locator('#live-add').click()
    })
    worst.push(await agreesWithPredict(page, 'dates'))
    await answerTo(page, () => page.locator('#live-series').selectOption('new'))
    for (const [channel, time, value] of [
      ['0', '2019-03-05', '18.5'],
      ['1', '2019-03-05', '2'],
      ['0', '2019-03-28', '23'],
    ] as const) {
      await answerTo(page, async () => {
        await page.locator('#live-channel').selectOption(channel)
        await page.locator('#live-time').fill(time)
        await page.locator('#live-value').fill(value)
        await page.locator('#live-add').click()
      })
    }
    expect(await status(page)).toContain('The model is told 3 values of yours.')
    worst.push(await agreesWithPredict(page, 'dates'))
    console.log(`Largest differences from predict, relative: ${worst.map((one) => one.toExponential(1)).join(', ')}`)
    for (const one of worst) expect(one).toBeLessThan(1e-4)
    expect(said).toEqual([])
    await page.close()
  })

  it('looks further ahead, and less far', async () => {
    const { page } = await open(reports.numbers)
    const label = (): Promise<string> => page.locator('#live-horizon-shown').innerText()
    const before = await label()
    const drawn = await picture(page)
    await slide(page, '#live-horizon', 80)
    expect(await label()).not.toBe(before)
    expect(await picture(page)).not.toBe(drawn)
    const rows = parse(await save(page, '#live-save-forecast'), { columns: true }) as { time: string }[]
    expect(Number((await label()).split('to ')[1])).toBeCloseTo(Number(rows.at(-1)!.time), 3)
    await slide(page, '#live-horizon', 0)
    expect(await label()).toMatch(/^0, to/)
    await page.close()
  })

  it('draws twenty more futures each time, lets them follow, and clears them', async () => {
    const { page } = await open(reports.numbers)
    const lines = (): Promise<string> => page.evaluate('document.querySelector(".live-courses path").getAttribute("d")')
    const count = async (): Promise<number> => (await lines()).split('M').length - 1
    expect(await count()).toBe(0)
    await answerTo(page, () => page.locator('#live-futures').click())
    expect(await count()).toBe(20)
    const twenty = await lines()
    await answerTo(page, () => page.locator('#live-futures').click())
    expect(await count()).toBe(40)
    expect((await lines()).startsWith(twenty)).toBe(true)
    expect(await status(page)).toContain('40 futures are drawn')
    await slide(page, '#live-known', 1)
    expect((await lines()).startsWith(twenty)).toBe(false)
    await answerTo(page, () => page.locator('#live-no-futures').click())
    expect(await count()).toBe(0)
    await page.close()
  })

  it('takes values by mouse: added, dragged, deleted, undone, reset', async () => {
    const { page, said } = await open(reports.numbers)
    await page.locator('.live-panel').first().scrollIntoViewIfNeeded()
    const before = await dots(page).count()
    const start = await picture(page)
    const box = (await page.locator('.live-picture').first().boundingBox())!
    await answerTo(page, () => page.mouse.dblclick(box.x + 0.83 * box.width, box.y + 0.4 * box.height))
    expect(await dots(page).count()).toBe(before + 1)
    expect(await status(page)).toContain('1 value of yours')
    const chosen = page.locator('.live-handle[aria-current=true]')
    // The dot is where the mouse was, but for rounding to steps of a 200th and of a 500th of the axes.
    const there = (await chosen.boundingBox())!
    expect(Math.abs(there.x + 13 - (box.x + 0.83 * box.width))).toBeLessThan(box.width / 90)
    await page.mouse.move(there.x + 14, there.y + 14)
    expect(await page.locator('#bubble').innerText()).toMatch(/observed[^]*model, 90 %[^]* to /)
    const [, time, value] = await field(page)
    const added = await picture(page)
    expect(added).not.toBe(start)

    await answerTo(page, async () => {
      await page.mouse.move(there.x + 13, there.y + 13)
      await page.mouse.down()
      for (let i = 1; i <= 8; i++) await page.mouse.move(there.x + 13 - 6 * i, there.y + 13 + 4 * i)
      await page.mouse.up()
    })
    const [, movedTime, movedValue] = await field(page)
    expect(Number(movedTime)).toBeLessThan(Number(time))
    expect(Number(movedValue)).toBeLessThan(Number(value))
    expect(await picture(page)).not.toBe(added)

    await answerTo(page, () => page.locator('#live-undo').click())
    expect((await field(page)).slice(1)).toEqual([time, value])
    await answerTo(page, async () => {
      const { x, y } = (await chosen.boundingBox())!
      await page.mouse.dblclick(x + 13, y + 13)
    })
    expect(await dots(page).count()).toBe(before)
    await answerTo(page, () => page.locator('#live-reset').click())
    expect(await picture(page)).toBe(start)
    expect(said).toEqual([])
    await page.close()
  })

  it('takes everything by keyboard too', async () => {
    const { page, said } = await open(reports.numbers)
    const label = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-label")')
    // One stop of Tab for each panel.
    expect(await page.locator('.live-panel').first().locator('[tabindex="0"]').count()).toBe(1)
    await page.locator('#live-reset').evaluate((button: { disabled: boolean }) => {
      button.disabled = false
    })
    await page.locator('#live-reset').focus()
    await page.keyboard.press('Tab')
    const first = await label()
    const channel = await page.locator('.live-panel figcaption').first().innerText()
    expect(first.startsWith(`${channel} `) && first.endsWith(', told to the model')).toBe(true)
    await page.keyboard.press('PageDown')
    expect(await label()).not.toBe(first)
    await page.keyboard.press('End')
    const last = await label()
    await page.keyboard.press('PageDown')
    expect(await label()).toBe(last)
    await page.keyboard.press('Home')
    expect(await label()).toBe(first)

    const start = await picture(page)
    const [, time, value] = await field(page)
    await answerTo(page, async () => {
      for (const key of ['ArrowUp', 'ArrowUp', 'Shift+ArrowUp', 'ArrowRight']) await page.keyboard.press(key)
    })
    expect(Number((await field(page))[1])).toBeGreaterThan(Number(time))
    expect(Number((await field(page))[2])).toBeGreaterThan(Number(value))
    expect(await label()).toContain('yours, told to the model')
    expect(await picture(page)).not.toBe(start)
    // The steps of one move are undone together.
    await answerTo(page, () => page.keyboard.press('Control+z'))
    expect((await field(page)).slice(1)).toEqual([time, value])
    expect(await picture(page)).toBe(start)

    const count = await dots(page).count()
    await answerTo(page, () => page.keyboard.press('a'))
    expect(await dots(page).count()).toBe(count + 1)
    expect(await label()).toContain('yours, told to the model')
    await answerTo(page, () => page.keyboard.press('Delete'))
    expect(await dots(page).count()).toBe(count)
    // The focus goes on to a neighbour.
    expect((await label()).startsWith(`${channel} `)).toBe(true)

    // An empty panel takes keys as well.
    await answerTo(page, () => page.locator('#live-series').selectOption('new'))
    expect(await dots(page).count()).toBe(0)
    await page.locator('.live-plot').first().focus()
    await answerTo(page, () => page.keyboard.press('Insert'))
    expect(await dots(page).count()).toBe(1)
    expect(await status(page)).toContain('The model is told 1 value of yours.')
    expect(said).toEqual([])
    await page.close()
  })

  it('takes values from the form, says what is wrong with one, changes and deletes the chosen', async () => {
    const { page } = await open(reports.dates)
    const fill = async (time: string, value: string): Promise<void> => {
      await page.locator('#live-time').fill(time)
      await page.locator('#live-value').fill(value)
      await page.locator('#live-add').click()
    }
    const message = (): Promise<string> => page.locator('#live-form-message').innerText()
    await fill('yesterday', '3')
    expect(await message()).toBe('The time "yesterday" is no ISO date, and times here are dates. Write it like 2019-03-01.')
    expect(await page.locator('#live-time').getAttribute('aria-invalid')).toBe('true')
    await fill('0001-01-01', '3')
    expect(await message()).toMatch(
      /^The time "0001-01-01" is too far from all others: give one from 201\d-\d\d-\d\d to 202\d-\d\d-\d\d\.$/,
    )
    await fill('2019-04-02', 'much')
    expect(await message()).toBe('The value "much" is no number. Write it like 12 or 12.5.')
    const count = await dots(page).count()
    await answerTo(page, () => fill('2019-04-02', '21.5'))
    expect([await message(), await dots(page).count()]).toEqual(['', count + 1])
    // A number so long that its label moves the axis.
    await page.locator('#live-value').fill('1e30')
    await answerTo(page, () => page.locator('#live-change').click())
    expect(await farthestHandle(page)).toBeLessThan(1.5)
    for (const [width, height] of [
      [1400, 1100],
      [1000, 1100],
      [1000, 700],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.waitForTimeout(400)
      expect(await farthestHandle(page), `${width} by ${height}`).toBeLessThan(1.5)
    }
    await page.locator('#live-value').fill('19')
    await answerTo(page, () => page.locator('#live-change').click())
    expect(await page.locator('.live-handle[aria-current=true]').getAttribute('aria-label')).toBe(
      'wave 19 at 2019-04-02, yours, told to the model',
    )
    await answerTo(page, () => page.locator('#live-delete').click())
    expect(await dots(page).count()).toBe(count)
    expect(await page.locator('#live-delete').isDisabled()).toBe(true)
    await page.close()
  })

  it('draws the channels that are chosen', async () => {
    const { page } = await open(reports.numbers)
    const titles = (): Promise<string[]> => page.locator('.live-panel figcaption').allInnerTexts()
    const first = await titles()
    expect(first).toHaveLength(4)
    await page.locator('#live-choice summary').click()
    const boxes = page.locator('#live-channels input')
    for (let i = 0; i < 6; i++)
      if ((await boxes.nth(i).isChecked()) !== (i === 5)) await answerTo(page, () => boxes.nth(i).setChecked(i === 5))
    expect(await titles()).toEqual(['sixth'])
    const alone = (await page.locator('.live-picture svg').boundingBox())!.width
    await answerTo(page, () => boxes.nth(0).check())
    expect(await titles()).toEqual(['wave', 'sixth'])
    await page.waitForTimeout(300)
    for (const svg of await page.locator('.live-picture svg').all()) expect((await svg.boundingBox())!.width).toBeLessThan(0.6 * alone)
    expect(await page.locator('#live-drawn-count').innerText()).toBe('2')
    await page.close()
  })

  it('follows the series that is picked elsewhere, and tells which is picked here', async () => {
    const { page } = await open(reports.numbers)
    await page.evaluate('window.heard = []; document.addEventListener("latent-ode:series", (event) => heard.push(event.detail?.id))')
    const ids = await page.locator('#live-series option').allInnerTexts()
    await answerTo(page, () => page.locator('#live-series').selectOption('3'))
    expect(await page.evaluate('heard')).toEqual([ids[3]])
    await answerTo(page, () =>
      page.evaluate(`document.dispatchEvent(new CustomEvent('latent-ode:series', { detail: { id: ${JSON.stringify(ids[1])} } }))`),
    )
    expect(await page.locator('#live-series').inputValue()).toBe('1')
    // What it was told it does not tell again; ids that are not here, and nonsense, change nothing.
    const before = await answered(page)
    for (const detail of [`{ id: ${JSON.stringify(ids[1])} }`, '{ id: "nobody" }', 'null', '{ id: null }', '{ id: "__proto__" }'])
      await page.evaluate(`document.dispatchEvent(new CustomEvent('latent-ode:series', { detail: ${detail} }))`)
    await page.waitForTimeout(300)
    expect(await answered(page)).toBe(before)
    expect(await page.evaluate('heard.length')).toBe(7)
    await page.close()
  })

  it('shows hostile names as text', async () => {
    const { page, said, requests } = await open(reports.hostile, { width: 400 })
    await answerTo(page, () => page.locator('#live-futures').click())
    await page.locator('.live-handle').first().hover()
    const options = await page.locator('#live-series option').allInnerTexts()
    expect(options.at(-1)).toBe('a new, empty series')
    expect((await page.locator('.live-panel figcaption').allInnerTexts()).some((title) => /script|__proto__/.test(title))).toBe(true)
    expect(await page.locator('#ask img, #bubble img').count()).toBe(0)
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
    const told = parse(await save(page, '#live-save-observations'), { columns: true }) as Record<string, string>[]
    expect(Object.keys(told[0]!)).toContain('</script><img src=x onerror=alert(1)>')
    expect(said).toEqual([])
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([page.url()])
    await page.close()
  })

  it('says so where WebAssembly may not run, and the rest of the page works', async () => {
    const without = join(folder, 'without.html')
    await writeFile(without, (await readFile(reports.numbers, 'utf8')).replace('wasm-unsafe-eval', 'none'))
    const { page } = await open(without)
    expect(await page.locator('#live-failure').innerText()).toMatch(
      /^The model cannot run in this browser: .*The other figures of this page do not need it\.$/,
    )
    expect(
      await page.evaluate('document.getElementById("live-controls").disabled && document.getElementById("live-form-fields").disabled'),
    ).toBe(true)
    await until(page, '[...document.querySelectorAll(".plot")].some((plot) => "drawn" in plot.dataset)')
    await page.close()
  })

  it('prints the state it is in, without its controls', async () => {
    const { page } = await open(reports.numbers)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('#live-controls').isVisible()).toBe(false)
    expect(await page.locator('.live-panel svg.marks').first().isVisible()).toBe(true)
    expect(await page.locator('#live-status').isVisible()).toBe(true)
    await page.close()
  })

  it('answers sooner than it opens', async () => {
    const { page } = await open(reports.numbers)
    const opening: number = await page.evaluate('performance.now()')
    const times: number[] = []
    for (let i = 0; i < 25; i++) {
      await answerTo(page, () => page.locator('#live-known').fill(String(1 + (i % 5))))
      times.push(Number(/\d+/.exec(await page.locator('#live-cost').innerText())![0]))
    }
    times.sort((a, b) => a - b)
    console.log(
      `Answers with four channels drawn: median ${times[12]} ms, fastest ${times[0]} ms, slowest ${times[24]} ms; the first after ` +
        `${Math.round(opening)} ms.`,
    )
    expect(times[12]!).toBeLessThan(opening)
    await page.close()
  })
})
