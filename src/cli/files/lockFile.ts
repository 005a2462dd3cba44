import { linkSync, lstatSync, readFileSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { atEnd } from '../../data/atEnd.js'
import { destinationOf } from '../../data/destination.js'
import { ownMark, stillRuns } from '../../data/processMark.js'
import { clearLeftovers, scratchPath } from '../../data/scratch.js'
import { writeError } from '../../data/writeError.js'
import { UserError } from '../../errors.js'
import type { Teller } from '../command.js'
import { formatDuration } from '../terminal/layout.js'

/** What is held until it is released, or the process ends. */
interface Lock {
  release(): void
}

/** How often the holder of a lock shows that it lives, and after how long without that others think it dead, in milliseconds. */
const [SIGN, SILENCE] = [15_000, 5 * 60_000]

const holderShape = z.strictObject({
  program: z.literal('latent-ode fit'),
  host: z.string(),
  machine: z.string(),
  pid: z.int().positive(),
  start: z.int().min(0),
  since: z.iso.datetime(),
})
type Holder = z.output<typeof holderShape>

const unlocked: Lock = { release: () => {} }

/**
 * Makes `<path>.lock`, so that no second fit writes the same file while this one runs. The lock of a process that has
 * ended is taken over. Whether it has is known on the same machine; of other machines and containers, that share the
 * folder, it is believed after five minutes without a sign of life. Pipes and devices need no lock.
 *
 * @param option what names another file, for messages
 * @throws UserError `InUse`
 */
export function lockFile(path: string, option: string, { note, detail }: Pick<Teller, 'note' | 'detail'>): Lock {
  const destination = destinationOf(path)
  if (destination.kind !== 'file') return unlocked
  const lock = `${destination.path}.lock`
  const content = describeOwn()
  try {
    clearLeftovers(lock)
    for (let attempt = 0; attempt < 10; attempt++) {
      if (make(lock, content)) return hold(lock, content)
      const found = read(lock)
      if (found === undefined) continue
      refuseIfHeld(path, lock, found, option, note)
      setAside(lock, found.text)
    }
  } catch (error) {
    // Where no second file can be made, as beside one that was mounted alone, there is no place for a lock.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) throw writeError(error, path)
    detail(`No lock could be made beside ${path}: mind that no second fit writes it.`)
    return unlocked
  }
  throw inUse(path, 'another fit has just begun to write it', option)
}

function describeOwn(): string {
  const holder: Holder = { program: 'latent-ode fit', host: hostname(), ...ownMark(), since: new Date().toISOString() }
  return `${JSON.stringify(holder)}\n`
}

/** Makes the lock, whole at once, unless it is there: then false. */
function make(lock: string, content: string): boolean {
  const scratch = scratchPath(lock)
  writeFileSync(scratch, content, { flag: 'wx' })
  try {
    return isNew(() => linkSync(scratch, lock))
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error
    // A file system without links.
    return isNew(() => writeFileSync(lock, content, { flag: 'wx' }))
  } finally {
    unlinkSync(scratch)
  }
}

function isNew(make: () => void): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function hold(lock: string, content: string): Lock {
  const isOwn = (): boolean => read(lock)?.text === content
  const remove = (): void => {
    if (isOwn()) unlinkSync(lock)
  }
  const takeBack = atEnd(remove)
  const signs = setInterval(() => {
    try {
      if (isOwn()) utimesSync(lock, new Date(), new Date())
    } catch {
      // It was removed, or the disk is away: nothing that a fit should end for.
    }
  }, SIGN)
  signs.unref()
  return {
    release() {
      clearInterval(signs)
      takeBack()
      remove()
    },
  }
}

interface Found {
  readonly text: string
  readonly holder: Holder | undefined
  /** How long ago its holder gave a sign of life, in milliseconds. */
  readonly silence: number
}

/** The lock that is there; undefined if it has gone meanwhile. */
function read(lock: string): Found | undefined {
  const found = lstatSync(lock, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  const silence = Date.now() - found.mtimeMs
  if (!found.isFile() || found.size > 10_000) return { text: '', holder: undefined, silence: 0 }
  try {
    const text = readFileSync(lock, 'utf8')
    return { text, holder: parse(text), silence }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): Holder | undefined {
  try {
    return holderShape.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function refuseIfHeld(path: string, lock: string, { text, holder, silence }: Found, option: string, note: (message: string) => void): void {
  // Killed before it wrote its name, on a file system without links.
  if (text === '' && silence > SILENCE) return
  if (holder === undefined)
    throw inUse(path, `${lock} is there, which is no lock of this program`, option, ` Remove ${lock} if it is nobody's.`)
  const since = `since ${holder.since.slice(0, 16).replace('T', ' ')} UTC`
  const runs = stillRuns(holder)
  if (runs === true) throw inUse(path, `another fit is writing it (process ${holder.pid}, ${since})`, option)
  if (runs === false) return
  const ago = formatDuration(Math.max(0, silence) / 1000)
  if (silence > SILENCE) {
    note(`${lock}, of a fit on ${holder.host} ${since}, is taken over: it has given no sign of life for ${ago}.`)
    return
  }
  throw inUse(
    path,
    `another fit is writing it (process ${holder.pid} on ${holder.host}, ${since}, last sign of life ${ago} ago)`,
    option,
    ` If it was killed, remove ${lock}; after five minutes without a sign of life it is taken over.`,
  )
}

const inUse = (path: string, found: string, option: string, more = ''): UserError =>
  new UserError('InUse', `${path}: ${found}. Wait until it has ended, or name another file with ${option}.${more}`)

/** Removes the lock of a dead process. Another may have taken it over just before: that one is put back. */
function setAside(lock: string, dead: string): void {
  const aside = scratchPath(lock)
  try {
    renameSync(lock, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  try {
    if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, lock)
  } finally {
    unlinkSync(aside)
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
