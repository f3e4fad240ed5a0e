import { describe, expect, test } from 'vitest'
import { createLogger } from '../../../src/ops/logger.ts'
import { createPublicAddress } from '../../../src/tunnel/public-address.ts'
import { superviseTunnel } from '../../../src/tunnel/supervisor.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { tunnelService } from '../../tunnels.ts'

async function supervised(url: (nth: number) => string | undefined = (nth) => `https://t${nth}.example`) {
  const clock = createSteppedClock()
  const service = tunnelService(url)
  const moves: string[] = []
  const moved = (to: string) => void moves.push(to)
  const tunnel = await superviseTunnel(service.open, 3000, { clock, log: createLogger('silent'), moved })
  const lose = (index: number) => service.opened[index]?.tell('lost')
  return { clock, service, moves, tunnel, lose }
}

describe('a tunnel that is lost', () => {
  test('it comes back by itself: nothing changes', async () => {
    const { clock, service, moves, tunnel, lose } = await supervised()
    expect([tunnel.up, tunnel.url]).toEqual([true, 'https://t1.example'])
    lose(0)
    expect(tunnel.up).toBe(false)
    await clock.advance(9_000)
    service.opened[0]?.tell('back')
    expect(tunnel.up).toBe(true)
    await clock.advance(100_000)
    expect([service.asked, tunnel.url, moves]).toEqual([1, 'https://t1.example', []])
  })

  test('it comes back under another address, and that is told', async () => {
    const { service, moves, tunnel, lose } = await supervised()
    lose(0)
    const [first] = service.opened
    if (first) first.url = 'https://other.example'
    first?.tell('back')
    expect([tunnel.url, moves]).toEqual(['https://other.example', ['https://other.example']])
  })

  test('it does not come back: another one is opened, the lost one is closed', async () => {
    const { clock, service, moves, tunnel, lose } = await supervised()
    lose(0)
    await clock.advance(10_000)
    expect([tunnel.up, tunnel.url, moves]).toEqual([true, 'https://t2.example', ['https://t2.example']])
    expect(service.opened.map((one) => one.closed)).toEqual([true, false])
    // What the replaced one still has to say is nobody's business.
    service.opened[0]?.tell('lost')
    expect(tunnel.up).toBe(true)
    lose(1)
    await clock.advance(10_000)
    expect(moves).toEqual(['https://t2.example', 'https://t3.example'])
  })

  test('no other can be opened: it is tried again, ever more slowly and without end', async () => {
    const { clock, service, tunnel, lose } = await supervised((nth) =>
      nth === 1 || nth > 12 ? `https://t${nth}.example` : undefined,
    )
    lose(0)
    await clock.advance(10_000 + 31_000)
    expect(service.asked).toBe(1 + 6)
    expect(tunnel.up).toBe(false)
    await clock.advance(300_000)
    expect([tunnel.up, tunnel.url, service.asked]).toEqual([true, 'https://t13.example', 13])
  })

  test('with a reserved domain the address is the same again, and nobody is told', async () => {
    const { clock, moves, tunnel, lose } = await supervised(() => 'https://mine.example')
    lose(0)
    await clock.advance(10_000)
    expect([tunnel.up, moves]).toEqual([true, []])
  })

  test('after the close nothing is opened any more', async () => {
    const { clock, service, tunnel, lose } = await supervised()
    lose(0)
    await tunnel.close()
    await clock.advance(100_000)
    expect(service.asked).toBe(1)
    expect(service.opened[0]?.closed).toBe(true)
  })

  test('a first tunnel that cannot be opened is an error at once', async () => {
    await expect(supervised(() => undefined)).rejects.toMatchObject({ code: 'tunnel.failed' })
  })
})

test('of former addresses the latest five are remembered, and the present one is none of them', () => {
  const address = createPublicAddress()
  for (const name of 'abcdefg') address.change(`https://${name}.example`)
  address.change('https://e.example')
  expect(address.url).toBe('https://e.example')
  expect(address.former).toEqual(['g', 'f', 'd', 'c'].map((name) => `https://${name}.example`))
})
