// Trains for a while by `fit` and times its steps, from one to the next, whatever a step does. A process of
// its own, of plain JavaScript: nothing but the package adds to its memory. Takes a request, says a reply, both as in
// measure.ts, as JSON.
import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { selectEngine } from '../../dist/engine/select.js'
import { fit } from '../../dist/train/fit.js'

const { settings, file, engine: engineName, threads, seconds, leastSteps, comparedSteps } = JSON.parse(process.argv[2])
const set = deserialize(readFileSync(file))
const engine = await selectEngine(engineName)
const stop = new globalThis.AbortController()
const steps = []
const losses = []
let [evaluations, count, began, last, used] = [0, 0, 0, 0, process.cpuUsage()]

const before = process.memoryUsage().rss

/** As for items: the time that other processes had does not count, where there is but one thread to tell it from. */
function secondsSince(then, usedThen) {
  const wall = (performance.now() - then) / 1000
  const { user, system } = process.cpuUsage(usedThen)
  return threads === 1 ? Math.min(wall, (user + system) / 1e6) : wall
}

/**
 * Bytes resident at the highest. On Linux what the system counts for a process (`maxRSS`) begins with the peak of the
 * one that started it, here with that of reading and simulating all sets; the mark of the address space is its own.
 */
function peakMemory() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}

await fit(engine, set, settings, {
  threads,
  signal: stop.signal,
  onStep(_state, { loss, evaluations: each }) {
    const now = performance.now()
    if (losses.length < comparedSteps) losses.push(loss)
    evaluations += each
    count++
    if (began === 0) began = now
    // A quarter of the time beforehand, and twenty steps, are for compilers, and for workers to start.
    else if (count > 20 && (now - began) / 1000 > seconds / 4) steps.push(secondsSince(last, used))
    last = now
    used = process.cpuUsage()
    if ((now - began) / 1000 > 1.25 * seconds && steps.length >= leastSteps) stop.abort()
  },
})
engine.dispose()
console.log(
  JSON.stringify({ steps, losses, evaluations: evaluations / count, before, memory: peakMemory(), engine: engine.detail ?? engine.name }),
)
