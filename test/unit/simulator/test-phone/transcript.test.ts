import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { tone } from '../../../../src/audio/tone.ts'
import { mulawWav } from '../../../../src/audio/wav.ts'
import type { Flow } from '../../../../src/flows/flow.ts'
import { testCall, type TestPhone } from '../../../../src/simulator/test-call.ts'

const sound = mulawWav(tone([{ hz: 600, dbm0: -12 }], 1500))

async function failureOf(act: () => unknown): Promise<Error> {
  try {
    await act()
  } catch (thrown) {
    if (thrown instanceof Error) return thrown
  }
  return expect.fail('it should have failed')
}

async function played(
  flow: Flow,
  more: Parameters<typeof testCall>[1] = {},
  act?: (phone: TestPhone<unknown>) => unknown,
) {
  await using phone = await testCall(flow, more)
  await act?.(phone)
  await phone.outcome
  expect(phone.faults).toEqual([])
  return phone.transcript.split('\n').map((line) => line.trim())
}

describe('the transcript of a call', () => {
  test('a sound between two texts is told, when it was heard', async () => {
    const lines = await played(async (call) => {
      await call.say('Listen.')
      await call.play(sound)
      await call.say('That was it.')
    })
    expect(lines.slice(2)).toEqual([
      '0:01.9  hears "Listen."',
      '0:03.5  hears a sound of 1.5 s',
      '0:04.2  hears "That was it."',
      '0:04.2  is hung up',
    ])
  })

  test('a sound at the very end, and one that a key cut off, are told', async () => {
    const lines = await played(
      async (call) => {
        await call.play(sound, { bargeIn: 'keys' })
        await call.play(sound)
      },
      {},
      async (phone) => {
        await phone.waits(600)
        phone.press('1')
      },
    )
    expect(lines.slice(2)).toEqual([
      '0:01.9  hears a sound of 0.6 s',
      '0:01.9  presses 1',
      '0:03.4  hears a sound of 1.5 s',
      '0:03.4  is hung up',
    ])
  })

  test('keys that the flow presses are told as the tones that the phone hears', async () => {
    const lines = await played(async (call) => {
      await call.press('12#')
      await call.say('Pressed.')
    })
    expect(lines.slice(2, 4)).toEqual(['0:02.1  hears the tones 12#', '0:02.5  hears "Pressed."'])
  })

  test('a recording is told with its beep, and with how it ended', async () => {
    const lines = await played(
      async (call) => {
        await call.say('Speak.')
        await call.record({ silenceMs: 1500 })
        await call.say('Thanks.')
      },
      {},
      async (phone) => {
        await phone.hears('Speak.')
        await phone.waits(1000)
        phone.says('this is my message')
      },
    )
    expect(lines.slice(2, 7)).toEqual([
      '0:01.8  hears "Speak."',
      '0:01.8  (the flow records)',
      '0:02.1  hears a sound of 0.3 s',
      '0:02.8  says "this is my message", and nobody listens',
      expect.stringMatching(/\(records: silence, \d\.\d s\)$/),
    ])
    expect(lines.at(-2)).toContain('hears "Thanks."')
  })

  test('a transfer is told with what became of it', async () => {
    const flow: Flow = async (call) => {
      await call.say('One moment.')
      await call.transfer('+15551230100', { otherwise: 'Nobody is there.' })
    }
    const lines = await played(flow, { phones: { '+15551230100': 'busy' } })
    expect(lines.slice(3)).toEqual([
      expect.stringContaining('(the flow transfers to +15551230100)'),
      expect.stringContaining('hears "Nobody is there." in Twilio’s voice'),
      expect.stringContaining('(transfers to +15551230100: busy, 0.0 s)'),
      expect.stringContaining('is hung up'),
    ])
  })

  test('two seconds or more in which nothing is played are told before what ends them; a pause between sentences is not', async () => {
    const lines = await played(async (call) => {
      await call.say('Wait. Please.')
      await call.pause(12_000)
      await call.say('Done.')
    })
    expect(lines.slice(2, 6)).toEqual([
      '0:01.8  hears "Wait."',
      '0:02.2  hears "Please."',
      '0:14.3  has heard nothing for 12.2 s',
      '0:14.6  hears "Done."',
    ])
  })
})

describe('a test that fails', () => {
  const flow: Flow = async (call) => {
    await call.say('Hello.')
    await call.play(sound)
    await call.pause(60_000)
  }

  test('tells what was played last, and what time it is', async () => {
    await using phone = await testCall(flow)
    const { message } = await failureOf(() => phone.hears('anything', { withinMs: 10_000 }))
    expect(
      message
        .split('\n')
        .slice(-3)
        .map((line) => line.trim()),
    ).toEqual(['0:01.8  hears "Hello."', '0:03.3  hears a sound of 1.5 s', '0:11.3  (now)'])
  })

  test.each<[string, (phone: TestPhone<unknown>) => unknown]>([
    ['hears() in time', (phone) => phone.hears('anything', { withinMs: 1000 })],
    [
      'hears() of a call that ends',
      async (phone) => {
        const heard = phone.hears('anything')
        phone.hangsUp()
        await heard
      },
    ],
    [
      'press() of a call that is over',
      async (phone) => {
        phone.hangsUp()
        await phone.outcome
        phone.press('1')
      },
    ],
  ])('points at the line of the test that asked, not into the simulator: %s', async (_name, act) => {
    await using phone = await testCall(flow)
    const { stack = '', message } = await failureOf(() => act(phone))
    expect(stack.startsWith(`Error: ${message}\n`)).toBe(true)
    const [first = ''] = stack.slice(`Error: ${message}\n`.length).split('\n')
    expect(first).toContain(import.meta.filename)
  })

  test('points there also when the test did something else for a while', async () => {
    await using phone = await testCall(flow)
    const waiting = failureOf(() => phone.hears('anything', { withinMs: 5_000 }))
    await sleep(1)
    await phone.waits(1)
    const { stack = '' } = await waiting
    expect(stack.slice(stack.indexOf('(now)'))).toMatch(/^\(now\)\n\s+at .*transcript\.test\.ts/)
  })
})
