import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { noTroubles } from '../../scripts/bench/faults.ts'
import { voidReasons, quantile } from '../../scripts/bench/figures.ts'
import { startGenerator } from '../../scripts/bench/generator.ts'
import { callOnce } from '../../scripts/bench/session.ts'
import { type Hand, through, troublesOf, troublesOfStone } from './bench-relay.ts'

/** Does something to the third frame of a call alone. */
function third<Frame>(act: (send: (frame: Frame) => void, frame: Frame) => void): Hand<Frame> {
  return (send) => {
    let count = 0
    return (frame) => (++count === 3 ? act(send, frame) : send(frame))
  }
}

function swapping<Frame>(): Hand<Frame> {
  return (send) => {
    let count = 0
    let kept: Frame[] = []
    return (frame) => {
      if (++count === 2) {
        kept = [frame]
        return
      }
      send(frame)
      for (const late of kept.splice(0)) send(late)
    }
  }
}

/** Sends each frame when the next one comes: the last never. */
function withholding<Frame>(): Hand<Frame> {
  return (send) => {
    const kept: Frame[] = []
    return (frame) => {
      for (const before of kept.splice(0)) send(before)
      kept.push(frame)
    }
  }
}

/** The third frame of each call goes to the other one. */
function mixing<Frame>(): Hand<Frame> {
  const sends: ((frame: Frame) => void)[] = []
  return (send) => {
    sends.push(send)
    return third<Frame>((own, frame) => (sends.find((other) => other !== send) ?? own)(frame))(send)
  }
}

const twice = <Frame>(): Hand<Frame> =>
  third((send, frame) => {
    send(frame)
    send(frame)
  })

describe('a relay between speech service and phone is found out', () => {
  test('unless it does nothing wrong', async () => {
    expect(await troublesOf({ calls: 3 })).toEqual(noTroubles())
  })

  test('nor does it where it says it in another form of JSON', async () => {
    const voice: Hand<string> = (send) => (frame) => send(frame.replace(',"media":', ', "media": '))
    expect(await troublesOf({ voice })).toEqual(noTroubles())
  })

  test('when it loses a frame', async () => {
    expect(await troublesOf({ voice: third(() => {}) })).toEqual({ ...noTroubles(), lost: 1 })
  })

  test('when it repeats a frame', async () => {
    expect(await troublesOf({ voice: twice() })).toEqual({ ...noTroubles(), repeated: 1 })
  })

  test('when it swaps two frames', async () => {
    expect(await troublesOf({ voice: swapping() })).toEqual({ ...noTroubles(), lost: 1, repeated: 1 })
  })

  test('when it keeps the last frame', async () => {
    expect(await troublesOf({ voice: withholding() })).toEqual({ ...noTroubles(), missing: 1 })
  })

  test('when it changes one character of the sound', async () => {
    const voice: Hand<string> = third((send, frame) => {
      const at = frame.lastIndexOf('"}}') - 50
      send(frame.slice(0, at) + (frame[at] === 'A' ? 'B' : 'A') + frame.slice(at + 1))
    })
    const { corrupt, broken } = await troublesOf({ voice })
    expect([corrupt, broken]).toEqual([1, 0])
  })

  test('when it mixes up two calls', async () => {
    const { broken, lost } = await troublesOf({ voice: mixing(), calls: 2 })
    expect([broken > 0, lost > 0]).toEqual([true, true])
  })

  test('when it says the sound of one call under the name of another', async () => {
    const named = /"streamSid":"[^"]*"/
    const name = new Map<unknown, string>()
    const voice: Hand<string> = (send) => {
      // The third frame of the other call, which has been kept, is said as one of this call.
      let count = 0
      return (frame) => {
        if (++count === 1) name.set(send, named.exec(frame)?.[0] ?? '')
        const [other] = [...name].filter(([of]) => of !== send)
        if (count !== 3 || !other) return send(frame)
        sends.find((one) => one === other[0])?.(frame.replace(named, other[1]))
      }
    }
    const sends: ((frame: string) => void)[] = []
    const remembering: Hand<string> = (send) => {
      sends.push(send)
      return voice(send)
    }
    const { foreign, lost, broken } = await troublesOf({ voice: remembering, calls: 2 })
    expect([foreign, lost, broken]).toEqual([1, 1, 0])
  })

  test('when it never says anything', async () => {
    let count = 0
    const { unheard, deaf } = await troublesOf({ voice: () => () => void count++ })
    expect([unheard, deaf]).toEqual([count, 1])
    expect(count).toBeGreaterThan(5)
  })

  test('when it asks nobody for sound, says nothing, and never closes', async () => {
    expect(await troublesOfStone(2)).toEqual({ ...noTroubles(), deaf: 2, broken: 2 })
  })

  test('when one of two phones hears nothing', async () => {
    let count = 0
    const voice: Hand<string> = (send) => (++count === 1 ? () => {} : send)
    const { deaf, unheard, lost } = await troublesOf({ voice, calls: 2 })
    expect([deaf, unheard > 5, lost]).toEqual([1, true, 0])
  })

  test('when it leaves its connection to the speech service open', async () => {
    expect(await troublesOf({ leaking: true, calls: 2 })).toEqual({ ...noTroubles(), leaked: 2 })
  })

  test.each([
    ['when it goes on behind a clear with what was silenced', true],
    ['but not when it stops there', false],
  ])('%s', async (_, goesOn) => {
    const kept: string[] = []
    const voice: Hand<string> = (send) => {
      let count = 0
      return (frame) => (++count <= 3 ? send(frame) : void kept.push(frame))
    }
    const troubles = await troublesOf({
      voice,
      key(send, streamSid) {
        send(JSON.stringify({ event: 'clear', streamSid }))
        if (goesOn) for (const frame of kept) send(frame)
      },
      speakMs: 100,
    })
    expect(kept.length).toBeGreaterThan(2)
    expect(troubles).toEqual({ ...noTroubles(), silenced: goesOn ? kept.length : 0 })
  })
})

