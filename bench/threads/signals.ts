/**
 * What the threads of a team tell each other, in words of shared memory: the main thread the turn and what is to be
 * done in it, each helper which turn it has done.
 */
export type Signals = Int32Array

/** Words from one thread's to the next one's: each writes a cache line of its own, or they would slow each other. */
const LINE = 16

export const newSignals = (helpers: number): Signals => new Int32Array(new SharedArrayBuffer(4 * LINE * (helpers + 1)))

/** The main thread's words: the number of the turn, written last; what all do in it; with which item and quantity. */
export const [TURN, JOB, RUN] = [0, 1, 2]
/** Jobs: take a problem from the port and make its runs; run once; send results through the port. */
export const [PREPARE, CALL, RESULTS] = [0, 1, 2]

/** A helper's words: the last turn that it has done, and whether it failed in it. */
export const doneWord = (helper: number): number => LINE * (helper + 1)
export const failedWord = (helper: number): number => doneWord(helper) + 1

/** Writes a word, and wakes whoever sleeps until it changes. */
export function tell(signals: Signals, word: number, value: number): void {
  Atomics.store(signals, word, value)
  Atomics.notify(signals, word)
}

/** Milliseconds for which a thread looks at a word again and again before it sleeps: to be woken takes some 50 µs. */
const SPIN = 0.3
/** Looks at the word between looks at the clock. */
const LOOKS = 100

/** Waits until a word is no longer `old`; false if that takes longer than so many milliseconds. */
export function changed(signals: Signals, word: number, old: number, milliseconds = Infinity): boolean {
  for (let looks = 0; looks < LOOKS; looks++) if (Atomics.load(signals, word) !== old) return true
  const end = performance.now() + SPIN
  while (performance.now() < end) for (let looks = 0; looks < LOOKS; looks++) if (Atomics.load(signals, word) !== old) return true
  // It may be woken for a change that it has seen already.
  while (Atomics.load(signals, word) === old) if (Atomics.wait(signals, word, old, milliseconds) === 'timed-out') return false
  return true
}
