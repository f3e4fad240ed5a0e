import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import type { SpeechEvent } from '../../../src/speech/provider.ts'
import { tellConnections } from '../../../src/speech/told.ts'
import type { Connection, ConnectionEvents } from '../../../src/wire/connection.ts'

const error = new BridgeError('speech.lost', 'Lost.')

/** A connection that does nothing but tell what reaches it, and whoever asked for it. */
function bench() {
  const told: SpeechEvent[] = []
  const reached: unknown[] = []
  const heard: unknown[] = []
  const inside: ConnectionEvents<string>[] = []
  const connect = tellConnections<string>(
    (events) => {
      inside.push(events)
      return {
        send: (message) => void reached.push(message),
        passTo: (other) => void reached.push(other),
        drop: () => void reached.push('drop'),
        close: () => Promise.resolve(void reached.push('close')),
      }
    },
    'probe',
    (event) => void told.push(event),
  )
  const connection: Connection<string> = connect({
    opened: () => void heard.push('opened'),
    frame: (frame) => void heard.push(frame),
    lost: (loss) => void heard.push(loss),
    keepalive: () => 'still here',
  })
  const [events] = inside
  if (!events) throw new Error('a connection was asked for')
  return { told, reached, heard, events, connection }
}

describe('a connection that is told of', () => {
  test('passes on all that is sent, and all that comes', async () => {
    const { reached, heard, events, connection } = bench()
    const other = { frame() {} }
    const loss = { error, closeCode: 1006, mute: false }
    connection.send('text')
    connection.passTo(other)
    connection.drop()
    await connection.close()
    events.opened()
    events.frame('sound')
    events.lost(loss)
    expect(reached).toEqual(['text', other, 'drop', 'close'])
    expect(heard).toEqual(['opened', 'sound', loss])
    expect(events.keepalive?.()).toBe('still here')
  })

  test('one that was open is gone once, whoever ends it, and with the error only when it was lost', async () => {
    const gone = async (end: (of: ReturnType<typeof bench>) => unknown) => {
      const of = bench()
      of.events.opened()
      await end(of)
      const first = [...of.told]
      await of.connection.close()
      of.connection.drop()
      expect(of.told).toEqual(first)
      return first
    }
    const connected = { type: 'connected', provider: 'probe' }
    const left = [connected, { type: 'disconnected', provider: 'probe', error: undefined }]
    expect(await gone(({ connection }) => connection.drop())).toEqual(left)
    expect(await gone(({ connection }) => connection.close())).toEqual(left)
    expect(await gone(({ events }) => events.lost({ error, closeCode: 1006, mute: false }))).toEqual([
      connected,
      { type: 'disconnected', provider: 'probe', error },
    ])
  })

  test('one that never opened is told as an error, and as nothing when it is given up', () => {
    const failed = bench()
    failed.events.lost({ error, closeCode: undefined, mute: false })
    expect(failed.told).toEqual([{ type: 'connection-error', provider: 'probe', error }])
    const left = bench()
    left.connection.drop()
    expect(left.told).toEqual([])
  })
})
