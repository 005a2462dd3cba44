import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ownMark, stillRuns, type ProcessMark } from './processMark.js'

/** What a process of which nothing can be known leaves untouched for so long, in milliseconds, it left for good. */
const DAY = 24 * 3600 * 1000

/** Most bytes of a file's name that are repeated in the name of its scratch file: file systems allow 255. */
const MOST = 180

/**
 * A name beside the file that nobody else has, for what is being made: `.visits.csv.<machine>-<pid>-<start>-<random>.tmp`.
 * It says who makes it, so that `clearLeftovers` can tell what a killed process left.
 */
export function scratchPath(path: string): string {
  const { machine, pid, start } = ownMark()
  return join(dirname(path), `${prefixOf(path)}${machine}-${pid.toString(36)}-${start.toString(36)}-${randomBytes(4).toString('hex')}.tmp`)
}

/** Removes what killed processes left of their attempts to write this file. What others still make stays. */
export function clearLeftovers(path: string): void {
  const folder = dirname(path)
  const prefix = prefixOf(path)
  for (const name of listing(folder)) {
    if (!name.startsWith(prefix)) continue
    const mark = markIn(name.slice(prefix.length))
    if (mark !== undefined && isLeftOver(join(folder, name), mark))
      tryTo(() => rmSync(join(folder, name), { recursive: true, force: true }))
  }
}

function isLeftOver(path: string, mark: ProcessMark): boolean {
  const runs = stillRuns(mark)
  if (runs !== undefined) return !runs
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs > DAY
}

function prefixOf(path: string): string {
  const name = basename(path)
  if (Buffer.byteLength(name) <= MOST) return `.${name}.`
  return `.${createHash('sha256').update(name).digest('hex').slice(0, 32)}.`
}

function markIn(rest: string): ProcessMark | undefined {
  const [, machine, pid, start] = /^([0-9a-f]{10})-([0-9a-z]{1,10})-([0-9a-z]{1,11})-[0-9a-f]{8}\.tmp$/.exec(rest) ?? []
  return machine === undefined ? undefined : { machine, pid: parseInt(pid!, 36), start: parseInt(start!, 36) }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function tryTo(body: () => void): void {
  try {
    body()
  } catch {
    // What cannot be removed is in nobody's way.
  }
}
