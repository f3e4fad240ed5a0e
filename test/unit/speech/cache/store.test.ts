import { describe, expect, test } from 'vitest'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { createAudioStore } from '../../../../src/speech/cache/store.ts'
import { keyFor, soundOf } from './sounds.ts'

describe('rendered utterances in memory', () => {
  const open = (memoryBytes: number) => {
    const clock = createSteppedClock()
    return { clock, store: createAudioStore({ clock, memoryBytes, keepMs: 1000 }) }
  }

  test('the least recently used are forgotten when there is no more room', async () => {
    const { store } = open(50_000)
    for (let name = 0; name < 20; name++) {
      store.write(keyFor(name), soundOf(name))
      store.peek(keyFor(0))
    }
    expect(store.peek(keyFor(0))).toEqual(soundOf(0))
    expect(store.peek(keyFor(19))).toEqual(soundOf(19))
    expect(store.peek(keyFor(1))).toBeUndefined()
    const kept = Array.from({ length: 20 }, (_, name) => store.peek(keyFor(name))).filter(Boolean)
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.length).toBeLessThan(13)
  })

  test('what is larger than all of the memory is not kept, and drives nothing out', () => {
    const { store } = open(50_000)
    store.write(keyFor('small'), soundOf('small'))
    store.write(keyFor('huge'), soundOf('huge', 100_000))
    expect(store.peek(keyFor('huge'))).toBeUndefined()
    expect(store.peek(keyFor('small'))).toEqual(soundOf('small'))
  })

  test('what was found on disk is in memory from then on', async () => {
    let reads = 0
    const clock = createSteppedClock()
    const madeMs = clock.now() - 900
    const store = createAudioStore({
      clock,
      memoryBytes: 50_000,
      keepMs: 1000,
      folder: {
        async read(key) {
          reads++
          return key === keyFor('old') ? { audio: soundOf('old'), madeMs } : undefined
        },
        has: async () => true,
        write() {},
        close: async () => {},
      },
    })
    for (let time = 0; time < 3; time++) expect(await store.read(keyFor('old'))).toEqual(soundOf('old'))
    expect(reads).toBe(1)
    // It is as old there as it is on the disk.
    await clock.advance(100)
    expect(store.peek(keyFor('old'))).toBeUndefined()
  })

  test('what is older than its time to live is forgotten', async () => {
    const { clock, store } = open(50_000)
    store.write(keyFor('one'), soundOf('one'))
    await clock.advance(999)
    expect(await store.read(keyFor('one'))).toEqual(soundOf('one'))
    await clock.advance(1)
    expect(store.peek(keyFor('one'))).toBeUndefined()
    expect(await store.has(keyFor('one'))).toBe(false)
  })
})
