import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodingNamed } from '../../src/data/encoding.js'
import { readText as textOf } from '../../src/data/text.js'
import { readText, refusal, rowsOf } from './support.js'

const TABLE = 'id,time,µg/m³\nJosé,0,1.5\nJosé,1,2\nZoë,0,3\nZoë,1,4\n'
const ROWS = [
  ['José', 0, 1.5],
  ['José', 1, 2],
  ['Zoë', 0, 3],
  ['Zoë', 1, 4],
]
const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))))

describe('encodings that are recognised', () => {
  const written: Record<string, [content: Uint8Array, notice?: string]> = {
    'UTF-8': [Buffer.from(TABLE)],
    'UTF-8 with a mark': [Buffer.from(`\ufeff${TABLE}`)],
    'UTF-16, little end first, with a mark': [Buffer.from(`\ufeff${TABLE}`, 'utf16le'), 'Read as UTF-16LE (--encoding names another).'],
    'UTF-16, little end first': [Buffer.from(TABLE, 'utf16le'), 'Read as UTF-16LE (--encoding names another).'],
    'UTF-16, big end first, with a mark': [bigEndian(`\ufeff${TABLE}`), 'Read as UTF-16BE (--encoding names another).'],
    'UTF-16, big end first': [bigEndian(TABLE), 'Read as UTF-16BE (--encoding names another).'],
    'UTF-16 in gzip, with Windows line ends': [
      gzipSync(Buffer.from(TABLE.replaceAll('\n', '\r\n'), 'utf16le')),
      'Read as UTF-16LE (--encoding names another).',
    ],
    // In Latin-1 and in Windows-1252 these characters have the same bytes.
    'Windows-1252': [Buffer.from(TABLE, 'latin1'), 'Read as Windows-1252 (--encoding names another).'],
    'Windows-1252 with old Macintosh line ends': [
      Buffer.from(TABLE.replaceAll('\n', '\r'), 'latin1'),
      'Read as Windows-1252 (--encoding names another).',
    ],
  }
  for (const [name, [content, notice]] of Object.entries(written)) {
    for (const chunk of [1, 7, 4096]) {
      it(`${name}, ${chunk} bytes at a time`, async () => {
        const result = await readText(content, {}, chunk)
        expect(rowsOf(result)).toEqual(ROWS)
        expect(result.set.channels).toEqual(['µg/m³'])
        expect(result.notices.filter((text) => text.startsWith('Read as'))).toEqual(notice === undefined ? [] : [notice])
      })
    }
  }

  it('the characters that Windows-1252 has and Latin-1 has not', async () => {
    // 80 is the euro, 92 the apostrophe, 96 the dash.
    const { set } = await readText(bytes('id,time,in ', 0x80, '\nO', 0x92, 'Hara,0,1\nO', 0x92, 'Hara,1,2\n1', 0x96, '2,0,3\n'))
    expect(set.channels).toEqual(['in €'])
    expect(set.series.map(({ id }) => id)).toEqual(['1–2', 'O’Hara'])
  })
  it('UTF-16 of mostly other letters, pairs of surrogates cut by chunks', async () => {
    const text = 'id,time,値\n日本太郎𠮷,0,1\n日本太郎𠮷,1,2\n'
    for (const chunk of [1, 3, 64])
      expect(rowsOf(await readText(Buffer.from(text, 'utf16le'), {}, chunk))).toEqual([
        ['日本太郎𠮷', 0, 1],
        ['日本太郎𠮷', 1, 2],
      ])
  })
  it('Windows-1252 that begins as a megabyte of ASCII', async () => {
    const many = Array.from({ length: 60_000 }, (_, i) => `plain,${i},${i % 7}`).join('\n')
    const result = await readText(Buffer.from(`id,time,x\n${many}\nJosé,1,2\nJosé,2,3\n`, 'latin1'), {}, 2 ** 16)
    expect(result.set.series.map(({ id, times }) => [id, times.length])).toEqual([
      ['José', 2],
      ['plain', 60_000],
    ])
    expect(result.notices).toContain('Read as Windows-1252 (--encoding names another).')
  })
  it('memory does not grow with a file that is made UTF-8', async () => {
    const rows = Buffer.from(`José,1,${'0'.repeat(5000)}1\n`.repeat(200), 'latin1')
    const long = (async function* () {
      yield Buffer.from('id,time,x\n')
      for (let sent = 0; sent < 60; sent++) yield await Promise.resolve(rows)
    })()
    const before = process.memoryUsage().arrayBuffers
    let length = 0
    for await (const block of textOf(long, 'visits.csv')) length += block.length
    // Each é has become two bytes.
    expect(length).toBe(10 + 60 * (rows.length + 200))
    // 60 MB went through.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6)
  })
})

