import type { Contestant } from './contest.js'
import type { Peaks } from './machine.js'
import type { Entry, ItemResult, Timing } from './measure.js'
import type { TrainingResult } from './train/measure.js'

/** Medians in microseconds under the names that others read, and beside them what shows their noise. */
function entryJson({ timings, agreement }: Entry): object {
  const out: Record<string, unknown> = {}
  const names = { f: 'f', v: 'v', p: 'v_packed' } as const
  for (const quantity of ['f', 'v', 'p'] as const) {
    const timing: Timing | undefined = timings[quantity]
    if (!timing) continue
    out[`${names[quantity]}_us`] = timing.median
    out[`${names[quantity]}_quartiles_us`] = [timing.lower, timing.upper]
    out[`${names[quantity]}_min_us`] = timing.least
    out[`${names[quantity]}_to_js`] = timing.ratio ?? null
  }
  return { ...out, error: agreement.error, agrees: agreement.ok }
}

export interface BenchJson {
  readonly items: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly train: Readonly<Record<string, Readonly<Record<string, object>>>>
  /** Instruction set of the native engine; null where it is not here. */
  readonly isa: string | null
  readonly peak_gflops: Peaks | null
  readonly machine: string
  /** Who could not take part, and why. */
  readonly absent: Readonly<Record<string, string>>
}

export function benchJson(
  results: readonly ItemResult[],
  training: readonly TrainingResult[],
  details: {
    readonly contestants: readonly Contestant[]
    readonly peaks: Peaks | undefined
    readonly machine: string
    readonly absent: Readonly<Record<string, string>>
  },
): BenchJson {
  const train: Record<string, Record<string, object>> = {}
  for (const { set, label, outcome } of training) (train[set] ??= {})[label] = outcome
  return {
    items: Object.fromEntries(
      results.map(({ item, entries, failures }) => [
        item,
        Object.fromEntries([
          ...entries.map((entry) => [entry.contestant, entryJson(entry)] as const),
          ...failures.map(({ contestant, reason }) => [contestant, { failed: reason }] as const),
        ]),
      ]),
    ),
    train,
    isa: details.contestants.find(({ name }) => name === 'native')?.detail ?? null,
    peak_gflops: details.peaks ?? null,
    machine: details.machine,
    absent: details.absent,
  }
}
