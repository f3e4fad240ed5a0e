import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

test('timers fire in the order of their deadlines, equal ones in the order they were set', async () => {
  const clock = createSteppedClock()
  const fired: string[] = []
  clock.after(20, () => fired.push('b'))
  clock.after(10, () => fired.push('a'))
  clock.after(20, () => fired.push('c'))
  clock.after(15, () => fired.push('never')).cancel()
  await clock.advance(20)
  expect(fired).toEqual(['a', 'b', 'c'])
})

test('a minute passes in far less than a minute, and now() shows it', async () => {
  const clock = createSteppedClock(0)
  let ticks = 0
  const tick = () => {
    ticks++
    clock.after(1000, tick)
  }
  clock.after(1000, tick)
  await clock.advance(60_000)
  expect(ticks).toBe(60)
  expect(clock.now()).toBe(60_000)
})

test('time stands still while it is held', async () => {
  const clock = createSteppedClock(0)
  const release = clock.hold()
  let fired = false
  clock.after(1, () => {
    fired = true
  })
  const advancing = clock.advance(10)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(fired).toBe(false)
  release()
  await advancing
  expect(fired).toBe(true)
})

test('what a real socket answers arrives before time moves on', async () => {
  const clock = createSteppedClock(0)
  let bytes = 0
  const server = createServer((_request, response) => void response.end(String(clock.now())))
  server.on('connection', (socket) => clock.watch(() => socket.bytesRead + socket.bytesWritten))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answers: number[] = []
  const ask = () => {
    const release = clock.hold()
    void fetch(`http://127.0.0.1:${port}`)
      .then((response) => response.text())
      .then((text) => {
        answers.push(Number(text))
        bytes += text.length
        release()
      })
  }
  clock.after(100, ask)
  clock.after(200, ask)
  clock.after(300, () => {})
  await clock.advance(300)
  expect(answers).toEqual([100, 200])
  expect(bytes).toBe(6)
  await new Promise((resolve) => server.close(resolve))
})

test('runUntil gives back what was awaited, and names what it waited for in vain', async () => {
  const clock = createSteppedClock(0)
  const late = new Promise<string>((resolve) => clock.after(5000, () => resolve('done')))
  expect(await clock.runUntil(late)).toBe('done')
  clock.after(100, () => {})
  await expect(clock.runUntil(new Promise(() => {}), { simulatedMs: 50 })).rejects.toThrow('not done after 50')
  await clock.advance(100)
  await expect(clock.runUntil(new Promise(() => {}), { realMs: 20 })).rejects.toThrow('nothing is scheduled')
})
