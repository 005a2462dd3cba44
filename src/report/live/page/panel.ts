import type { Specification } from '../../specification.js'
import type { Extent } from '../pictures.js'
import { Drawing, hideBubble, showBubble } from './vega.js'

/** Where something is on a panel: milliseconds or a number along, and a value up. */
export interface Place {
  readonly time: number
  readonly value: number
}

/** A point as a panel shows it. */
export interface Dot extends Place {
  readonly key: number
  /** For those who do not see it. */
  readonly label: string
}

/** Lines through the same times. */
export interface Courses {
  readonly times: readonly number[]
  readonly courses: readonly (readonly number[])[]
}

/** What the reader does on a panel. */
export interface PanelEvents {
  /** Asked for a new point there. */
  add(place: Place): void
  /** Asked for a new point after one, or anywhere if there is none. */
  addAfter(key: number | undefined): void
  choose(key: number): void
  /** Dragged there; `done` when it is let go. */
  drag(key: number, to: Place, done: boolean): void
  /** Moved by so many steps in time and in value. */
  step(key: number, times: number, values: number): void
  remove(key: number): void
}

interface Scale {
  (value: number): number
  invert(pixel: number): number | Date
  domain(): readonly (number | Date)[]
  readonly type: string
}

/** A channel: its figure, and on top of each point a button that takes the mouse and the keyboard. */
export class Panel {
  readonly element = document.createElement('figure')
  readonly #plot = document.createElement('div')
  readonly #handles = document.createElement('div')
  readonly #lines = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  readonly #line = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  readonly #drawing: Drawing
  readonly #buttons = new Map<number, HTMLButtonElement>()
  #dots: readonly Dot[] = []
  #notes: readonly (readonly (readonly [string, string])[])[] = []
  #courses: Courses = { times: [], courses: [] }
  #current: number | undefined
  #wanted: number | undefined

