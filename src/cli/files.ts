import { randomBytes } from 'node:crypto'
import { open, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { sourceStem } from '../data/source.js'
import { writeError, writeFileAtomically } from '../data/write.js'
import { noFolder } from '../data/writeFolder.js'
import { UserError } from '../errors.js'
import type { Context } from './command.js'
import { UsageError } from './errors.js'
import { writeText } from './io.js'

/** `visits` of `some/where/visits.csv.gz`, `visits.model.safetensors` and `visits.checkpoint.safetensors`. */
export const stemOf = (path: string): string => sourceStem(path).replace(/(\.(model|checkpoint))?\.safetensors$/i, '')

/** `visits.checkpoint.safetensors` for the output `visits.model.safetensors`, in the same folder. */
export const checkpointFor = (out: string): string => join(dirname(out), `${stemOf(out)}.checkpoint.safetensors`)

export const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false)

/**
 * Raises now what writing there would raise later, after hours of work.
 *
 * @param inputs files that are read and so must not be written over
 * @throws UserError `CannotWrite`, `DiskFull`, `SameFile`
 */
export async function checkWritable(path: string, inputs: readonly string[] = []): Promise<void> {
  if (path === '-') return
  const same = inputs.find((input) => input !== '-' && resolve(input) === resolve(path))
  if (same !== undefined) throw new UserError('SameFile', `${path}: this file is read by the same command, and would be written over. Name another with --out.`)
  const probe = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory() === true) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
    const file = await open(probe, 'wx')
    await file.close()
    await unlink(probe)
  } catch (error) {
    throw writeError(error, path)
  }
}

/** As `checkWritable`, for a folder that is made if there is none. */
export async function checkWritableFolder(path: string, inputs: readonly string[] = []): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return checkWritable(join(path, 'figure'))
  await checkWritable(path.replace(/[\\/]+$/, ''), inputs)
  if (found) throw noFolder(path)
}

/** `--json` and `--out -` would both write to standard output. */
export function refuseTwoOutputs(out: string | undefined, { json }: Pick<Context, 'json'>): void {
  if (json && out === '-') throw new UsageError('Usage', '--json and --out - both want standard output. Leave one of them out, or name a file with --out.')
}

/** Writes pieces to a file, whole or not at all, or, text as they are then, to standard output for `-` as they come. */
export async function writeOutput(out: string, pieces: Iterable<string | Uint8Array>, { io }: Pick<Context, 'io'>): Promise<void> {
  if (out !== '-') return writeFileAtomically(out, pieces)
  for (const piece of pieces) await writeText(io.stdout, String(piece))
}
