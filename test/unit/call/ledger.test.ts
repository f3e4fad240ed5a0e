import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Account, PlaybackLedger } from '../../../src/call/ledger.ts'

const newAccount = (): Account => ({ sentBytes: 0, heardBytes: 0, lostBytes: 0 })

/** The ledger, and by name the accounts of those who send. */
function createLedger() {
  const ledger = new PlaybackLedger()
  const accounts: Record<string, Account> = {}
  const accountOf = (who: string) => (accounts[who] ??= newAccount())
  return {
    sent: (who: string, bytes: number) => ledger.sent(accountOf(who), bytes),
    of(who: string) {
      const { sentBytes, heardBytes, lostBytes } = accountOf(who)
      return { sentMs: sentBytes / 8, heardMs: heardBytes / 8, lostMs: lostBytes / 8 }
    },
    mark: () => ledger.mark(),
    echoed: (name: string) => ledger.echoed(name),
    cleared: () => ledger.cleared(),
    unmarkedMs: () => ledger.unmarkedMs(),
    outstandingMs: () => ledger.outstandingMs(),
    sentMs: () => ledger.sentMs(),
    heardMs: () => ledger.heardMs(),
  }
}

describe('playback ledger', () => {
  test('the echo of a mark proves everything that was sent before the mark', () => {
    const ledger = createLedger()
    ledger.sent('a', 800)
    const first = ledger.mark()
    ledger.sent('a', 1600)
    ledger.sent('b', 80)
    const second = ledger.mark()
    expect(ledger.echoed(first)).toBe('heard')
    expect(ledger.of('a')).toEqual({ sentMs: 300, heardMs: 100, lostMs: 0 })
    expect(ledger.outstandingMs()).toBe(210)
    expect(ledger.echoed(second)).toBe('heard')
    expect(ledger.of('b')).toEqual({ sentMs: 10, heardMs: 10, lostMs: 0 })
    expect(ledger.outstandingMs()).toBe(0)
  })

  test('marks returned by a clear are not counted as heard', () => {
    const ledger = createLedger()
    ledger.sent('a', 800)
    const played = ledger.mark()
    ledger.sent('a', 800)
    const cleared = ledger.mark()
    ledger.echoed(played)
    expect(ledger.cleared()).toBe(true)
    expect(ledger.echoed(cleared)).toBe('stale')
    expect(ledger.of('a')).toEqual({ sentMs: 200, heardMs: 100, lostMs: 100 })
    expect(ledger.outstandingMs()).toBe(0)
  })

  test('audio sent after a clear is proven by its own marks only', () => {
    const ledger = createLedger()
    ledger.sent('a', 800)
    const old = ledger.mark()
    ledger.cleared()
    ledger.sent('b', 400)
    const fresh = ledger.mark()
    expect(ledger.echoed(old)).toBe('stale')
    expect(ledger.of('b').heardMs).toBe(0)
    expect(ledger.echoed(fresh)).toBe('heard')
    expect(ledger.of('b').heardMs).toBe(50)
    expect(ledger.of('a').heardMs).toBe(0)
  })

  test('a lost echo is made up for by the next one', () => {
    const ledger = createLedger()
    ledger.sent('a', 800)
    const lost = ledger.mark()
    ledger.sent('a', 800)
    ledger.echoed(ledger.mark())
    expect(ledger.of('a').heardMs).toBe(200)
    expect(ledger.echoed(lost)).toBe('heard')
    expect(ledger.heardMs()).toBe(200)
  })

  test('an echo that comes twice counts once, and names we never gave out are told apart', () => {
    const ledger = createLedger()
    ledger.sent('a', 800)
    const mark = ledger.mark()
    expect(ledger.echoed(mark)).toBe('heard')
    expect(ledger.echoed(mark)).toBe('stale')
    for (const name of ['', 'responsePart', 'g1:m99', 'g1:m1x', '__proto__'])
      expect(ledger.echoed(name)).toBe('unknown')
    expect(ledger.heardMs()).toBe(100)
  })

  test('what was sent by turns is proven in the order it was sent, and each time the sound since the last mark is told', () => {
    const ledger = createLedger()
    expect(ledger.sent('a', 800)).toBe(800)
    expect(ledger.sent('b', 80)).toBe(880)
    const mark = ledger.mark()
    expect(ledger.sent('a', 800)).toBe(800)
    ledger.sent('b', 160)
    ledger.echoed(mark)
    expect([ledger.of('a').heardMs, ledger.of('b').heardMs]).toEqual([100, 10])
    ledger.cleared()
    expect(ledger.of('a')).toEqual({ sentMs: 200, heardMs: 100, lostMs: 100 })
    expect(ledger.of('b')).toEqual({ sentMs: 30, heardMs: 10, lostMs: 20 })
  })

  test('a clear of an empty line clears nothing', () => {
    const ledger = createLedger()
    expect(ledger.cleared()).toBe(false)
    ledger.sent('a', 8)
    ledger.echoed(ledger.mark())
    expect(ledger.cleared()).toBe(false)
  })

  test('no mark name is given out twice, over clears too', () => {
    const ledger = createLedger()
    const names = Array.from({ length: 100 }, (_, index) => {
      if (index % 7 === 0) ledger.cleared()
      return ledger.mark()
    })
    expect(new Set(names).size).toBe(100)
  })

  type Step =
    | { do: 'send'; who: string; bytes: number }
    | { do: 'mark' }
    | { do: 'echo'; which: number }
    | { do: 'clear' }
    | { do: 'garbage'; name: string }
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('send' as const),
      who: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.integer({ min: 1, max: 9000 }),
    }),
    fc.record({ do: fc.constant('mark' as const) }),
    fc.record({ do: fc.constant('echo' as const), which: fc.nat(60) }),
    fc.record({ do: fc.constant('clear' as const) }),
    fc.record({ do: fc.constant('garbage' as const), name: fc.string() }),
  )

  test('whatever happens, in whatever order, the books balance', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const ledger = createLedger()
        const names: string[] = []
        const sent: Record<string, number> = { a: 0, b: 0, c: 0 }
        let heardBefore = { a: 0, b: 0, c: 0, all: 0 }
        for (const step of steps) {
          if (step.do === 'send') {
            ledger.sent(step.who, step.bytes)
            sent[step.who] = (sent[step.who] ?? 0) + step.bytes / 8
          } else if (step.do === 'mark') names.push(ledger.mark())
          else if (step.do === 'echo') {
            const name = names[step.which]
            if (name !== undefined) ledger.echoed(name)
          } else if (step.do === 'clear') {
            ledger.cleared()
            expect(ledger.outstandingMs()).toBe(0)
          } else expect(names.includes(step.name) || ledger.echoed(step.name) === 'unknown').toBe(true)

          const heard = { a: 0, b: 0, c: 0, all: ledger.heardMs() }
          let lost = 0
          for (const who of ['a', 'b', 'c'] as const) {
            const account = ledger.of(who)
            expect(account.sentMs).toBe(sent[who])
            expect(account.heardMs + account.lostMs).toBeLessThanOrEqual(account.sentMs)
            expect(account.heardMs).toBeGreaterThanOrEqual(heardBefore[who])
            heard[who] = account.heardMs
            lost += account.lostMs
          }
          expect(heard.all).toBe(heard.a + heard.b + heard.c)
          expect(heard.all).toBeGreaterThanOrEqual(heardBefore.all)
          expect(ledger.sentMs()).toBe(heard.all + lost + ledger.outstandingMs())
          expect(ledger.unmarkedMs()).toBeLessThanOrEqual(ledger.outstandingMs())
          heardBefore = heard
        }
      }),
      { numRuns: 500 },
    )
  })
})
