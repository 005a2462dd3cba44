import { describe, expect, test } from 'vitest'
import type { TimeAxis } from '../../src/data/series.js'
import { History } from '../../src/report/live/history.js'
import type { LiveSeries } from '../../src/report/live/liveContents.js'
import { channelsAtFirst } from '../../src/report/live/livePage.js'
import {
  addPoint,
  knownPoints,
  movePoint,
  questionOf,
  reachOf,
  recorded,
  removePoint,
  reveal,
  roundHorizon,
  timeWindow,
  unwritten,
} from '../../src/report/live/scenario.js'
import { roundStep, roundTo, roundValue, stepValue, timeStep } from '../../src/report/live/steps.js'
import { forecastFile, observationsFile, pointInWords, toldInWords } from '../../src/report/live/words.js'

const scale = { origin: 'first', earliest: 2, span: 100, rate: 1 } as const
/** Four times, two channels; the second is not observed at the second time. */
const series: LiveSeries = {
  id: 'a',
  times: [10, 10, 20, 30, 30, 50, 50],
  channels: [0, 1, 0, 0, 1, 0, 1],
  values: [1, -1, 2, 3, -3, 5, -5],
}
const start = recorded(series, scale)
const told = (scenario: typeof start) => knownPoints(scenario).map(({ time, channel, value }) => [time, channel, value])

describe('what is supposed of a series', () => {
  test('at first the model is told the first half of its span', () => {
    expect(start.rows).toEqual([10, 20, 30, 50])
    expect(start.known).toBe(3)
    expect(timeWindow(start)).toEqual([10, 60])
  })

  test('the slider hides whole times; none is told at 0', () => {
    expect(told(reveal(start, 2))).toEqual([
      [10, 0, 1],
      [10, 1, -1],
      [20, 0, 2],
    ])
    expect(told(reveal(start, 0))).toEqual([])
    expect(reveal(start, 99).known).toBe(4)
    expect(reveal(start, -1).known).toBe(0)
  })

  test('what the reader adds or moves is told wherever it lies, and the rest stays hidden', () => {
    const added = addPoint(reveal(start, 1), { time: 40, channel: 1, value: 7 })
    expect(told(added)).toEqual([
      [10, 0, 1],
      [10, 1, -1],
      [40, 1, 7],
    ])
    const last = added.points.at(-1)!
    expect(told(movePoint(added, last.key, { time: 55 }))).toEqual([
      [10, 0, 1],
      [10, 1, -1],
      [40, 1, 7],
      [55, 1, -5],
    ])
    // A recorded point that was moved takes nothing of its time with it.
    expect(movePoint(added, 0, { time: 12 }).rows).toEqual(start.rows)
  })

  test('a value at the time of another of its channel takes its place; a move there is refused', () => {
    expect(
      addPoint(start, { time: 20, channel: 0, value: 9 })
        .points.filter(({ time }) => time === 20)
        .map(({ value }) => value),
    ).toEqual([9])
    expect(movePoint(start, 0, { time: 20 })).toBe(start)
    expect(movePoint(start, 1, { time: 20 }).points.filter(({ time }) => time === 20)).toHaveLength(2)
    expect(movePoint(start, 0, { time: 10, value: 1 })).toBe(start)
    expect(movePoint(start, 99, { value: 1 })).toBe(start)
  })

  test('points stay in order of time, and keys are theirs', () => {
    const moved = movePoint(start, 0, { time: 45 })
    expect(moved.points.map(({ time }) => time)).toEqual([10, 20, 30, 30, 45, 50, 50])
    expect(moved.points.find(({ key }) => key === 0)!.time).toBe(45)
    expect(addPoint(removePoint(moved, 6), { time: 1, channel: 0, value: 0 }).points.map(({ key }) => key)).toContain(7)
    expect(removePoint(start, 2).points).toHaveLength(6)
  })

  test('the axis reaches to the horizon and holds every point', () => {
    expect(timeWindow({ ...start, horizon: 0 })).toEqual([10, 50])
    expect(timeWindow(addPoint(addPoint(start, { time: 99, channel: 0, value: 0 }), { time: -5, channel: 0, value: 0 }))).toEqual([-5, 99])
    expect(timeWindow(unwritten('new', scale))).toEqual([2, 102])
    expect(reachOf(start, scale)).toEqual([-990, 1050])
    expect(timeWindow(unwritten('new', { ...scale, origin: 'zero' }))).toEqual([0, 100])
  })
})

describe('the question', () => {
  test('holds what is told as a series, times together, and asks from the first of them to the end', () => {
    const { series: asked, rows, times, channels } = questionOf(reveal(start, 2), [1], 2)
    expect(Array.from(asked.times)).toEqual([10, 20])
    expect(Array.from(asked.values)).toEqual([1, -1, 2, 0])
    expect(Array.from(asked.mask)).toEqual([1, 1, 1, 0])
    expect(Array.from(rows)).toEqual([0, 1])
    expect(channels).toEqual([1])
    expect([times[0], times.at(-1), times.length]).toEqual([10, 60, 80])
    expect(times.every((time) => Number(time.toPrecision(15)) === time)).toBe(true)
  })

  test('with nothing told it asks from the first time recorded, which is where z0 lives', () => {
    const { series: asked, rows, times } = questionOf(reveal(start, 0), [0], 2)
    expect([asked.times[0], rows.length, times[0]]).toEqual([10, 0, 10])
    expect(asked.mask.includes(1)).toBe(false)
    expect(questionOf(unwritten('new', scale), [0], 2).times[0]).toBe(2)
  })

  test('of a single time and no horizon is one time', () => {
    expect(
      Array.from(questionOf({ ...recorded({ id: 'x', times: [5], channels: [0], values: [1] }, scale), horizon: 0 }, [0], 2).times),
    ).toEqual([5])
  })
})