describe('a relay between phone and recognizer is found out', () => {
  const speakMs = 250

  test('unless it does nothing wrong, to the last frame before the phone hangs up', async () => {
    expect(await troublesOf({ ear: through, calls: 3, speakMs })).toEqual(noTroubles())
  })

  test('when it leaves its connection to the recognizer open', async () => {
    expect(await troublesOf({ ear: through, leaking: true, speakMs })).toEqual({ ...noTroubles(), leaked: 2 })
  })

  test('when it loses a frame', async () => {
    expect(await troublesOf({ ear: third(() => {}), speakMs })).toEqual({ ...noTroubles(), lost: 1 })
  })

  test('when it repeats a frame', async () => {
    expect(await troublesOf({ ear: twice(), speakMs })).toEqual({ ...noTroubles(), repeated: 1 })
  })

  test('when it swaps two frames', async () => {
    expect(await troublesOf({ ear: swapping(), speakMs })).toEqual({ ...noTroubles(), lost: 1, repeated: 1 })
  })

  test('when it keeps the last frame before the phone hangs up', async () => {
    expect(await troublesOf({ ear: withholding(), speakMs })).toEqual({ ...noTroubles(), missing: 1 })
  })

  test('when it changes one bit', async () => {
    const ear: Hand<Buffer> = third((send, sound) => {
      sound.writeUInt8(sound.readUInt8(100) ^ 1, 100)
      send(sound)
    })
    const { corrupt, repeated, foreign } = await troublesOf({ ear, speakMs })
    expect([corrupt, repeated, foreign]).toEqual([1, 0, 0])
  })

  test('when it mixes up two calls', async () => {
    const { foreign, lost } = await troublesOf({ ear: mixing(), calls: 2, speakMs })
    expect([foreign, lost]).toEqual([2, 2])
  })

  test('when one of two phones is not listened to', async () => {
    let count = 0
    const ear: Hand<Buffer> = (send) => (++count === 1 ? () => {} : send)
    const { unheard, lost } = await troublesOf({ ear, calls: 2, speakMs })
    expect([unheard > 5, lost]).toEqual([true, 0])
  })
})

test('a call too many that was taken is hung up', async () => {
  const generator = await startGenerator(200)
  const asked: string[] = []
  const http = createServer((request, response) => {
    asked.push(request.url ?? '')
    request.resume()
    response.end('<Response><Connect><Stream url="ws://127.0.0.1:9/"/></Connect></Response>')
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    http.close()
    http.closeAllConnections()
    await generator.close()
  })
  const address = http.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const no = () => Promise.reject(new Error('nobody asks for it'))
  expect(await callOnce(generator, { kind: 'server', port, begin: no, end: no, memory: no, stop: no })).toBe(true)
  expect(asked).toEqual(['/twilio/voice', '/twilio/status'])
})

test('a generator that is held up makes the run void, by itself', async () => {
  const generator = await startGenerator(200)
  onTestFinished(() => generator.close())
  const sent = Promise.withResolvers<void>()
  const end = generator.measure()
  let count = 0
  generator.frames.add(() => ++count === 5 && sent.resolve())
  const heldUpTo = performance.now() + 150
  while (performance.now() < heldUpTo) Math.random()
  await sent.promise
  const { late } = end()
  const reasons = voidReasons({ share: 0, lateP99Ms: quantile(late.sorted(), 0.99) })
  expect(reasons.join()).toContain('ms late at p99')
})
