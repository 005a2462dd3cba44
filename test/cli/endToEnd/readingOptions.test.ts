import { describe, expect, test } from 'vitest'
import { runJson, useFolder } from '../io.js'

const folder = useFolder()

describe('reading options', () => {
  const inspect = async (file: string, ...words: string[]) =>
    (
      await runJson<{
        series: number
        rows: number
        idColumn: string
        timeColumn: string
        channels: { channel: string; observed: number; max: number }[]
        error?: unknown
      }>('inspect', file, ...words)
    ).document
  const { write } = folder

  test('--id, --time, --values', async () => {
    const file = write('roles.csv', 'who,id,time,later,a,b\nx,1,0,5,1,2\nx,2,1,6,2,3\ny,1,2,5,3,4\ny,2,3,7,5,6\n')
    expect(await inspect(file)).toMatchObject({ idColumn: 'id', timeColumn: 'time' })
    const document = await inspect(file, '--id', 'who', '--time', 'later', '--values', 'b')
    expect(document).toMatchObject({ idColumn: 'who', timeColumn: 'later', series: 2 })
    expect(document.channels.map(({ channel }) => channel)).toEqual(['b'])
    expect(await inspect(write('lone.csv', 'id,time,a\n1,0,1\n2,1,2\n'), '--id=')).toMatchObject({ idColumn: '', series: 1 })
  })

  test('--format, --channel, --value', async () => {
    const file = write('long.csv', 'id,time,what,much,spare\nx,0,p,1,9\nx,1,p,2,9\nx,0,q,3,9\nx,1,q,5,8\n')
    const document = await inspect(file, '--format', 'long', '--channel', 'what', '--value', 'much')
    expect(document.channels.map(({ channel, max }) => [channel, max])).toEqual([
      ['p', 2],
      ['q', 5],
    ])
  })

  test('--duplicates', async () => {
    const file = write('twice.csv', 'id,time,a\nx,0,1\nx,1,2\nx,1,8\n')
    expect((await inspect(file)).error).toMatchObject({ code: 'DuplicateRows' })
    expect((await inspect(file, '--duplicates', 'mean')).channels[0]!.max).toBe(5)
    expect((await inspect(file, '--duplicates', 'last')).channels[0]!.max).toBe(8)
  })

  test('--missing', async () => {
    const file = write('gaps.csv', 'id,time,a\nx,0,1\nx,1,-999\nx,2,3\nx,3,none\n')
    expect((await inspect(file, '--missing=-999,none')).channels[0]).toMatchObject({ observed: 2, max: 3 })
  })

  test('--delimiter, --decimal', async () => {
    const file = write('marks.csv', 'id;time;a\nx;0;1,500\nx;1;2,500\n')
    expect((await inspect(file)).channels[0]!.max).toBe(2.5)
    expect((await inspect(file, '--decimal', '.')).error).toBeDefined()
    expect((await inspect(file, '--delimiter', '|')).error).toBeDefined()
    expect((await inspect(write('tabs.txt', 'id\ttime\ta\nx\t0\t1\nx\t1\t2\n'), '--delimiter', 'tab')).series).toBe(1)
  })
})
