import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/ops/logger.ts'
import { secrets, startWorld } from '../world.ts'

type Line = Record<string, unknown>

function memoryLog() {
  const lines: Line[] = []
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split('\n')) lines.push(JSON.parse(line) as Line)
      done()
    },
  })
  return { lines, log: createLogger('info', destination) }
}

const states = (lines: Line[]) => lines.filter((line) => 'state' in line)
const to = '+15551230001'

describe('the log of a call’s states', () => {
  test('one line for each state, in order, with every id that is known by then', async () => {
    const { lines, log } = memoryLog()
    await using world = await startWorld({ log })
    world.network.phone(to)
    const call = world.dial(to, 'Hello.')
    await world.until(call.outcome)
    const streamSid = world.network.calls[0]?.streams[0]?.sid
    const { callId, callSid } = call
    expect(streamSid).toMatch(/^MZ/)
    expect(states(lines).map(({ state, previous }) => [state, previous])).toEqual([
      ['dialling', undefined],
      ['ringing', 'dialling'],
      ['answered', 'ringing'],
      ['streaming', 'answered'],
      ['ended', undefined],
    ])
    expect(states(lines).map((line) => line['callId'])).toEqual(Array(5).fill(callId))
    expect(states(lines).map((line) => line['callSid'])).toEqual([undefined, ...Array<unknown>(4).fill(callSid)])
    expect(states(lines).map((line) => line['streamSid'])).toEqual([...Array<unknown>(3), streamSid, streamSid])
    expect(new Set(states(lines).map((line) => line['msg']))).toEqual(new Set(['call state', 'call ended']))
    expect(states(lines).at(-1)).toMatchObject({ reason: 'completed' })
    for (const secret of [to, secrets.authToken, 'Hello.']) expect(JSON.stringify(lines)).not.toContain(secret)
  })

  test('callbacks that come twice and in reverse repeat no state and lead back to none', async () => {
    const { lines, log } = memoryLog()
    const behaviour = { statusCallbackOrder: 'reversed', statusCallbackCopies: 2 } as const
    await using world = await startWorld({ log, network: { behaviour } })
    world.network.phone(to)
    await world.until(world.dial(to, 'Hello.').outcome)
    const order = ['dialling', 'ringing', 'answered', 'streaming', 'ended']
    const ranks = states(lines).map(({ state }) => order.indexOf(String(state)))
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b))
    expect(ranks.at(-1)).toBe(4)
  })

  test('a call that nobody answers ends after ringing', async () => {
    const { lines, log } = memoryLog()
    await using world = await startWorld({ log })
    world.network.phone(to, { answer: 'busy' })
    await world.until(world.dial(to, 'Hello.').outcome)
    expect(states(lines).map(({ state }) => state)).toEqual(['dialling', 'ended'])
    expect(states(lines).at(-1)).toMatchObject({ reason: 'busy' })
  })
})
