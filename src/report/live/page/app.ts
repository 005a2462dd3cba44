import { formatDuration, formatTime, toMilliseconds } from '../../format.js'
import { History } from '../history.js'
import type { LivePage } from '../livePage.js'
import type { LiveModel } from '../liveModel.js'
import { panelOf, posteriorFigure, seriesViewOf, type Extent, type Surroundings, type Told } from '../pictures.js'
import {
  addPoint,
  movePoint,
  questionOf,
  reachOf,
  recorded,
  removePoint,
  reveal,
  roundHorizon,
  timeWindow,
  unwritten,
  type Scenario,
} from '../scenario.js'
import { roundTo, roundValue, stepValue, timeStep } from '../steps.js'
import { expectedInWords, forecastFile, observationsFile, panelInWords, pointInWords, toldInWords } from '../words.js'
import { element, listenForSeries, saveFile, tellSeries, whenIdle } from './document.js'
import { ValueForm } from './form.js'
import { Panel, type Courses, type Dot, type Place } from './panel.js'
import { Drawing } from './vega.js'

/** Futures are drawn so many at a time, and no more than that in all: more lines than can be told apart. */
const FUTURES = { each: 20, most: 100 }
/** A horizon goes up to so many times the span of a series, in steps of the slider. */
const HORIZON = { most: 2, steps: 100 }

