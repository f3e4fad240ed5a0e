import { expect, test } from 'vitest'
import { closedBy } from '../../../src/wire/closed-by.ts'

/** Has its methods on its prototype, and its state where only they can see it. */
class Session {
  #closes = 0
  readonly said: string[] = []

  say(text: string): void {
    this.said.push(text)
  }

  close(): Promise<void> {
    this.#closes++
    return Promise.resolve()
  }

  get closes(): number {
    return this.#closes
  }
}

test('a session is closed when the signal aborts, and does until then what it did', () => {
  const over = new AbortController()
  const session = closedBy(new Session(), over.signal)
  session.say('a')
  expect([session.said, session.closes]).toEqual([['a'], 0])
  over.abort()
  expect(session.closes).toBe(1)
})

test('a session that was closed is not closed again by the signal', async () => {
  const over = new AbortController()
  const session = closedBy(new Session(), over.signal)
  await session.close()
  over.abort()
  expect(session.closes).toBe(1)
})

test('a session that is opened when the signal has aborted is closed at once', () => {
  expect(closedBy(new Session(), AbortSignal.abort()).closes).toBe(1)
})
