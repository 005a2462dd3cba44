import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'
import { frameOfSet } from '../../src/data/frame.js'
import type { SeriesSet } from '../../src/data/series.js'
import { framesToFile } from '../../src/data/writeFrames.js'
import { DataError } from '../../src/errors.js'
import { readSeries, type ReadOptions } from '../../src/data/read.js'
import type { ReadResult } from '../../src/data/readResult.js'

/** A folder that is gone after the tests of the file that asked for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latent-ode-data-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

let files = 0

/** Writes a file of a name of its own, ending in `name`. */
export function file(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, `${++files}-${name}`)
  writeFileSync(path, content)
  return path
}

/** Reads text as if it came from `visits.csv`, in pieces of a few bytes so that nothing may rest on where chunks end. */
export function readText(text: string | Uint8Array, options: ReadOptions = {}, chunk = 7): Promise<ReadResult> {
  const bytes = Buffer.from(text as string)
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk))
  return readSeries(Readable.from(pieces), { name: 'visits.csv', ...options })
}

/** The DataError that reading raises; fails if it raises none. */
export async function refusal(reading: Promise<unknown>): Promise<DataError> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DataError)
  return error as DataError
}

/** The lines of a set as `[id, time, ...cells]`, null where missing. */
export function rowsOf({ set }: Pick<ReadResult, 'set'>): (string | number | null)[][] {
  const width = set.channels.length
  return set.series.flatMap(({ id, times, values, mask }) =>
    Array.from(times, (time, row) => [
      id,
      time,
      ...Array.from({ length: width }, (_, c) => (mask[row * width + c] === 1 ? values[row * width + c]! : null)),
    ]),
  )
}

/** A set as a CSV file has it. */
export async function csvOf(set: SeriesSet): Promise<string> {
  const frame = frameOfSet(set)
  return [...(await framesToFile('set.csv', [frame], frame))].join('')
}

const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

/** A real data set beside the checkout, or undefined. */
export function sharedFile(path: string): string | undefined {
  return existsSync(join(shared, path)) ? join(shared, path) : undefined
}
