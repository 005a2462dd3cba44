import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { rename, unlink, open as openFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { destinationOf, isStandardOutput, isStream } from '../../src/data/destination.js'
import { checkDestination, writeFileAtomically } from '../../src/data/write.js'
import { writeFolder } from '../../src/data/writeFolder.js'
import { UserError } from '../../src/errors.js'
import { temporaryFolder } from './support.js'

const root = temporaryFolder()
let folders = 0
function fresh(): (name: string) => string {
  const folder = join(root, `d${++folders}`)
  mkdirSync(folder)
  return (name) => join(folder, name)
}

/** Makes a device of its own in a temporary folder; false where that is not permitted, or devices there are dead. */
function device(path: string, kind: 'c' | 'b', major: number, minor: number): boolean {
  if (spawnSync('mknod', [path, kind, String(major), String(minor)]).status !== 0) return false
  if (kind === 'b') return true
  try {
    closeSync(openSync(path, 'r+'))
    return true
  } catch {
    return false
  }
}
const probe = fresh()
const devices = device(probe('null'), 'c', 1, 3) && device(probe('full'), 'c', 1, 7)
const pipes = process.platform !== 'win32'
if (!devices) console.log('Devices cannot be made here, so writing to them is not tested.')

async function readAll(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function refusal(writing: Promise<unknown>): Promise<string> {
  const error = await writing.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  expect((error as UserError).code).toBe('CannotWrite')
  return (error as UserError).message
}

describe('a regular file', () => {
  test('keeps its permissions', async () => {
    const at = fresh()
    writeFileSync(at('a'), 'old', { mode: 0o600 })
    await writeFileAtomically(at('a'), 'new')
    expect(statSync(at('a')).mode & 0o777).toBe(0o600)
    execFileSync('chmod', ['664', at('a')])
    await writeFileAtomically(at('a'), 'newer')
    expect([statSync(at('a')).mode & 0o777, readFileSync(at('a'), 'utf8')]).toEqual([0o664, 'newer'])
  })

  test('is never seen half: whoever has opened the old one reads it to its end', async () => {
    const at = fresh()
    writeFileSync(at('a'), 'old')
    const before = openSync(at('a'), 'r')
    await writeFileAtomically(at('a'), 'new')
    expect([readFileSync(before, 'utf8'), readFileSync(at('a'), 'utf8')]).toEqual(['old', 'new'])
    closeSync(before)
  })

  test.each(['EBUSY', 'EPERM'])('that cannot be replaced (%s: mounted by itself, or in a shared folder) gets the bytes', async (code) => {
    const at = fresh()
    writeFileSync(at('a'), 'old and longer')
    const { ino } = statSync(at('a'))
    const move = async (): Promise<void> => {
      throw Object.assign(new Error(code), { code })
    }
    await writeFileAtomically(at('a'), ['ne', 'w'], { open: (path) => openFile(path, 'wx'), rename: move, unlink })
    expect([readFileSync(at('a'), 'utf8'), statSync(at('a')).ino, readdirSync(at('.'))]).toEqual(['new', ino, ['a']])
  })

  test('in a folder that takes no new files gets the bytes', async () => {
    const at = fresh()
    writeFileSync(at('a'), 'old and longer')
    const closed = async (): Promise<never> => {
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
    }
    await writeFileAtomically(at('a'), ['ne', 'w'], { open: closed, rename, unlink })
    expect(readFileSync(at('a'), 'utf8')).toBe('new')
    expect(await refusal(writeFileAtomically(at('b'), 'x', { open: closed, rename, unlink }))).toContain('writing there is not permitted')
  })
})

describe('symbolic links are followed', () => {
  test('one after the other, and stay', async () => {
    const at = fresh()
    writeFileSync(at('file'), 'old')
    symlinkSync('file', at('one'))
    symlinkSync(at('one'), at('two'))
    await writeFileAtomically(at('two'), 'new')
    expect(readFileSync(at('file'), 'utf8')).toBe('new')
    expect([readlinkSync(at('one')), readlinkSync(at('two')), lstatSync(at('file')).isFile()]).toEqual(['file', at('one'), true])
    expect(readdirSync(at('.')).sort()).toEqual(['file', 'one', 'two'])
  })

  test('to a file that is not there yet: it is made where the link says', async () => {
    const at = fresh()
    mkdirSync(at('there'))
    symlinkSync('there/file', at('link'))
    await checkDestination(at('link'))
    await writeFileAtomically(at('link'), 'new')
    expect([readFileSync(at('there/file'), 'utf8'), lstatSync(at('link')).isSymbolicLink(), readdirSync(at('there'))]).toEqual([
      'new',
      true,
      ['file'],
    ])
  })

  test('out of a linked folder, .. is that of the folder itself', async () => {
    const at = fresh()
    mkdirSync(at('a/b'), { recursive: true })
    symlinkSync('a/b', at('short'))
    symlinkSync('../file', at('a/b/link'))
    await writeFileAtomically(at('short/link'), 'new')
    expect(readFileSync(at('a/file'), 'utf8')).toBe('new')
    expect(existsSync(at('file'))).toBe(false)
  })

  test('in a circle, into a missing folder, to a folder: refused, and nothing changes', async () => {
    const at = fresh()
    symlinkSync('b', at('a'))
    symlinkSync('a', at('b'))
    symlinkSync('none/file', at('lost'))
    symlinkSync('.', at('here'))
    expect(await refusal(writeFileAtomically(at('a'), 'x'))).toBe(
      `${at('a')}: the symbolic links lead round in a circle. Remove them, or write to another place with --out. Nothing was written.`,
    )
    expect(await refusal(writeFileAtomically(at('lost'), 'x'))).toBe(
      `${at('lost')} (it leads to ${at('none/file')}): there is no folder ${JSON.stringify(at('none'))}. Make it, or write to ` +
        'another place with --out. Nothing was written.',
    )
    expect(await refusal(writeFileAtomically(at('here'), 'x'))).toContain('this is a directory')
    expect(await refusal(writeFileAtomically(`${at('new')}/`, 'x'))).toContain('this is a directory. Name a file in it')
    expect(await refusal(writeFileAtomically('', 'x'))).toContain('The name of the file to write is empty')
    expect(readdirSync(at('.')).sort()).toEqual(['a', 'b', 'here', 'lost'])
  })

  test('of folders to be, and of files in a folder', async () => {
    const at = fresh()
    symlinkSync('figures', at('link'))
    await writeFolder(at('link'), [{ name: 'a', content: '1' }])
    expect([readFileSync(at('figures/a'), 'utf8'), lstatSync(at('link')).isSymbolicLink()]).toEqual(['1', true])
    writeFileSync(at('elsewhere'), 'old')
    symlinkSync('../elsewhere', at('figures/b'))
    await writeFolder(at('link'), [{ name: 'b', content: '2' }])
    expect(readFileSync(at('elsewhere'), 'utf8')).toBe('2')
  })
})

describe.skipIf(!pipes)('a named pipe', () => {
  const pipe = (at: (name: string) => string): string => {
    execFileSync('mkfifo', [at('pipe')])
    return at('pipe')
  }

  test('gets the bytes, all of them, also more than it holds at once, and stays a pipe', async () => {
    const path = pipe(fresh())
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
    await checkDestination(path)
    const [got] = await Promise.all([readAll(path), writeFileAtomically(path, ['grün', bytes, 'end'])])
    expect(got.equals(Buffer.concat([Buffer.from('grün'), bytes, Buffer.from('end')]))).toBe(true)
    expect(lstatSync(path).isFIFO()).toBe(true)
  })

  test('waits for its reader, with no thread blocked', async () => {
    const path = pipe(fresh())
    let written = false
    const writing = writeFileAtomically(path, 'late').then(() => (written = true))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(written).toBe(false)
    expect((await readAll(path)).toString()).toBe('late')
    await writing
  })

  test('whose reader goes: EPIPE, as of any pipe', async () => {
    const path = pipe(fresh())
    const reading = openFile(path, 'r').then((file) => file.close())
    const endless = function* () {
      for (;;) yield new Uint8Array(2 ** 16)
    }
    await expect(writeFileAtomically(path, endless())).rejects.toMatchObject({ code: 'EPIPE' })
    await reading
  })

  test('behind a link', async () => {
    const at = fresh()
    pipe(at)
    symlinkSync('pipe', at('link.parquet'))
    const [got] = await Promise.all([readAll(at('pipe')), writeFileAtomically(at('link.parquet'), 'x')])
    expect([got.toString(), lstatSync(at('link.parquet')).isSymbolicLink()]).toEqual(['x', true])
  })
})

describe('devices, sockets, descriptors', () => {
  test.skipIf(!devices)('a device is written to and stays one', async () => {
    await checkDestination(probe('null'))
    await writeFileAtomically(probe('null'), ['gone', new Uint8Array(100_000)])
    expect([lstatSync(probe('null')).isCharacterDevice(), lstatSync(probe('null')).rdev]).toEqual([true, lstatSync('/dev/null').rdev])
    symlinkSync('null', probe('link'))
    await writeFileAtomically(probe('link'), 'gone')
    expect(lstatSync(probe('link')).isSymbolicLink()).toBe(true)
    const full = await writeFileAtomically(probe('full'), 'x').catch((error: unknown) => error)
    expect(full).toMatchObject({
      code: 'DiskFull',
      message: `${probe('full')}: the disk is full. Make room, or write to another place with --out. Not all of it was written.`,
    })
    expect(readdirSync(probe('.')).sort()).toEqual(['full', 'link', 'null'])
  })

  test.skipIf(!devices)('a disk is refused before anything is opened', async () => {
    const at = fresh()
    // A loop device of a number that nothing is behind.
    expect(device(at('disk'), 'b', 7, 250)).toBe(true)
    expect(await refusal(writeFileAtomically(at('disk'), 'x'))).toContain('disk: this is a disk, and what is on it would be lost.')
  })

  test.skipIf(!pipes)('a socket is refused', async () => {
    const at = fresh()
    const server = createServer().listen(at('socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    expect(await refusal(writeFileAtomically(at('socket'), 'x'))).toContain('this is a socket, or a device that is not there')
    server.close()
  })

  test.skipIf(!existsSync('/dev/fd'))('an open descriptor is written to where it stands, under all its names', async () => {
    const at = fresh()
    const fd = openSync(at('log'), 'w')
    writeSync(fd, 'before\n')
    symlinkSync(`/dev/fd/${fd}`, at('link'))
    const names = [
      `/dev/fd/${fd}`,
      at('link'),
      ...(existsSync('/proc/self/fd') ? [`/proc/self/fd/${fd}`, `/proc/${process.pid}/fd/${fd}`] : []),
    ]
    for (const name of names) {
      expect(destinationOf(name)).toMatchObject({ kind: 'descriptor', fd })
      await writeFileAtomically(name, `${name}\n`)
    }
    writeSync(fd, 'after\n')
    closeSync(fd)
    expect(readFileSync(at('log'), 'utf8')).toBe(`before\n${names.join('\n')}\nafter\n`)
    expect(await refusal(writeFileAtomically(`/dev/fd/${fd}`, 'x'))).toContain('no descriptor of this number is open for writing')
  })

  test.skipIf(!existsSync('/proc/self/fd'))('a descriptor open for reading only is refused', async () => {
    const at = fresh()
    writeFileSync(at('a'), 'old')
    const fd = openSync(at('a'), 'r')
    expect(await refusal(writeFileAtomically(`/proc/self/fd/${fd}`, 'x'))).toContain('no descriptor of this number is open for writing')
    closeSync(fd)
    expect(readFileSync(at('a'), 'utf8')).toBe('old')
  })

  test('which names are standard output', () => {
    const at = fresh()
    writeFileSync(at('a'), '')
    expect([isStandardOutput('-'), isStandardOutput(at('a')), isStandardOutput(at('none')), isStandardOutput(at('no/folder'))]).toEqual([
      true,
      false,
      false,
      false,
    ])
    if (existsSync('/dev/stdout')) expect(['/dev/stdout', '/dev/fd/1'].map(isStandardOutput)).toEqual([true, true])
    if (existsSync('/dev/stderr')) expect(isStream('/dev/stderr')).toBe(true)
    expect([isStream('-'), isStream(at('a')), isStream(at('no/folder'))]).toEqual([true, false, false])
  })
})