/** The section of a page in which the model is asked: what the reader does changes the scenario, and each change is answered. */
export class App {
  readonly #surroundings: Surroundings
  readonly #names: readonly string[]
  readonly #panels = new Map<number, Panel>()
  readonly #posterior = new Drawing(element('live-posterior'))
  readonly #form: ValueForm
  /** By series; what the reader did to one is there when they come back to it. */
  readonly #histories = new Map<number, History<Scenario>>()
  #history: History<Scenario>
  /** Index into the page's series; -1 for the new one. */
  #series = 0
  #drawn: readonly number[] = []
  #futures = 0
  #chosen: { readonly channel: number; readonly key: number } | undefined
  /** Axes that stay while a point is dragged. */
  #held: ReadonlyMap<number, Extent> | undefined
  #told: Told | undefined
  #asked = 0
  #answered = 0
  #answering = false
  #saying: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly page: LivePage,
    private readonly model: LiveModel,
  ) {
    this.#surroundings = { normalisation: page.normalisation, axis: page.time, scale: page.scale }
    this.#names = page.normalisation.channels.map(({ channel }) => channel)
    this.#history = this.#historyOf(0)
    this.#form = new ValueForm(page.time, {
      add: (value) => this.#edit(addPoint(this.#history.current, value), { choose: value }),
      change: (to) => this.#chosen && this.#edit(movePoint(this.#history.current, this.#chosen.key, to)),
      remove: () => this.#chosen && this.#edit(removePoint(this.#history.current, this.#chosen.key)),
      reach: () => reachOf(this.#history.current, page.scale),
    })
    this.#connect()
    this.choose(0)
    this.#warmUp()
  }

  /** Shows another series, as it was recorded or left. */
  choose(series: number): void {
    this.#series = series
    this.#history = this.#historyOf(series)
    this.#chosen = undefined
    element<HTMLSelectElement>('live-series').value = series < 0 ? 'new' : String(series)
    this.#refresh()
  }

  /** Asks and draws a few times to no end: the browser compiles what is run often, and the reader should not wait for that. */
  #warmUp(left = 3): void {
    whenIdle(() => {
      if (this.#told && !this.#answering && this.#futures === 0)
        void this.#draw({ ...this.#told, answer: this.model.ask(this.#told.question) }, [])
      if (left > 1) this.#warmUp(left - 1)
    })
  }

  #historyOf(series: number): History<Scenario> {
    const known = this.#histories.get(series)
    if (known) return known
    const made = new History(this.#scenarioOf(series))
    this.#histories.set(series, made)
    return made
  }

  #scenarioOf(series: number): Scenario {
    const { scale, series: all } = this.page
    return all[series] ? recorded(all[series], scale) : unwritten('new', scale)
  }

  #connect(): void {
    const on = (id: string, type: string, run: () => void): void => element(id).addEventListener(type, run)
    const range = (id: string): number => Number(element<HTMLInputElement>(id).value)
    on('live-series', 'change', () => {
      const { value } = element<HTMLSelectElement>('live-series')
      this.choose(value === 'new' ? -1 : Number(value))
      if (this.#series >= 0) tellSeries(this.page.series[this.#series]!.id)
    })
    on('live-known', 'input', () => this.#edit(reveal(this.#history.current, range('live-known')), { kind: 'known' }))
    on('live-horizon', 'input', () =>
      this.#edit(
        { ...this.#history.current, horizon: roundHorizon((range('live-horizon') / HORIZON.steps) * this.#longestHorizon()) },
        { kind: 'horizon' },
      ),
    )
    on('live-futures', 'click', () => this.#drawFutures(Math.min(FUTURES.most, this.#futures + FUTURES.each)))
    on('live-no-futures', 'click', () => this.#drawFutures(0))
    on('live-undo', 'click', () => this.#undo())
    on('live-reset', 'click', () => {
      this.#futures = 0
      this.#chosen = undefined
      this.#edit(this.#scenarioOf(this.#series))
    })
    on('live-save-observations', 'click', () =>
      saveFile('observations.csv', observationsFile(this.#history.current, this.#names, this.page.time, this.page)),
    )
    on('live-save-forecast', 'click', () =>
      saveFile('forecast.csv', forecastFile(this.#history.current, this.model.table(this.#told!.question), this.page.time)),
    )
    const boxes = [...document.querySelectorAll<HTMLInputElement>('#live-channels input')]
    const drawn = (): number[] => (boxes.length === 0 ? [0] : boxes.filter(({ checked }) => checked).map(({ value }) => Number(value)))
    for (const box of boxes)
      box.addEventListener('change', () => {
        this.#drawn = drawn()
        this.#refresh()
      })
    this.#drawn = drawn()
    element('ask').addEventListener('keydown', (event) => {
      const text = event.target instanceof HTMLInputElement && event.target.type !== 'range' && event.target.type !== 'checkbox'
      if (text || event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return
      event.preventDefault()
      this.#undo()
    })
    listenForSeries((id) => {
      const found = this.page.series.findIndex((series) => series.id === id)
      if (found >= 0 && found !== this.#series) this.choose(found)
    })
  }

  #longestHorizon(): number {
    const { rows } = this.#history.current
    return HORIZON.most * (rows.length > 1 ? rows.at(-1)! - rows[0]! : this.page.scale.span)
  }

  /** Goes on to another scenario. `kind` joins it with a change of the same kind just before. */
  #edit(next: Scenario, { kind, choose }: { readonly kind?: string; readonly choose?: { readonly channel: number } } = {}): void {
    const before = this.#history.current
    this.#history.change(next, kind)
    if (choose && next !== before) this.#chosen = { channel: choose.channel, key: next.nextKey - 1 }
    this.#refresh()
  }

  #undo(): void {
    this.#history.undo()
    this.#refresh()
  }

  #drawFutures(count: number): void {
    this.#futures = count
    this.#refresh()
  }

  /** Answers the scenario; what changes until the answer is drawn, is answered together with the next frame. */
  #refresh(): void {
    this.#asked ||= performance.now()
    this.#showControls()
    if (this.#answering) return
    this.#answering = true
    void this.#answer()
  }

  async #answer(): Promise<void> {
    const asked = this.#asked
    this.#asked = 0
    try {
      const scenario = this.#history.current
      const question = questionOf(scenario, this.#drawn, this.#names.length)
      const told: Told = { scenario, question, answer: this.model.ask(question) }
      const futures = this.#futures > 0 ? this.model.futures(question, this.#futures) : []
      this.#told = told
      await this.#draw(told, futures)
      element('live-failure').hidden = true
      this.#answered++
      // The first answer waits for everything to be made ready.
      if (this.#answered > 1)
        element('live-cost').textContent = `Answered in ${Math.max(1, Math.round(performance.now() - asked))} ms by the model in this page.`
      this.#say(told)
      element('ask').dataset.answered = String(this.#answered)
    } catch (error) {
      const failure = element('live-failure')
      failure.hidden = false
      failure.textContent = `The model has no answer to this: ${error instanceof Error ? error.message : String(error)} Undo the last change, or reset.`
    }
    await new Promise(requestAnimationFrame)
    this.#answering = false
    if (this.#asked) this.#refresh()
  }

  async #draw(told: Told, futures: readonly Courses['courses'][]): Promise<void> {
    const view = seriesViewOf(told, this.#surroundings)
    for (const [channel, panel] of this.#panels) {
      if (told.question.channels.includes(channel)) continue
      panel.dispose()
      this.#panels.delete(channel)
    }
    const height = told.question.channels.length === 1 ? 280 : 190
    const times = Array.from(told.question.times, (time) => toMilliseconds(time, this.page.time))
    const home = element('live-panels')
    // All are there before one is drawn: its width depends on the others.
    told.question.channels.forEach((channel, i) => {
      const { element: figure } = this.#panels.get(channel) ?? this.#makePanel(channel)
      if (home.children[i] !== figure) home.insertBefore(figure, home.children[i] ?? null)
    })
    const shown = told.question.channels.map((channel, i) => {
      const panel = this.#panels.get(channel)!
      return panel.show(
        panelOf(told, view, i, this.#surroundings, height, this.#held?.get(channel)),
        this.#dotsOf(told.scenario, channel),
        { times, courses: futures[i] ?? [] },
        panelInWords(view, i, this.page.time),
      )
    })
    const { mean, sd } = told.answer.posterior
    element('live-posterior').setAttribute(
      'aria-label',
      `Mean and 90 % of the ${mean.length} latents; their standard deviations are on average ` +
        `${(sd.reduce((a, b) => a + b, 0) / sd.length).toFixed(2)} of the prior’s.`,
    )
    await Promise.all([...shown, this.#posterior.show(posteriorFigure(told.answer.posterior))])
    if (this.#chosen) this.#panels.get(this.#chosen.channel)?.mark(this.#chosen.key)
  }

  #dotsOf(scenario: Scenario, channel: number): Dot[] {
    return scenario.points
      .filter((point) => point.channel === channel)
      .map((point) => ({
        key: point.key,
        time: toMilliseconds(point.time, this.page.time),
        value: point.value,
        label: pointInWords(scenario, point, this.#names[channel]!, this.page.time),
      }))
  }

  #makePanel(channel: number): Panel {
    const valueOf = (panel: Panel, value: number): number => roundValue(value, { ...panel.extent!, log: panel.isLog })
    const timeOf = ({ time }: Place): number => {
      const [from, to] = timeWindow(this.#history.current)
      return Math.min(to, Math.max(from, roundTo(fromMilliseconds(time, this.page.time), timeStep(this.page.time, from, to))))
    }
    const panel = new Panel(this.#names[channel]!, {
      add: (place) =>
        this.#edit(addPoint(this.#history.current, { channel, time: this.#nearTime(timeOf(place)), value: valueOf(panel, place.value) }), {
          choose: { channel },
        }),
      addAfter: (key) => this.#addAfter(channel, key, panel),
      choose: (key) => {
        this.#chosen = { channel, key }
        this.#showChosen()
      },
      drag: (key, place, done) => {
        this.#held ??= new Map([...this.#panels].flatMap(([c, one]) => (one.extent ? [[c, one.extent] as const] : [])))
        if (done) this.#held = undefined
        this.#edit(movePoint(this.#history.current, key, { time: timeOf(place), value: valueOf(panel, place.value) }), {
          kind: `drag ${key}`,
        })
      },
      step: (key, times, values) => {
        const point = this.#history.current.points.find((one) => one.key === key)!
        const step = timeStep(this.page.time, ...timeWindow(this.#history.current))
        const [first, last] = reachOf(this.#history.current, this.page.scale)
        const time = times === 0 ? point.time : Math.max(first, Math.min(last, roundTo(point.time + times * step, step)))
        const value = values === 0 ? point.value : stepValue(point.value, values, { ...panel.extent!, log: panel.isLog })
        this.#edit(movePoint(this.#history.current, key, { time, value }), { kind: `step ${key}` })
      },
      remove: (key) => this.#edit(removePoint(this.#history.current, key)),
    })
    this.#panels.set(channel, panel)
    return panel
  }

  /** A recorded or told time that is all but the one given: values of a visit belong together. */
  #nearTime(time: number): number {
    const [from, to] = timeWindow(this.#history.current)
    const near = this.#history.current.points.map((point) => point.time).sort((a, b) => Math.abs(a - time) - Math.abs(b - time))[0]
    return near !== undefined && Math.abs(near - time) <= (to - from) / 100 ? near : time
  }

  /** Adds a value where the model expects one: half-way to the next point of the channel, or to the end of the axis. */
  #addAfter(channel: number, key: number | undefined, panel: Panel): void {
    const { points } = this.#history.current
    const own = points.filter((point) => point.channel === channel)
    const position = own.findIndex((point) => point.key === key)
    const [from, to] = timeWindow(this.#history.current)
    const [left, right] = [own[position]?.time ?? from, own[position + 1]?.time ?? to]
    const time = roundTo((left + right) / 2, timeStep(this.page.time, from, to))
    const { question, answer } = this.#told!
    const nearest = question.times.reduce((best, at, i) => (Math.abs(at - time) < Math.abs(question.times[best]! - time) ? i : best), 0)
    const expected = answer.predictions[question.channels.indexOf(channel)]!.mean[nearest]!
    this.#edit(addPoint(this.#history.current, { channel, time, value: roundValue(expected, { ...panel.extent!, log: panel.isLog }) }), {
      choose: { channel },
    })
    panel.focusWhenShown(this.#history.current.nextKey - 1)
  }

  #showControls(): void {
    const { rows, known, horizon } = this.#history.current
    const slider = element<HTMLInputElement>('live-known')
    slider.max = String(rows.length)
    slider.value = String(known)
    slider.disabled = rows.length === 0
    const knownText =
      rows.length === 0
        ? 'nothing recorded'
        : `${known} of ${rows.length} times${known > 0 ? `, up to ${formatTime(rows[known - 1]!, this.page.time)}` : ''}`
    element('live-known-shown').textContent = knownText
    slider.setAttribute('aria-valuetext', knownText)
    const ahead = element<HTMLInputElement>('live-horizon')
    ahead.value = String(Math.round((horizon / this.#longestHorizon()) * HORIZON.steps))
    const aheadText = `${formatDuration(horizon, this.page.time)}, to ${formatTime(timeWindow(this.#history.current)[1], this.page.time)}`
    element('live-horizon-shown').textContent = aheadText
    ahead.setAttribute('aria-valuetext', aheadText)
    element<HTMLButtonElement>('live-futures').disabled = this.#futures >= FUTURES.most
    element<HTMLButtonElement>('live-no-futures').disabled = this.#futures === 0
    element<HTMLButtonElement>('live-undo').disabled = !this.#history.canUndo
    element<HTMLButtonElement>('live-reset').disabled = !this.#history.canUndo && this.#futures === 0
    const count = document.getElementById('live-drawn-count')
    if (count) count.textContent = String(this.#drawn.length)
    this.#showChosen()
  }

  #showChosen(): void {
    const point = this.#history.current.points.find(({ key }) => key === this.#chosen?.key)
    if (!point) this.#chosen = undefined
    this.#form.show(point)
    for (const panel of this.#panels.values()) panel.mark(point?.key)
  }

  /** Says in words what is told and expected: at once to be seen, and to be read out when the reader has come to rest. */
  #say(told: Told): void {
    clearTimeout(this.#saying)
    const view = seriesViewOf(told, this.#surroundings)
    const text =
      `${toldInWords(told.scenario)} ` +
      `${expectedInWords(view, this.page.time)}${this.#futures > 0 ? ` ${this.#futures} futures are drawn.` : ''}`
    this.#saying = setTimeout(
      () => {
        element('live-status').textContent = text
      },
      this.#held ? 0 : 250,
    )
  }
}

/** A time on the axis, of what a figure has: the inverse of `toMilliseconds`. */
function fromMilliseconds(milliseconds: number, axis: LivePage['time']): number {
  return axis.kind !== 'date'
    ? milliseconds
    : (milliseconds - toMilliseconds(0, axis)) / (toMilliseconds(1, axis) - toMilliseconds(0, axis))
}
