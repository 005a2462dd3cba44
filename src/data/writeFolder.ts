import { rmSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.js'
import { atEnd } from './atEnd.js'
import { destinationOf } from './destination.js'
import { clearLeftovers, scratchPath } from './scratch.js'
import { writeFileAtomically } from './write.js'
import { writeError } from './writeError.js'

/** A file to be: its name in the folder, and what it holds. */
export interface FileToWrite {
  readonly name: string
  readonly content: string | Uint8Array
}

export const noFolder = (path: string): UserError =>
  new UserError(
    'CannotWrite',
    `${path}: this is a file, where a folder should be. Remove it, or name another with --out. Nothing was written.`,
  )

/**
 * Writes files into a folder. A new folder appears whole or not at all; into one that exists they go one by one, each
 * whole, and what else is there stays.
 *
 * @throws UserError as `writeFileAtomically` does; `CannotWrite` where a file has the folder's name
 */
export async function writeFolder(path: string, files: readonly FileToWrite[]): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isDirectory()) throw noFolder(path)
  if (found) {
    for (const { name, content } of files) await writeFileAtomically(join(path, name), content)
    return
  }
  const target = newFolder(path)
  clearLeftovers(target)
  const scratch = scratchPath(target)
  const kept = atEnd(() => rmSync(scratch, { recursive: true, force: true }))
  try {
    await mkdir(scratch)
    for (const { name, content } of files) await writeFileAtomically(join(scratch, name), content)
    await rename(scratch, target)
  } catch (error) {
    await rm(scratch, { recursive: true, force: true })
    throw writeError(error, path)
  } finally {
    kept()
  }
}

/** The folder to be, links followed. */
function newFolder(path: string): string {
  return destinationOf(path.replace(/(?<=.)[\\/]+$/, '')).path
}
