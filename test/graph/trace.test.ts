import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { graphInputs, graphOutputs } from '../../src/graph/graph.js'
import { kernelLowerings } from '../../src/graph/kernels.js'
import { record } from '../../src/graph/record.js'
import { shapeAt, sizeOf } from '../../src/graph/shape.js'
import { trace, type TensorFunction } from '../../src/graph/trace.js'
import { random } from '../../src/random.js'
import { referenceEngine } from '../reference/engine.js'
import { traceCases, type TraceCase } from './trace.cases.js'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** What TensorFlow.js itself computes, eagerly. */
function eager({ fn, eager: otherwise }: TraceCase, inputs: Record<string, tf.Tensor>): [string, tf.Tensor][] {
  const result = (otherwise ?? fn)(inputs)
  return result instanceof tf.Tensor ? [['output', result]] : Object.entries(result)
}

describe('a traced function computes what TensorFlow.js computes, for other numbers of rows than traced', () => {
  const engine = referenceEngine()
  it.each(traceCases)('$name', (test) => {
    const graph = trace(test.fn, test.shapes)
    expect(graphInputs(graph)).toEqual(Object.entries(test.shapes).map(([name, shape]) => ({ name, shape })))
    const executable = engine.compile(graph)
    for (const rows of [1, 3, 8]) {
      const stream = random(1, test.name, rows)
      const [low, high] = test.range ?? [-2, 2]
      const values = Object.entries(test.shapes).map(([name, shape]) =>
        Float32Array.from({ length: sizeOf(shapeAt(shape, rows)) }, () =>
          test.indices?.[name] === undefined ? low + (high - low) * stream.uniform() : stream.integer(test.indices[name]),
        ),
      )
      const found = executable.run(
        Object.values(test.shapes).map((shape, i) => engine.write(values[i]!, shapeAt(shape, rows))),
        rows,
      )
      tf.tidy(() => {
        const wanted = eager(
          test,
          Object.fromEntries(Object.entries(test.shapes).map(([name, shape], i) => [name, tf.tensor(values[i]!, shapeAt(shape, rows))])),
        )
        expect(graphOutputs(graph).map(({ name }) => name)).toEqual(wanted.map(([name]) => name))
        wanted.forEach(([name, tensor], output) => {
          expect(found[output]!.shape, name).toEqual(tensor.shape)
          const expected = tensor.dataSync()
          // TensorFlow.js rounds to float32 at every operation, the reference engine computes in float64.
          engine.read(found[output]!).forEach((value, i) => {
            const error = Math.abs(value - expected[i]!)
            if (!Object.is(value, expected[i]))
              expect(error, `${name}[${i}] with ${rows} rows: ${value} for ${expected[i]}`).toBeLessThanOrEqual(
                1e-6 + 1e-5 * Math.abs(expected[i]!),
              )
          })
        })
      })
    }
  })

  it('every kernel that trace supports is among them', () => {
    const seen = new Set(traceCases.flatMap(({ fn, shapes }) => record(fn, shapes, 5).calls.map(({ kernel }) => kernel)))
    expect(Object.keys(kernelLowerings).filter((kernel) => !seen.has(kernel))).toEqual([])
  })

  it('numbers that a function writes down are those on a float64 engine', () => {
    const graph = trace(
      ({ x }) => ({ third: tf.div(x!, 3), tenth: tf.mul(x!, 0.1), small: tf.add(x!, -1.25e-7), captured: tf.tensor1d([0.7, 1 / 3]) }),
      { x: [] },
    )
    const [third, tenth, small, captured] = engine
      .compile(graph)
      .run([engine.write([1], [])], 1)
      .map((value) => engine.read(value)[0])
    expect([third, tenth, small, captured]).toEqual([1 / 3, 0.1, 1 - 1.25e-7, 0.7])
  })
})

