import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readLabels } from '../../src/data/labels.js'

const read = (text: string, options: Partial<Parameters<typeof readLabels>[1]> = {}) =>
  readLabels(Readable.from([Buffer.from(text)]), { id: 'id', series: ['1', '2', '3'], name: 'labels.csv', ...options })

describe('readLabels', () => {
  it('reads numbers and labels of the series asked for, whatever they are called', async () => {
    const { labels, notices } = await read('id;sex;age;__proto__\n1;f;"58,5";constructor\n2;m;NA;x\n9;m;1;y\n')
    expect(labels.map(({ name, values }) => [name, [...values]])).toEqual([
      [
        'sex',
        [
          ['1', 'f'],
          ['2', 'm'],
        ],
      ],
      ['age', [['1', 58.5]]],
      [
        '__proto__',
        [
          ['1', 'constructor'],
          ['2', 'x'],
        ],
      ],
    ])
    expect(notices).toEqual([])
  })

  it('takes from the data what is the same in all rows of a series, and says what is not', async () => {
    const { labels, notices } = await read('id,time,x,arm,dose\n1,0,4,a,1\n1,1,5,a,2\n2,0,6,b,1\n', { besides: ['time', 'x'] })
    expect(labels.map(({ name }) => name)).toEqual(['arm'])
    expect(notices).toEqual(['Not used as labels, since they change within series: "dose".'])
  })

  it.each([
    [
      'patient,sex\n1,f\n',
      'labels.csv, column "id": there is no such column (columns: "patient", "sex"). Give labels beside an id column that is called ' +
        'as in the data.',
    ],
    [
      'id,sex\n7,f\n8,m\n',
      'labels.csv, column "id": none of the 2 rows has the id of a series of the data, such as "1". Give labels of the same series, ' +
        'with the same ids.',
    ],
    [
      'id\n1\n',
      'labels.csv: beside "id" there is no column that says one thing for all rows of a series (columns: "id"). Give a table with a ' +
        'row for each series and a column for each label.',
    ],
    ['', 'labels.csv: the file is empty'],
  ])('refuses %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })
})
