import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { csvLines } from '../../src/data/csv.js'
import { writeFileAtomically, type FileSystem } from '../../src/data/write.js'
import { UserError } from '../../src/errors.js'
import { temporaryFolder } from './support.js'

const root = temporaryFolder()
let folders = 0
const fresh = (): string => {
  const folder = join(root, String(++folders))
  mkdirSync(folder)
  return folder
}

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: pretended`), { code })

/** The real file system, but only `room` bytes are left on it; or closing, flushing, renaming fails. */
function troubled({ room = Infinity, sync = '', move = '' }: { room?: number; sync?: string; move?: string }): FileSystem {
  return {
    async open(path) {
      const file = await open(path, 'wx')
      return {
        write: (async (bytes: Uint8Array, offset = 0, length = bytes.length - offset) => {
          if (room <= 0) throw failure('ENOSPC')
          const part = Math.min(room, length)
          room -= part
          return file.write(bytes, offset, part)
        }) as typeof file.write,
        sync: async () => {
          if (sync !== '') throw failure(sync)
          await file.sync()
        },
        close: () => file.close(),
      }
    },
    rename: async (from, to) => {
      if (move !== '') throw failure(move)
      await rename(from, to)
    },
    unlink,
  }
}

async function refusal(writing: Promise<void>): Promise<UserError> {
  const error = await writing.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe('a file', () => {
  it('is written whole, from text, bytes, or pieces of both, and nothing else is left', async () => {
    const folder = fresh()
    await writeFileAtomically(join(folder, 'a'), 'grün\n')
    await writeFileAtomically(join(folder, 'b'), Uint8Array.of(0, 255, 7))
    await writeFileAtomically(join(folder, 'c'), ['x', Uint8Array.of(10), 'y'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('grün\n')
    expect([...readFileSync(join(folder, 'b'))]).toEqual([0, 255, 7])
    expect(readFileSync(join(folder, 'c'), 'utf8')).toBe('x\ny')
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c'])
  })
  it('is compressed where its name says so', async () => {
    const path = join(fresh(), 'table.csv.gz')
    await writeFileAtomically(path, ['a,b\n', '1,2\n'])
    expect(gunzipSync(readFileSync(path)).toString()).toBe('a,b\n1,2\n')
  })

  it('takes the place of another', async () => {
    const path = join(fresh(), 'a')
    writeFileSync(path, 'old and longer')
    await writeFileAtomically(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })
  it('is written whole where the system takes a few bytes at a time', async () => {
    const path = join(fresh(), 'a')
    const system = troubled({})
    const slow: FileSystem = {
      ...system,
      open: async (name) => {
        const file = await system.open(name)
        return {
          ...file,
          write: ((bytes: Uint8Array, offset: number, length: number) =>
            file.write(bytes, offset, Math.min(length, 3))) as typeof file.write,
        }
      },
    }
    await writeFileAtomically(path, 'one two three four', slow)
    expect(readFileSync(path, 'utf8')).toBe('one two three four')
  })
})

describe('where writing fails the old file stays and no other appears', () => {
  const cases: [name: string, system: FileSystem, code: string, message: RegExp][] = [
    [
      'a full disk',
      troubled({ room: 5 }),
      'DiskFull',
      /the disk is full\. Make room, or write to another place with --out\. Nothing was written\.$/,
    ],
    ['a disk found full on flushing', troubled({ sync: 'ENOSPC' }), 'DiskFull', /the disk is full/],
    ['a used-up quota', troubled({ sync: 'EDQUOT' }), 'DiskFull', /the disk is full/],
    ['no permission', troubled({ move: 'EACCES' }), 'CannotWrite', /writing there is not permitted\. Check the permissions/],
    ['a read-only disk', troubled({ sync: 'EROFS' }), 'CannotWrite', /not permitted/],
  ]
  for (const [name, system, code, message] of cases) {
    it(name, async () => {
      const folder = fresh()
      const path = join(folder, 'forecast.csv')
      writeFileSync(path, 'old')
      const error = await refusal(writeFileAtomically(path, 'new and much longer', system))
      expect(error.code).toBe(code)
      expect(error.message).toMatch(message)
      expect(error.message.startsWith(`${path}: `)).toBe(true)
      expect(readdirSync(folder)).toEqual(['forecast.csv'])
      expect(readFileSync(path, 'utf8')).toBe('old')
    })
  }
  it('no such folder', async () => {
    const folder = fresh()
    const error = await refusal(writeFileAtomically(join(folder, 'none', 'a.csv'), 'x'))
    expect(error.message).toBe(
      `${join(folder, 'none', 'a.csv')}: there is no folder ${JSON.stringify(join(folder, 'none'))}. Make it, or write to another ` +
        'place with --out. Nothing was written.',
    )
    expect(readdirSync(folder)).toEqual([])
  })
  it('a directory in the way', async () => {
    const folder = fresh()
    mkdirSync(join(folder, 'out'))
    const error = await refusal(writeFileAtomically(join(folder, 'out'), 'x'))
    expect(error.message).toMatch(/out: this is a directory\. Name a file in it with --out\./)
    expect(readdirSync(folder)).toEqual(['out'])
  })
  it('a name that is too long', async () => {
    expect((await refusal(writeFileAtomically(join(fresh(), 'x'.repeat(300)), 'x'))).code).toBe('CannotWrite')
  })
  it('other failures are passed on as they are', async () => {
    const system = troubled({ sync: 'EIO' })
    await expect(writeFileAtomically(join(fresh(), 'a'), 'x', system)).rejects.toThrow('EIO')
  })
})

it('CSV lines are quoted where they must be', () => {
  expect(
    [
      ...csvLines(
        ['id', 'a "b"', 'c,d'],
        [
          ['x', 1.5, NaN],
          [' y', -0.1, 1e21],
          ['two\nlines', 0, 3],
        ],
      ),
    ].join(''),
  ).toBe('id,"a ""b""","c,d"\nx,1.5,\n" y",-0.1,1e+21\n"two\nlines",0,3\n')
})