describe('tracing leaves no trace', () => {
  const shapes = { x: [-1, 4] }
  const doings: Record<string, TensorFunction> = {
    'a function': ({ x }) => tf.softmax(tf.mul(x!, 2)),
    'a function that throws': () => {
      throw new Error('mine')
    },
    'a function that throws deep inside': ({ x }) =>
      tf.tidy(() =>
        tf.tidy(() => {
          tf.exp(x!)
          throw new Error('mine')
        }),
      ),
    'a function that makes a variable': ({ x }) => tf.mul(x!, tf.variable(tf.scalar(2))),
    'a function that reads': ({ x }) => {
      x!.dataSync()
      return x!
    },
    'a function with an unsupported operation': ({ x }) => tf.erf(x!),
  }
  it.each(Object.entries(doings))('of %s', (_, fn) => {
    const kernels = tf.getKernelsForBackend('cpu').length
    const scope = tf.engine().state.activeScope
    const before = { ...tf.memory() }
    const variables = Object.keys(tf.engine().state.registeredVariables)
    try {
      trace(fn, shapes)
    } catch {
      /* as it should */
    }
    const after = { ...tf.memory() }
    expect([after.numTensors, after.numBytes, after.numDataBuffers]).toEqual([before.numTensors, before.numBytes, before.numDataBuffers])
    expect(tf.getBackend()).toBe('cpu')
    expect(
      tf
        .engine()
        .backendNames()
        .filter((name) => name.includes('trace')),
    ).toEqual([])
    expect(tf.getKernelsForBackend('cpu').length).toBe(kernels)
    expect(tf.engine().state.activeScope).toBe(scope)
    expect(Object.keys(tf.engine().state.registeredVariables)).toEqual(variables)
    tf.tidy(() => {
      expect(tf.add(1, 2).dataSync()[0]).toBe(3)
    })
  })

  it('a captured tensor stays where it was, and an error of the function is thrown as it is', () => {
    const weights = tf.tensor1d([1, 2, 3, 4])
    const home = tf.engine().state.tensorInfo.get(weights.dataId)!.backend
    trace(({ x }) => tf.mul(x!, weights), shapes)
    expect(tf.engine().state.tensorInfo.get(weights.dataId)!.backend).toBe(home)
    expect(Array.from(weights.dataSync())).toEqual([1, 2, 3, 4])
    weights.dispose()
    expect(() =>
      trace(() => {
        throw new RangeError('mine')
      }, shapes),
    ).toThrow(new RangeError('mine'))
  })

  it('while TensorFlow.js differentiates: the tape does not see it', () => {
    const before = tf.memory().numTensors
    const f = tf.customGrad((x) => {
      trace(({ y }) => tf.tanh(tf.mul(y!, 2)), { y: [-1] })
      return { value: tf.mul(x as tf.Tensor, 3), gradFunc: (dy: tf.Tensor) => tf.mul(dy, 3) }
    })
    tf.tidy(() => {
      expect(
        tf
          .grad((x) => {
            const taped = tf.engine().state.activeTape.length
            trace(({ y }) => tf.tanh(y!), { y: [-1] })
            expect(tf.engine().state.activeTape.length).toBe(taped)
            return f(x)
          })(tf.scalar(5))
          .dataSync()[0],
      ).toBe(3)
    })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('inside another trace', () => {
    const graph = trace(({ x }) => {
      trace(({ y }) => tf.exp(y!), { y: [3] })
      return tf.tanh(x!)
    }, shapes)
    expect(graph.nodes.map(({ op }) => op)).toEqual(['input', 'tanh'])
  })
})

describe('what a Graph cannot be', () => {
  const shapes = { x: [-1, 4] }
  const captured = tf.tidy(() => tf.keep(tf.tensor1d([1, 2, 3, 4, 5])))
  const variable = tf.variable(tf.scalar(2), true, 'slope')
  const bad: [name: string, fn: unknown, code: string, message: RegExp][] = [
    [
      'random numbers',
      ({ x }) => tf.add(x!, tf.randomNormal([4])),
      'NonDeterministic',
      /shape \[4\] that does not come from the inputs has other values for 5 rows than for 7.*noise is an input/,
    ],
    ['dropout', ({ x }) => tf.dropout(x!, 0.5), 'NonDeterministic', /noise is an input/],
    [
      'random numbers per row',
      ({ x }) => tf.add(x!, tf.randomUniform([x!.shape[0]!, 4])),
      'NonDeterministic',
      /shape \[rows, 4\].*differs from row to row/,
    ],
    [
      'a number computed from the rows',
      ({ x }) => tf.div(tf.sum(x!, 0), x!.shape[0]!),
      'NonDeterministic',
      /computed from the number of rows, compute it with tensors \(tf\.mean/,
    ],
    [
      'an argument computed from the rows',
      ({ x }) => tf.clipByValue(x!, 0, x!.shape[0]!),
      'NonDeterministic',
      /argument clipValueMax of tf\.clipByValue is 5 for 5 rows and 7 for 7/,
    ],
    ['row numbers', ({ x }) => tf.mul(x!, tf.reshape(tf.range(0, x!.shape[0]!), [-1, 1])), 'NonDeterministic', /differs from row to row/],
    ['a variable', ({ x }) => tf.mul(x!, variable), 'Variable', /tf\.Variable "slope".*Pass it as a parameter/],
    ['a variable as the result', () => variable, 'Variable', /"slope"/],
    ['a new variable', ({ x }) => tf.mul(x!, tf.variable(tf.scalar(1), true, 'fresh')), 'Variable', /"fresh"/],
    ['dataSync', ({ x }) => tf.mul(x!, x!.dataSync()[0]!), 'Read', /inputs have no values yet.*tf\.where/],
    [
      'arraySync of an intermediate',
      ({ x }) => {
        const y = tf.exp(x!)
        y.arraySync()
        return y
      },
      'Read',
      /dataSync, arraySync/,
    ],
    [
      'print',
      ({ x }) => {
        x!.print()
        return x!
      },
      'Read',
      /print/,
    ],
    [
      'data without await',
      ({ x }) => {
        void x!.data()
        return x!
      },
      'Read',
      /reads the values/,
    ],
    [
      'data with await',
      async ({ x }) => {
        await x!.data()
        return x!
      },
      'Read',
      /reads the values/,
    ],
    ['an async function', async ({ x }) => x!, 'Async', /async.*without await/],
    [
      'an unsupported kernel',
      ({ x }) => tf.erf(x!),
      'Unsupported',
      /tf\.erf \(kernel Erf\) is no operation of a Graph\. Supported are tf\.abs, tf\.add, .*tf\.matMul, .*tf\.where/,
    ],
    ['rounding', ({ x }) => tf.mul(tf.cast(x!, 'int32'), 2), 'Unsupported', /cast to int32.*tf\.gather/],
    ['rounding as the result', ({ x }) => tf.cast(x!, 'int32'), 'Unsupported', /integers/],
    ['integer division', ({ x }) => tf.floorDiv(tf.cast(tf.less(x!, 0), 'int32'), tf.scalar(2, 'int32')), 'Unsupported', /floorDiv/],
    [
      'a root of integers',
      ({ x }) => tf.engine().runKernel('Sqrt', { x: tf.cast(tf.less(x!, 0), 'int32') }),
      'Unsupported',
      /int32 tensors rounds/,
    ],
    ['gather with batchDims', ({ x }) => tf.gather(x!, tf.zeros([x!.shape[0]!, 2], 'int32'), 1, 1), 'Unsupported', /batchDims/],
    ['a product over the rows', ({ x }) => tf.prod(x!, 0), 'Unsupported', /tf\.prod .*over the rows.*logarithms/],
    ['a running sum over the rows', ({ x }) => tf.cumsum(x!, 0), 'Unsupported', /tf\.cumsum .*along the rows/],
    ['strings', () => tf.tensor1d(['a']), 'Unsupported', /dtype string/],
    [
      'the first row',
      ({ x }) => tf.slice(x!, [0, 0], [1, 4]),
      'Rows',
      /tf\.slice would treat some rows differently.*rows axis can only be taken whole/,
    ],
    ['all rows but the first', ({ x }) => tf.slice(x!, [1, 0]), 'Rows', /\[4, 4\] for 5 rows and \[6, 4\] for 7.*fixed or a multiple/],
    ['rows in reverse', ({ x }) => tf.reverse(x!, 0), 'Rows', /tf\.reverse would treat.*in its order/],
    ['rows one by one', ({ x }) => tf.stack(tf.unstack(x!)), 'Rows', /do not unstack, split or loop/],
    [
      'a loop over rows',
      ({ x }) => {
        let y = x!
        for (let i = 0; i < x!.shape[0]!; i++) y = tf.tanh(y)
        return y
      },
      'Rows',
      /as operation 6 it runs nothing more for 5 rows and tf\.tanh for 7/,
    ],
    [
      'a choice by rows',
      ({ x }) => (x!.shape[0] === 5 ? tf.exp(x!) : tf.tanh(x!)),
      'Rows',
      /operation 1 it runs tf\.exp for 5 rows and tf\.tanh for 7/,
    ],
    [
      'a choice of the result by rows',
      ({ x }) => {
        const y = tf.exp(x!)
        return x!.shape[0] === 5 ? y : x!
      },
      'Rows',
      /returns other things/,
    ],
    ['a choice of names by rows', ({ x }) => ({ [`a${x!.shape[0]}`]: x! }), 'Rows', /returns other things/],
    ['a captured tensor of one of the row counts', ({ x }) => tf.add(tf.sum(x!, 1), captured), 'Rows', /works for 5 rows and fails for 7/],
    ['nothing returned', () => undefined, 'Output', /it returned nothing/],
    ['a number returned', () => 3, 'Output', /it returned a number/],
    ['a list returned', ({ x }) => [x!], 'Output', /it returned an array/],
    ['an empty object returned', () => ({}), 'Output', /it returned an empty object/],
    ['a number among tensors', ({ x }) => ({ x: x!, n: 3 }), 'Output', /a number as "n"/],
    [
      'another backend',
      ({ x }) => {
        void tf.setBackend('cpu')
        return tf.exp(x!)
      },
      'Backend',
      /changed the TensorFlow\.js backend/,
    ],
  ] satisfies [string, (inputs: Record<string, tf.Tensor>) => unknown, string, RegExp][]
  it.each(bad)('%s', (_, fn, code, message) => {
    let error: unknown
    try {
      trace(fn as TensorFunction, shapes)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ name: 'TraceError', code, message: expect.stringMatching(message) as string })
  })

  it('but what no output depends on may be anything', () => {
    const graph = trace(({ x }) => {
      tf.erf(x!)
      tf.randomNormal([3])
      return tf.exp(x!)
    }, shapes)
    expect(graph.nodes.map(({ op }) => op)).toEqual(['input', 'exp'])
  })
})

it('row counts for tracing avoid the dimensions of the inputs', () => {
  const seen: number[] = []
  trace(
    ({ x }) => {
      seen.push(x!.shape[0]!)
      return x!
    },
    { x: [-1, 5], y: [14], w: [33, 1] },
  )
  expect(seen).toEqual([13, 17])
})