describe('encodings that are named', () => {
  it('win over what would be guessed, without a notice', async () => {
    // Bytes of иван and of Łódź, as the tables of Windows-1251 and 1250 have them.
    const { set, notices } = await readText(bytes('id,time,x\n', 0xe8, 0xe2, 0xe0, 0xed, ',0,1\n', 0xe8, 0xe2, 0xe0, 0xed, ',1,2\n'), {
      encoding: 'cp1251',
    })
    expect(set.series[0]!.id).toBe('иван')
    expect(notices.some((text) => text.startsWith('Read as'))).toBe(false)
    expect(
      (await readText(bytes('id,time,x\n', 0xa3, 0xf3, 'd', 0x9f, ',0,1\n', 0xa3, 0xf3, 'd', 0x9f, ',1,2\n'), { encoding: 'windows-1250' }))
        .set.series[0]!.id,
    ).toBe('Łódź')
  })
  it('UTF-16 of either kind by its mark, or by its whole name', async () => {
    expect(rowsOf(await readText(bigEndian(`\ufeff${TABLE}`), { encoding: 'utf-16' }))).toEqual(ROWS)
    expect(rowsOf(await readText(bigEndian(TABLE), { encoding: 'UTF-16BE' }))).toEqual(ROWS)
  })
  it('by the names that other programs have for them', () => {
    const names = {
      'Latin-1': 'windows-1252',
      latin1: 'windows-1252',
      ANSI: 'windows-1252',
      cp1252: 'windows-1252',
      '1252': 'windows-1252',
      utf_8: 'utf-8',
      UTF8: 'utf-8',
      'utf-8-sig': 'utf-8',
      iso8859_15: 'iso-8859-15',
      mac_roman: 'macintosh',
      'Shift-JIS': 'shift_jis',
      cp932: 'shift_jis',
      'utf-16-le': 'utf-16le',
      'UTF-16': 'utf-16le',
    }
    expect(Object.fromEntries(Object.keys(names).map((name) => [name, encodingNamed(name)]))).toEqual(names)
  })
  it('are refused where there is none of the name', () => {
    expect(() => encodingNamed('utf-9')).toThrow(
      'There is no encoding "utf-9" here. Did you mean utf-8? Common ones are utf-8, utf-16, windows-1252, latin1,',
    )
    expect(() => encodingNamed('cp850')).toThrow('of others `iconv -f cp850 -t utf-8` makes UTF-8.')
  })
  it('are refused where the file’s mark tells another', async () => {
    await expect(readText(Buffer.from(`\ufeff${TABLE}`), { encoding: 'latin1' })).rejects.toThrow(
      'visits.csv: the file begins with the byte-order mark of UTF-8, but --encoding says latin1. Leave out --encoding.',
    )
  })
})

