import { describe, expect, test } from 'vitest'
import { flameGraph, shape } from '../../../../scripts/bench/flame/svg.ts'
import { cpuProfile, stacksOf } from '../../../../scripts/bench/flame/stacks.ts'

const project = 'file:///somewhere/of/mine'
const node = (id: number, functionName: string, url: string, children: number[] = [], lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
  children,
})

/** 100 ms, of which 20 idle: `read` (Node) 60, of which `send` (twice, ours) 40 and `write` under it 30; garbage 20. */
const profile = cpuProfile.parse({
  nodes: [
    node(1, '(root)', '', [2, 3, 4]),
    node(2, '(idle)', ''),
    node(3, 'read<T>', 'node:net', [5, 6, 9]),
    node(4, '(garbage collector)', ''),
    node(5, 'send', `${project}/src/call/send.ts`, [7]),
    node(6, 'send', `${project}/src/call/send.ts`, [8]),
    node(7, 'write', ''),
    node(8, 'write', ''),
    node(9, '', `${project}/node_modules/ws/lib/receiver.js`, [], 6),
  ],
  samples: [2, 3, 5, 7, 8, 6, 9, 4, 2],
  timeDeltas: [0, 20_000, 15_000, 5_000, 20_000, 10_000, 5_000, 5_000, 20_000],
})
const { width, margin, top, rowHeight } = shape
const scale = (width - 2 * margin) / 80_000
const around = (us: number) => expect.closeTo(us * scale, 0) as number

interface Box {
  readonly title: string
  readonly origin: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly text: string | undefined
}

function boxesOf(svg: string): Box[] {
  const form =
    /<g><title>(.*?)<\/title><rect class="(\w+)" x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="\d+"\/>(?:<text[^>]*>(.*?)<\/text>)?<\/g>/g
  return [...svg.matchAll(form)].map(([, title = '', origin = '', x, y, wide, text]) => ({
    title,
    origin,
    x: Number(x),
    y: Number(y),
    width: Number(wide),
    text,
  }))
}

describe('of a CPU profile', () => {
  test('the same function under the same caller is one, the longest comes first, and idle time is left out', () => {
    const root = stacksOf(profile)
    expect(root.totalUs).toBe(80_000)
    expect(root.callees.map(({ name, totalUs, selfUs }) => [name, totalUs, selfUs])).toEqual([
      ['read<T>', 60_000, 15_000],
      ['(garbage collector)', 20_000, 20_000],
    ])
    const [send, receiver] = root.callees[0]?.callees ?? []
    expect(send).toMatchObject({ name: 'send', file: 'src/call/send.ts', origin: 'ours', totalUs: 40_000 })
    expect(send?.callees).toMatchObject([{ name: 'write', origin: 'native', totalUs: 30_000, callees: [] }])
    expect(receiver).toMatchObject({ name: 'receiver.js:7', file: 'ws/lib/receiver.js', origin: 'package' })
  })

  test('every stack is as wide as its time, below its caller, in the colour of where it comes from', () => {
    const boxes = boxesOf(flameGraph(stacksOf(profile), 'a & b', 0))
    const row = (depth: number) => top + depth * rowHeight
    expect(boxes).toMatchObject([
      {
        origin: 'node',
        x: margin,
        y: row(0),
        width: around(60_000),
        text: 'read&lt;T&gt; <tspan class="f">node:net</tspan>',
      },
      { origin: 'ours', x: margin, y: row(1), width: around(40_000) },
      { origin: 'native', x: margin, y: row(2), width: around(30_000), text: 'write' },
      { origin: 'package', x: expect.closeTo(margin + 40_000 * scale, 0) as number, y: row(1), width: around(5_000) },
      { origin: 'native', x: expect.closeTo(margin + 60_000 * scale, 0) as number, y: row(0), width: around(20_000) },
    ])
    expect(boxes[0]?.title).toBe('read&lt;T&gt; (node:net): 60.0 ms, 75.0 %; itself 15.0 ms, 18.8 %')
    expect(boxes[2]?.title).toBe('write: 30.0 ms, 37.5 %')
  })

  test('what took too little is left out, and names are cut to what fits', () => {
    const svg = flameGraph(stacksOf(profile), 'a & b', 0.1)
    expect(boxesOf(svg).map(({ width: wide }) => wide > 100)).toEqual([true, true, true, true])
    expect(svg).toContain('a &amp; b')
    expect(svg).not.toContain('somewhere')
    const narrow = { ...stacksOf(profile), totalUs: 2_000_000 }
    expect(boxesOf(flameGraph(narrow, '', 0)).map(({ text }) => text)).toEqual([
      'rea…',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('of one in which nothing ran there is a picture of nothing', () => {
    const nothing = stacksOf({ nodes: [node(1, '(root)', '')], samples: [], timeDeltas: [] })
    expect(boxesOf(flameGraph(nothing, '', 0.003))).toEqual([])
    expect(boxesOf(flameGraph(stacksOf({ nodes: [], samples: [], timeDeltas: [] }), '', 0))).toEqual([])
  })
})
