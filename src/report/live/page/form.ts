import { formatTime, parseTime } from '../../../data/dates.js'
import type { TimeAxis } from '../../../data/series.js'
import { formatTime as shownTime } from '../../format.js'
import type { Point } from '../scenario.js'
import { element } from './document.js'

export interface FormEvents {
  add(value: Pick<Point, 'channel' | 'time' | 'value'>): void
  /** The chosen point is to be there. */
  change(to: Pick<Point, 'time' | 'value'>): void
  remove(): void
  /** First and last time that a value may have. */
  reach(): readonly [number, number]
}

/** The form in which a value is written down, or the chosen point is changed. */
export class ValueForm {
  readonly #channel = element<HTMLSelectElement>('live-channel')
  readonly #time = element<HTMLInputElement>('live-time')
  readonly #value = element<HTMLInputElement>('live-value')
  readonly #message = element('live-form-message')

  constructor(
    private readonly axis: TimeAxis,
    private readonly events: FormEvents,
  ) {
    element('live-form').addEventListener('submit', (event) => {
      event.preventDefault()
      const read = this.#read()
      if (read) events.add({ channel: Number(this.#channel.value), ...read })
    })
    element('live-change').addEventListener('click', () => {
      const read = this.#read()
      if (read) events.change(read)
    })
    element('live-delete').addEventListener('click', () => events.remove())
    this.#time.placeholder = formatTime(axis, 0)
  }

  /** Shows the chosen point, if there is one. */
  show(point: Point | undefined): void {
    for (const id of ['live-change', 'live-delete']) element<HTMLButtonElement>(id).disabled = !point
    if (!point) return
    this.#channel.value = String(point.channel)
    this.#time.value = formatTime(this.axis, point.time)
    this.#value.value = String(point.value)
    this.#message.textContent = ''
    for (const field of [this.#time, this.#value]) field.removeAttribute('aria-invalid')
  }

  /** What is written; undefined, and said why, if it is no time or no number. */
  #read(): { time: number; value: number } | undefined {
    const value = this.#value.value.trim() === '' ? NaN : Number(this.#value.value)
    let time = NaN
    let message = ''
    try {
      time = parseTime(this.axis, this.#time.value)
      const [from, to] = this.events.reach()
      if (time < from || time > to)
        message =
          `The time ${JSON.stringify(this.#time.value)} is too far from all others: give one from ${shownTime(from, this.axis)} to ` +
          `${shownTime(to, this.axis)}.`
    } catch (error) {
      message = error instanceof Error ? error.message : String(error)
    }
    this.#time.setAttribute('aria-invalid', String(message !== ''))
    this.#value.setAttribute('aria-invalid', String(!Number.isFinite(value)))
    if (message === '' && !Number.isFinite(value))
      message = `The value ${JSON.stringify(this.#value.value)} is no number. Write it like 12 or 12.5.`
    this.#message.textContent = message
    return message === '' ? { time, value } : undefined
  }
}