describe('text that is damaged, or in an encoding that cannot be known, is refused', () => {
  const cases: Record<string, [content: Buffer, message: RegExp, line: number, options?: { encoding: string }]> = {
    'a byte that is no UTF-8 below text that is': [
      Buffer.concat([Buffer.from(TABLE), bytes('Jos', 0xe9, ',3,1\n')]),
      /^visits\.csv, line 6: the bytes are no valid UTF-8 text, as line 1 is\. Correct the line, or name the encoding: --encoding windows-1252 reads any bytes\.$/,
      6,
    ],
    'the same far from it': [
      Buffer.concat([Buffer.from(`${TABLE}${'p,1,2\n'.repeat(100_000)}`), bytes('Jos', 0xe9, ',3,1\n')]),
      /^visits\.csv, line 100006: the bytes are no valid UTF-8 text, as line 1 is/,
      100_006,
    ],
    'UTF-8 below Windows-1252': [
      Buffer.concat([Buffer.from(TABLE, 'latin1'), Buffer.from('José,3,1\n')]),
      /^visits\.csv, line 6: line 1 is no valid UTF-8 text, but line 6 is: there are two encodings in one file\. Save it in UTF-8 throughout, or name the encoding: --encoding windows-1252 reads any bytes\.$/,
      6,
    ],
    'damaged UTF-8 with a mark': [
      Buffer.concat([Buffer.from('\ufeffid,time,x\n'), bytes('Jos', 0xe9, ',3,1\n')]),
      /^visits\.csv, line 2: the bytes are no valid UTF-8 text\. Correct the line, or save the table in UTF-8 anew\.$/,
      2,
    ],
    'what is said to be UTF-8 and is not': [
      Buffer.from(TABLE, 'latin1'),
      /^visits\.csv, line 1: the bytes are no valid UTF-8 text\. Correct the line, or name/,
      1,
      { encoding: 'utf-8' },
    ],
    // иван in Windows-1251, 日本太郎 in Shift-JIS, 张三 in GBK, and José as a Macintosh has it: all have readings in Windows-1252.
    Cyrillic: [
      bytes('id,time,x\n', 0xe8, 0xe2, 0xe0, 0xed, ',0,1\n'),
      /^visits\.csv, line 2: the bytes are no valid UTF-8 text, and no Western text in Windows-1252 either\. Name the encoding, like --encoding windows-1251 \(Cyrillic\)/,
      2,
    ],
    Japanese: [bytes('id,time,x\n', 0x93, 0xfa, 0x96, 0x7b, 0x91, 0xbe, 0x98, 0x59, ',0,1\n'), /no Western text/, 2],
    Chinese: [bytes('id,time,x\n', 0xd5, 0xc5, 0xc8, 0xfd, ',0,1\n'), /no Western text/, 2],
    Macintosh: [bytes('id,time,x\rJos', 0x8e, ',0,1\r'), /no Western text/, 2],
    'UTF-8 that is cut within its only letter beyond ASCII': [bytes('id,time,x\nJos', 0xc3, ',0,1\n'), /no Western text/, 2],
    'UTF-32': [
      bytes(0xff, 0xfe, 0, 0, 'i', 0, 0, 0),
      /^visits\.csv, line 1: the text is UTF-32\. Save it as CSV in UTF-8 \(`iconv -f utf-32 -t utf-8` converts it\)\.$/,
      1,
    ],
    'half a pair of surrogates': [
      Buffer.from(`\ufeffid,time,x\n\np\ud800,0,1\n`, 'utf16le'),
      /^visits\.csv, line 3: the bytes are no valid UTF-16LE text\. Name the encoding that the file is in with --encoding, or save it in UTF-8\.$/,
      3,
    ],
    'UTF-16 of an odd number of bytes': [
      Buffer.concat([Buffer.from(`\ufeffid,time,x\r\np,0,1\r\n`, 'utf16le'), bytes('p')]),
      /^visits\.csv, line 3: the bytes are no valid UTF-16LE text/,
      3,
    ],
  }
  for (const [name, [content, message, line, options]] of Object.entries(cases)) {
    it(name, async () => {
      const error = await refusal(readText(content, options, 50_000))
      expect(error.message).toMatch(message)
      expect(error.code).toBe('NotText')
      expect(error.where).toEqual({ file: 'visits.csv', line })
    })
  }
  it('and what the message advises works', async () => {
    const damaged = Buffer.concat([Buffer.from('id,time,x\nZoë,0,1\n'), bytes('Jos', 0xe9, ',3,2\n')])
    expect((await readText(damaged, { encoding: 'windows-1252' })).set.series.map(({ id }) => id)).toEqual(['José', 'ZoÃ«'])
    expect(
      (await readText(bytes('id,time,x\n', 0xe8, 0xe2, 0xe0, 0xed, ',0,1\n', 0xe8, ',1,2\n'), { encoding: 'windows-1251' })).set.series.map(
        ({ id }) => id,
      ),
    ).toEqual(['и', 'иван'])
  })
  it('line numbers of UTF-16 are those of the file', async () => {
    const error = await refusal(readText(Buffer.from('\ufeffid,time,x\r\np,0,1\r\n\r\np,1\r\n', 'utf16le')))
    expect(error.message).toMatch(/^visits\.csv, line 4: the row has 2 cells, the header 3/)
  })
})