test('history: changes of one kind that follow each other are one, undone as one', () => {
  const history = new History(0)
  history.undo()
  for (const [next, kind] of [
    [1, undefined],
    [2, 'move'],
    [3, 'move'],
    [4, 'turn'],
    [5, undefined],
    [5, undefined],
  ] as const)
    history.change(next, kind)
  const seen: number[] = []
  for (; history.canUndo; history.undo()) seen.push(history.current)
  expect([...seen, history.current]).toEqual([5, 4, 3, 1, 0])
  history.change(1, 'move')
  history.undo()
  history.change(2, 'move')
  history.undo()
  expect(history.current).toBe(0)
})

describe('steps', () => {
  const days: TimeAxis = { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true }

  test('are round, and no digits are left over', () => {
    expect([0.7, 1, 3, 9.99, 47, 0.02].map(roundStep)).toEqual([0.5, 1, 2, 5, 20, 0.02])
    expect(roundTo(0.1 + 0.2, 0.1)).toBe(0.3)
    expect([906.5, 37, 0].map(roundHorizon)).toEqual([900, 37, 0])
  })

  test('of time are whole days where the data have days', () => {
    expect(timeStep(days, 0, 30)).toBe(1)
    expect(timeStep({ kind: 'number' }, 0, 30)).toBe(0.1)
    expect(timeStep({ kind: 'number' }, 5, 5)).toBeGreaterThan(0)
  })

  test('of values go up and down again, and stay positive on a logarithmic axis', () => {
    const linear = { low: 0, high: 10, log: false }
    expect(stepValue(stepValue(3.37, 1, linear), -1, linear)).toBeCloseTo(3.4, 10)
    expect(roundValue(3.3456, linear)).toBe(3.34)
    const log = { low: 0.01, high: 1000, log: true }
    let value = 5
    for (let i = 0; i < 300; i++) value = stepValue(value, -1, log)
    expect(value).toBeGreaterThan(0)
    expect(value).toBeLessThan(0.01)
    // An axis so short that three digits do not tell a step.
    expect(stepValue(100, 1, { low: 100, high: 101, log: true })).toBeGreaterThan(100)
    expect(stepValue(100, -1, { low: 100, high: 101, log: true })).toBeLessThan(100)
  })
})

describe('words and files', () => {
  const axis: TimeAxis = { kind: 'date', unit: 'day', epoch: '2020-01-01T00:00:00Z', dateOnly: true }

  test('say what is told', () => {
    expect(toldInWords(start)).toBe('The model is told 5 values of the first 3 of 4 times.')
    expect(toldInWords(addPoint(reveal(start, 1), { time: 40, channel: 1, value: 7 }))).toBe(
      'The model is told 2 values of the first 1 of 4 times and 1 value of yours.',
    )
    expect(toldInWords(addPoint(unwritten('new', scale), { time: 40, channel: 1, value: 7 }))).toBe('The model is told 1 value of yours.')
    expect(toldInWords(reveal(start, 0))).toContain('told nothing')
    expect(pointInWords(start, start.points[6]!, 'b', axis)).toBe('b −5 at 2020-02-20, kept from the model')
  })

  test('the file of observations has what is told, dates as dates, names quoted, and no id where the data have none', () => {
    const names = ['a', '"b",\n']
    expect(observationsFile(reveal(start, 2), names, axis, { idColumn: 'id', timeColumn: 'day' })).toBe(
      'id,day,a,"""b"",\n"\na,2020-01-11,1,-1\na,2020-01-21,2,\n',
    )
    expect(observationsFile(reveal(start, 1), names, { kind: 'number' }, { idColumn: '', timeColumn: 't' })).toBe(
      't,a,"""b"",\n"\n10,1,-1\n',
    )
  })

  test('the file of the forecast is laid out as that of predict', () => {
    const row = { time: 0.5, channel: 'a', mean: 1, sd: 2, q05: 3, q25: 4, q50: 5, q75: 6, q95: 7 }
    expect(forecastFile(start, [row], axis)).toBe('id,time,channel,mean,sd,q05,q25,q50,q75,q95\na,2020-01-01T12:00:00Z,a,1,2,3,4,5,6,7\n')
  })

  test('the channels drawn at first are those observed most, in their order', () => {
    const channels = ['p', 'q', 'r'].map((channel) => ({ channel, transform: { kind: 'none' as const }, mean: 0, sd: 1, rawMean: 0 }))
    expect(
      channelsAtFirst({ normalisation: { channels, timeScale: 1 }, series: [series, { ...series, channels: [2, 2, 2, 2, 0, 0, 0] }] }, 2),
    ).toEqual([0, 2])
  })
})
