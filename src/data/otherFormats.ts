import { dataError } from './place.js'

/** A kind of file that is not read: what it begins with, what it is called, and how to get a table out of it. */
interface Format {
  readonly starts: string
  /** Where that stands. Default: at the beginning. */
  readonly at?: number
  /** True where words might begin so too: then there must be bytes that no text has. */
  readonly wordy?: true
  readonly called: string
  readonly remedy: string
}

const SPREADSHEET = 'Open it in a spreadsheet and save the table as CSV in UTF-8.'
const unpack = (program: string): string => `Unpack it first: ${program} does.`
const pandas = (read: string): string => `Write the table as CSV: in Python, pandas.${read}.to_csv("table.csv", index=False) does.`
const inR = 'Write the table as CSV: in R, write.csv(x, "table.csv", row.names = FALSE) does.'
const IMAGE = { called: 'an image', remedy: 'Give the table of numbers that it shows, as CSV.' }

/** By their first bytes, written as Latin-1. */
const FORMATS: readonly Format[] = [
  {
    starts: 'PK\x03\x04',
    called: 'a ZIP archive or an Excel workbook',
    remedy: 'Unpack it, or open it in a spreadsheet. Save it as CSV in UTF-8.',
  },
  { starts: 'PK\x05\x06', called: 'an empty ZIP archive', remedy: 'Pack it again.' },
  { starts: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', called: 'an old Excel workbook (.xls) or another Office document', remedy: SPREADSHEET },
  {
    starts: '%PDF',
    called: 'a PDF document',
    remedy: 'Ask for the table itself, or copy it into a spreadsheet and save that as CSV in UTF-8.',
  },
  { starts: '{\\rtf', called: 'an RTF document', remedy: 'Open it and save its text as CSV in UTF-8.' },
  {
    starts: 'SQLite format 3\0',
    called: 'an SQLite database',
    remedy: 'Write the table as CSV: sqlite3 -csv -header "FILE" "select * from TABLE" > table.csv.',
  },
  {
    starts: '\x89HDF\r\n\x1a\n',
    called: 'an HDF5 file (as of pandas, MATLAB 7.3, NetCDF 4)',
    remedy:
      'Write the table as CSV: in Python, pandas.read_hdf("FILE").to_csv("table.csv", index=False) or ' +
      'xarray.open_dataset("FILE").to_dataframe().to_csv("table.csv") does.',
  },
  {
    starts: 'CDF\x01',
    called: 'a NetCDF file',
    remedy: 'Write the table as CSV: in Python, xarray.open_dataset("FILE").to_dataframe().to_csv("table.csv") does.',
  },
  {
    starts: 'CDF\x02',
    called: 'a NetCDF file',
    remedy: 'Write the table as CSV: in Python, xarray.open_dataset("FILE").to_dataframe().to_csv("table.csv") does.',
  },
  { starts: 'MATLAB 5.0 MAT-file', called: 'a MATLAB file', remedy: 'Write the table as CSV: in MATLAB, writetable(t, "table.csv") does.' },
  {
    starts: '\x93NUMPY',
    called: 'a NumPy array',
    remedy: 'Write it as CSV: in Python, pandas.DataFrame(numpy.load("FILE"), columns=[…]).to_csv("table.csv", index=False) does.',
  },
  ...['\x80\x02', '\x80\x03', '\x80\x04\x95', '\x80\x05\x95'].map((starts): Format => ({
    starts,
    called: 'a Python pickle',
    remedy: pandas('read_pickle("FILE")'),
  })),
  ...['RDX2\n', 'RDX3\n', 'X\n\0\0\0'].map((starts): Format => ({ starts, called: 'an R data file', remedy: inR })),
  { starts: '<stata_dta>', called: 'a Stata file', remedy: pandas('read_stata("FILE")') },
  { starts: '$FL2@', called: 'an SPSS file', remedy: pandas('read_spss("FILE")') },
  { starts: '$FL3@', called: 'an SPSS file', remedy: pandas('read_spss("FILE")') },
  { starts: '\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60', called: 'a SAS file', remedy: pandas('read_sas("FILE", format="sas7bdat")') },
  { starts: 'HEADER RECORD*******LIB', called: 'a SAS transport file', remedy: pandas('read_sas("FILE", format="xport")') },
  { starts: 'ORC', wordy: true, called: 'an ORC file', remedy: 'Write the table as Parquet or CSV.' },
  { starts: 'Obj\x01', called: 'an Avro file', remedy: 'Write the table as Parquet or CSV.' },
  { starts: 'BZh', wordy: true, called: 'a file packed with bzip2', remedy: unpack('bzip2 -d') },
  { starts: '\xfd7zXZ\0', called: 'a file packed with xz', remedy: unpack('xz -d') },
  { starts: '\x28\xb5\x2f\xfd', called: 'a file packed with Zstandard', remedy: unpack('zstd -d') },
  { starts: '\x04\x22\x4d\x18', called: 'a file packed with LZ4', remedy: unpack('lz4 -d') },
  { starts: '7z\xbc\xaf\x27\x1c', called: 'a 7-Zip archive', remedy: unpack('7z x') },
  { starts: 'Rar!\x1a\x07', called: 'a RAR archive', remedy: unpack('unrar x') },
  { starts: '\x1f\x9d', called: 'a file packed with compress', remedy: unpack('gzip -d') },
  { starts: 'ustar', at: 257, wordy: true, called: 'a tar archive', remedy: unpack('tar -xf') },
  { starts: '\x89PNG', ...IMAGE },
  { starts: '\xff\xd8\xff', ...IMAGE },
  { starts: 'GIF8', wordy: true, ...IMAGE },
]

/**
 * Refuses files that are no text, by their first bytes, saying what they are.
 *
 * @throws DataError `NotText`
 */
export function refuseBinaryFormats(head: Buffer, file: string): void {
  const text = head.subarray(0, 512).toString('latin1')
  const format = FORMATS.find(({ starts, at = 0, wordy = false }) => text.startsWith(starts, at) && (!wordy || NO_TEXT.test(text)))
  if (format !== undefined) throw dataError('NotText', { file }, `this is ${format.called}, not text`, withName(format.remedy, file))
  // Eight bytes of length, then JSON.
  if (head.length > 9 && text[8] === '{' && head.readBigUInt64LE(0) < 2n ** 32n && text[7] === '\0')
    throw dataError(
      'NotText',
      { file },
      'this is a safetensors file, such as a fitted model, not a table',
      'Give a table here; a model file comes before it on the command line.',
    )
}

/**
 * Refuses text that is no table of cells, by its beginning, saying what it is.
 *
 * @throws DataError `NotTable`
 */
export function refuseOtherText(sample: string, file: string): void {
  const text = sample.trimStart()
  const line = sample.slice(0, sample.length - text.length).split(/\r\n|\n|\r/).length
  const [first = '', second = ''] = text
    .split(/\r\n|\n|\r/)
    .map((other) => other.trim())
    .filter((other) => other !== '')
  const refuse = (called: string, remedy: string): never => {
    throw dataError('NotTable', { file, line }, `this is ${called}, not a table of cells`, withName(remedy, file))
  }
  if (/^\{\s*(["'}]|$)/.test(first)) {
    if (second.startsWith('{')) refuse('NDJSON (a JSON object on each line)', pandas('read_json("FILE", lines=True)'))
    refuse('JSON', pandas('read_json("FILE")'))
  }
  if (/^\[\s*([[{]|$|"[^"\]]*"\s*,|-?\d+(\.\d+)?\s*,)/.test(first)) refuse('JSON', pandas('read_json("FILE")'))
  if (/^(<!--[^]*?-->\s*)?<(!doctype\s+html|html|head|body|table)\b/i.test(text))
    refuse(
      'an HTML page',
      'If it was downloaded, the server may have sent a page in place of the table. If the page holds the table, open it in a ' +
        'spreadsheet and save that as CSV in UTF-8.',
    )
  // Some tables have names of columns in angle brackets: <TICKER>,<DATE>.
  if (/^<\?xml|^<[a-z][\w:.-]*(\s[^>]*)?>(?![ ]*[,;\t|])/i.test(text)) {
    if (text.slice(0, 4096).includes('urn:schemas-microsoft-com:office:spreadsheet')) refuse('an Excel workbook in XML', SPREADSHEET)
    refuse('XML', pandas('read_xml("FILE")'))
  }
  if (first.startsWith('version https://git-lfs.github.com/'))
    refuse('a Git LFS pointer: the file itself is elsewhere', 'Fetch it with git lfs pull.')
  if (/^\s*@relation\b/im.test(sample.slice(0, 8192)) && /^\s*@attribute\b/im.test(sample))
    refuse('an ARFF file', 'Keep the rows below @data and write the names of the columns above them, as CSV.')
  if (/^[|+]?\s*:?-{2,}:?\s*([|+]\s*:?-{2,}:?\s*)+[|+]?$/.test(second) || /^\+-[-+]*\+$/.test(first))
    refuse(
      'a table drawn with lines, as in Markdown or on a terminal',
      'Write it as CSV: psql has --csv, mysql --batch, sqlite3 -csv -header.',
    )
}

/** Bytes that no text has. */
// eslint-disable-next-line no-control-regex
const NO_TEXT = /[\x00-\x08\x0e-\x1a]/

/** A stream has no name that a command could be given. */
const withName = (remedy: string, file: string): string =>
  /^(standard input|the stream)$/.test(file) ? remedy : remedy.replaceAll('"FILE"', JSON.stringify(file))
