import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nearestName } from '../../nearest.js'
import { DataError, UserError } from '../../errors.js'
import { shellWord } from '../../data/shellWord.js'

/** An error of a file that is not there, or is not what was expected, with what may have been meant; others as they are. */
export async function withHint(error: unknown): Promise<unknown> {
  if (!(error instanceof UserError)) return error
  const path = pathOf(error)
  if (path === undefined) return error
  if (path.trim() === '')
    return new UserError(error.code, 'The name of a file is empty. If it came from a variable of a script, that is not set.')
  const hint = await hintFor(error.code, path)
  if (hint === undefined) return error
  const message = `${error.message} ${hint}`
  return error instanceof DataError ? new DataError(error.code, message, error.where) : new UserError(error.code, message)
}

/** The file that an error is about, if it is one that hints are given for. */
function pathOf(error: UserError): string | undefined {
  switch (error.code) {
    case 'NoSuchFile':
    case 'IsDirectory':
      return error instanceof DataError ? error.where.file : undefined
    case 'NoFile':
      return /^There is no file (.*)\. Check the path;/.exec(error.message)?.[1]
    case 'ModelFile':
      return /^(.*) is not a usable safetensors file:/.exec(error.message)?.[1]
    default:
      return undefined
  }
}

async function hintFor(code: string, path: string): Promise<string | undefined> {
  if (code === 'ModelFile')
    return isTable(path) ? `By its name it is a table: "latent-ode fit ${shellWord(path)}" makes a model of one.` : undefined
  return code === 'IsDirectory' ? tablesIn(path) : nearFile(path)
}

async function nearFile(path: string): Promise<string | undefined> {
  if (path.startsWith('~')) return 'The shell does not expand ~ in quotes: write $HOME.'
  if (process.platform !== 'win32' && path.includes('\\')) return 'Here / separates folders, not \\.'
  const names = await listing(dirname(path))
  if (names === undefined) return `There is no folder ${dirname(path)} either.`
  // Whoever leaves out the ending means the file with it.
  const nearest = names.find((name) => name.startsWith(`${basename(path)}.`)) ?? nearestName(basename(path), names)
  return nearest === undefined ? undefined : `Did you mean ${join(dirname(path), nearest)}?`
}

async function tablesIn(path: string): Promise<string | undefined> {
  const tables = ((await listing(path)) ?? []).filter((name) => isTable(name) && !/\.(forecast|paths)\.csv$/.test(name)).sort()
  if (tables.length === 0) return undefined
  return `It holds ${tables
    .slice(0, 3)
    .map((name) => join(path, name))
    .join(', ')}${tables.length > 3 ? ` and ${tables.length - 3} more tables` : ''}.`
}

const isTable = (name: string): boolean => /\.(csv|tsv|txt|parquet|arrow|feather)(\.gz)?$/i.test(name)

const listing = (path: string): Promise<string[] | undefined> => readdir(path).catch(() => undefined)