  constructor(
    channel: string,
    private readonly events: PanelEvents,
  ) {
    this.element.className = 'figure live-panel'
    const caption = document.createElement('figcaption')
    const title = document.createElement('strong')
    title.textContent = channel
    caption.append(title)
    this.#plot.className = 'live-plot'
    this.#plot.setAttribute('role', 'group')
    const picture = document.createElement('div')
    picture.className = 'live-picture'
    picture.setAttribute('aria-hidden', 'true')
    this.#handles.className = 'live-handles'
    this.#lines.setAttribute('class', 'live-courses')
    this.#lines.setAttribute('aria-hidden', 'true')
    this.#lines.append(this.#line)
    // Lines lie under the bands, which one sees through, and under the points.
    this.#plot.append(this.#lines, picture, this.#handles)
    this.element.append(caption, this.#plot)
    this.#drawing = new Drawing(picture, () => this.place())
    this.#plot.addEventListener('dblclick', (event) => {
      if (event.target instanceof HTMLButtonElement) return
      const place = this.#placeOf(event)
      if (place) events.add(place)
    })
    this.#plot.addEventListener('keydown', (event) => this.#onKey(event))
  }

  /** What its axes show. */
  get extent(): Extent | undefined {
    const { view } = this.#drawing
    if (!view) return undefined
    return {
      from: Number(view.signal('from')),
      to: Number(view.signal('to')),
      low: Number(view.signal('low')),
      high: Number(view.signal('high')),
    }
  }

  get isLog(): boolean {
    return this.#drawing.view !== undefined && this.#scale('y').type === 'log'
  }

  async show(spec: Specification, dots: readonly Dot[], courses: Courses, description: string): Promise<void> {
    await this.#drawing.show(spec)
    this.#notes = notesOf(spec)
    this.#dots = dots
    this.#courses = courses
    this.#plot.setAttribute('aria-label', description)
    this.place()
  }

  /** Draws the courses, and puts the buttons where their points are drawn. */
  place(): void {
    const { view } = this.#drawing
    if (!view) return
    const [x, y] = [this.#scale('x'), this.#scale('y')]
    const [left, top] = this.#origin()
    this.#drawCourses(x, y)
    const focused = [...this.#buttons].find(([, button]) => button === document.activeElement)?.[0]
    const gone = this.#dots.every(({ key }) => key !== focused)
    for (const [key, button] of this.#buttons) {
      if (this.#dots.some((dot) => dot.key === key)) continue
      button.remove()
      this.#buttons.delete(key)
    }
    if (!this.#dots.some(({ key }) => key === this.#current)) this.#current = this.#dots[0]?.key
    this.#dots.forEach(({ key, time, value, label }, i) => {
      const button = this.#buttons.get(key) ?? this.#makeButton(key)
      button.style.left = `${left + x(time)}px`
      button.style.top = `${top + y(value)}px`
      button.setAttribute('aria-label', label)
      button.tabIndex = key === this.#current ? 0 : -1
      // Their order in the document is that of time; moving an element would take its focus away.
      const there = this.#handles.children[i]
      if (there !== button && button !== document.activeElement) this.#handles.insertBefore(button, there ?? null)
    })
    this.#plot.tabIndex = this.#dots.length === 0 ? 0 : -1
    // A point that was deleted hands the focus on.
    if (focused !== undefined && gone) this.focus(this.#current)
    if (this.#wanted !== undefined && this.#buttons.has(this.#wanted)) {
      this.focus(this.#wanted)
      this.#wanted = undefined
    }
  }

  /** Puts the focus on a point, or on the panel if it has none. */
  focus(key: number | undefined): void {
    const button = key === undefined ? undefined : this.#buttons.get(key)
    if (!button) return this.#plot.focus()
    this.#current = key
    for (const [other, one] of this.#buttons) one.tabIndex = other === key ? 0 : -1
    button.focus()
  }

  /** Shows which point is chosen. */
  mark(key: number | undefined): void {
    for (const [other, button] of this.#buttons) button.setAttribute('aria-current', String(other === key))
  }

  /** Puts the focus on a point as soon as it is drawn. */
  focusWhenShown(key: number): void {
    this.#wanted = key
  }

  dispose(): void {
    this.#drawing.dispose()
    this.element.remove()
  }

  /** By hand: a hundred lines are too many rows for the library to lay out between two frames. */
  #drawCourses(x: Scale, y: Scale): void {
    const [left, top] = this.#origin()
    const view = this.#drawing.view!
    const { style } = this.#lines
    Object.assign(style, { left: `${left}px`, top: `${top}px`, width: `${view.width()}px`, height: `${view.height()}px` })
    const across = this.#courses.times.map((time) => x(time).toFixed(1))
    this.#line.setAttribute(
      'd',
      this.#courses.courses.map((course) => `M${course.map((value, i) => `${across[i]} ${y(value).toFixed(1)}`).join('L')}`).join(''),
    )
  }

  #scale(name: 'x' | 'y'): Scale {
    return this.#drawing.view!.scale(name) as Scale
  }

  /** Where the axes cross their ends: the upper left corner of what is inside of them. */
  #origin(): readonly [number, number] {
    const view = this.#drawing.view!
    const { left = 0, top = 0 } = view.padding() as { left?: number; top?: number }
    const [x, y] = view.origin() as unknown as readonly [number, number]
    return [x + left, y + top]
  }

  #placeOf({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Place | undefined {
    const { view } = this.#drawing
    if (!view) return undefined
    const box = this.#plot.getBoundingClientRect()
    const [left, top] = this.#origin()
    const within = (pixel: number, size: number): number => Math.max(0, Math.min(size, pixel))
    return {
      time: Number(this.#scale('x').invert(within(clientX - box.left - left, view.width()))),
      value: Number(this.#scale('y').invert(within(clientY - box.top - top, view.height()))),
    }
  }

  #makeButton(key: number): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'live-handle'
    this.#buttons.set(key, button)
    let start: { readonly clientX: number; readonly clientY: number } | undefined
    let dragging = false
    button.addEventListener('focus', () => {
      this.#current = key
      this.events.choose(key)
    })
    button.addEventListener('dblclick', () => this.events.remove(key))
    button.addEventListener('pointerenter', (event) => {
      const note = this.#notes[this.#dots.findIndex((dot) => dot.key === key)]
      if (note && !start) showBubble(note, event)
    })
    button.addEventListener('pointerleave', hideBubble)
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      start = event
      dragging = false
      hideBubble()
      button.setPointerCapture(event.pointerId)
    })
    button.addEventListener('pointermove', (event) => {
      if (!start) return
      // A click is no drag, though the hand may tremble.
      dragging ||= Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 3
      const place = dragging && this.#placeOf(event)
      if (place) this.events.drag(key, place, false)
    })
    const end = (event: PointerEvent): void => {
      const place = start && dragging && this.#placeOf(event)
      start = undefined
      dragging = false
      if (place) this.events.drag(key, place, true)
    }
    button.addEventListener('pointerup', end)
    button.addEventListener('pointercancel', end)
    return button
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const key = [...this.#buttons].find(([, button]) => button === event.target)?.[0]
    const act = this.#action(event, key)
    if (!act) return
    event.preventDefault()
    act()
  }

  #action({ key: pressed, shiftKey }: KeyboardEvent, key: number | undefined): (() => void) | undefined {
    if (pressed === 'a' || pressed === 'A' || pressed === 'Insert') return () => this.events.addAfter(key)
    if (key === undefined) return undefined
    const by = shiftKey ? 10 : 1
    const position = this.#dots.findIndex((dot) => dot.key === key)
    const go = (to: number) => () => this.focus(this.#dots[Math.max(0, Math.min(this.#dots.length - 1, to))]!.key)
    switch (pressed) {
      case 'ArrowLeft':
        return () => this.events.step(key, -by, 0)
      case 'ArrowRight':
        return () => this.events.step(key, by, 0)
      case 'ArrowUp':
        return () => this.events.step(key, 0, by)
      case 'ArrowDown':
        return () => this.events.step(key, 0, -by)
      case 'Delete':
      case 'Backspace':
        return () => {
          this.#current = this.#dots[position + 1]?.key ?? this.#dots[position - 1]?.key
          this.events.remove(key)
        }
      case 'PageUp':
        return go(position - 1)
      case 'PageDown':
        return go(position + 1)
      case 'Home':
        return go(0)
      case 'End':
        return go(this.#dots.length - 1)
      default:
        return undefined
    }
  }
}

/** What the report says beside each observation: names and texts, one list for each dot, in their order. */
function notesOf({ datasets, layer }: Specification): readonly (readonly (readonly [string, string])[])[] {
  const { observations } = datasets as { readonly observations: readonly Readonly<Record<string, string>>[] }
  const layers = layer as readonly {
    readonly encoding: { readonly tooltip?: readonly { readonly field: string; readonly title: string }[] }
  }[]
  const told = layers.flatMap(({ encoding }) => (encoding.tooltip ? [encoding.tooltip] : []))[0] ?? []
  return observations.map((row) => told.map(({ field, title }) => [title, row[field]!] as const))
}
