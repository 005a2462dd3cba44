import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readText, refusal } from './support.js'

const binary = (start: string): Buffer => Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(600)])

describe('files that are no tables are called what they are', () => {
  const cases: [name: string, content: string | Uint8Array, code: 'NotText' | 'NotTable', message: string][] = [
    [
      'a workbook',
      binary('PK\x03\x04'),
      'NotText',
      'visits.csv: this is a ZIP archive or an Excel workbook, not text. Unpack it, or open it in a spreadsheet. Save it as CSV in UTF-8.',
    ],
    [
      'an old workbook',
      binary('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
      'NotText',
      'visits.csv: this is an old Excel workbook (.xls) or another Office document, not text. Open it in a spreadsheet and save the ' +
        'table as CSV in UTF-8.',
    ],
    ['a PDF', '%PDF-1.7\n1 0 obj\n', 'NotText', 'visits.csv: this is a PDF document, not text. Ask for the table itself'],
    [
      'SQLite',
      binary('SQLite format 3\0'),
      'NotText',
      'visits.csv: this is an SQLite database, not text. Write the table as CSV: sqlite3 -csv -header "visits.csv" "select * from ' +
        'TABLE" > table.csv.',
    ],
    ['HDF5', binary('\x89HDF\r\n\x1a\n'), 'NotText', 'this is an HDF5 file'],
    [
      'a pickle',
      binary('\x80\x04\x95'),
      'NotText',
      'visits.csv: this is a Python pickle, not text. Write the table as CSV: in Python, ' +
        'pandas.read_pickle("visits.csv").to_csv("table.csv", index=False) does.',
    ],
    [
      'data of R',
      gzipSync(binary('RDX3\nX\n')),
      'NotText',
      'visits.csv: this is an R data file, not text. Write the table as CSV: in R, write.csv(x, "table.csv", row.names = FALSE) does.',
    ],
    ['xz', binary('\xfd7zXZ\0'), 'NotText', 'visits.csv: this is a file packed with xz, not text. Unpack it first: xz -d does.'],
    [
      'a packed folder',
      gzipSync(Buffer.concat([Buffer.from('visits.csv'.padEnd(257, '\0')), binary('ustar')])),
      'NotText',
      'visits.csv: this is a tar archive, not text. Unpack it first: tar -xf does.',
    ],
    ['a picture', binary('\x89PNG\r\n\x1a\n'), 'NotText', 'this is an image, not text'],
    [
      'a model',
      Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":{}}')]),
      'NotText',
      'visits.csv: this is a safetensors file, such as a fitted model, not a table. Give a table here; a model file comes before it ' +
        'on the command line.',
    ],
    [
      'NDJSON',
      '{"id":"p","time":0}\n{"id":"p","time":1}\n',
      'NotTable',
      'visits.csv, line 1: this is NDJSON (a JSON object on each line), not a table of cells. Write the table as CSV: in Python, ' +
        'pandas.read_json("visits.csv", lines=True).to_csv("table.csv", index=False) does.',
    ],
    [
      'JSON',
      '\n[\n  {"id": "p", "time": 0}\n]\n',
      'NotTable',
      'visits.csv, line 2: this is JSON, not a table of cells. Write the table as CSV: in Python, ' +
        'pandas.read_json("visits.csv").to_csv("table.csv", index=False) does.',
    ],
    ['JSON on one line', '[{"id":"p","time":0},{"id":"p","time":1}]', 'NotTable', 'this is JSON'],
    ['JSON of columns', '{\n  "id": ["p"]\n}', 'NotTable', 'this is JSON'],
    ['JSON of rows', '[["id","time"],["p",0]]', 'NotTable', 'this is JSON'],
    ['JSON in UTF-16', Buffer.from('\ufeff{"id":["p"]}', 'utf16le'), 'NotTable', 'this is JSON'],
    [
      'HTML',
      '<!DOCTYPE html>\n<html><body>Sign in</body></html>\n',
      'NotTable',
      'visits.csv, line 1: this is an HTML page, not a table of cells. If it was downloaded, the server may have sent a page in ' +
        'place of the table.',
    ],
    ['a table of HTML', '<table border="1"><tr><td>id</td></tr></table>', 'NotTable', 'this is an HTML page'],
    [
      'XML',
      '<?xml version="1.0"?>\n<rows><row id="p"/></rows>',
      'NotTable',
      'visits.csv, line 1: this is XML, not a table of cells. Write the table as CSV: in Python, pandas.read_xml("visits.csv").to_csv',
    ],
    [
      'a workbook in XML',
      '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
      'NotTable',
      'this is an Excel workbook in XML, not a table of cells. Open it in a spreadsheet',
    ],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
      'NotTable',
      'this is a Git LFS pointer: the file itself is elsewhere, not a table of cells. Fetch it with git lfs pull.',
    ],
    ['Markdown', '| id | time | x |\n|----|:----:|--:|\n| p | 0 | 1 |\n', 'NotTable', 'this is a table drawn with lines'],
    [
      'what psql prints',
      ' id | time | x \n----+------+---\n p  |    0 | 1\n',
      'NotTable',
      'this is a table drawn with lines, as in Markdown or on a terminal, not a table of cells. Write it as CSV: psql has --csv',
    ],
    ['ARFF', '% visits\n@RELATION visits\n@ATTRIBUTE x NUMERIC\n@DATA\n1\n', 'NotTable', 'this is an ARFF file'],
  ]
  it.each(cases)('%s', async (_, content, code, message) => {
    const error = await refusal(readText(content))
    expect(error.message).toContain(message)
    expect(error.code).toBe(code)
  })

  it('tables that only begin alike are read', async () => {
    for (const [id, time, x] of [
      ['ORCHARD', 'time', 'x'],
      ['<ID>', '<TIME>', '<X>'],
      ['[id]', '[time]', '[x]'],
      ['{id}', '{time}', '{x}'],
      ['BZh', 'time', 'GIF8'],
    ]) {
      const { set } = await readText(`${id},${time},${x}\np,0,1\np,1,2\n`, { id: id!, time: time! })
      expect(set.channels).toEqual([x])
    }
  })
})
