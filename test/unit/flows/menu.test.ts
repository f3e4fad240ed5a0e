import { describe, expect, test } from 'vitest'
import { menuAt } from '../../../src/flows/menu.ts'
import { whyNotMenu } from '../../../src/flows/menu-parameters.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

/** A Monday. */
const menu = menuAt(() => Date.UTC(2026, 0, 5, 12))
const parameters = { timeZone: 'UTC' }

describe('menu', () => {
  test('1 says the hours, 2 the way, and the menu comes back after each', async () => {
    await using phone = await testCall(menu, { parameters, direction: 'inbound' })
    await phone.hears('Welcome')
    await phone.hears('For our opening hours, press 1.')
    phone.press('1')
    await phone.hears('from 9 to 17 hours')
    await phone.hears('For the way to us, press 2.')
    phone.press('2')
    await phone.hears('second floor')
    await phone.hears('For your order, press 3.')
    phone.hangsUp()
    expect(await phone.outcome).toMatchObject({ reason: 'callee-hung-up', keys: '12' })
  })

  test('3 leads to the second level, star back, and the order number ends with the hash key', async () => {
    await using phone = await testCall(menu, { parameters })
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('press star')
    phone.press('*')
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('where your order is')
    phone.press('1')
    await phone.hears('hash key')
    phone.press('12#')
    await phone.hears('four digits at least')
    phone.press('12345#')
    await phone.hears('Order 1 2 3 4 5 is on its way.')
    await phone.hears('For our opening hours')
  })

  test('an order is cancelled elsewhere; who enters no number is told so', async () => {
    await using phone = await testCall(menu, { parameters })
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('on our website')
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('press 1')
    phone.press('1')
    await phone.hears('We could not read your order number')
  })

  test('who answers nothing hears the menu three times and a goodbye', async () => {
    await using phone = await testCall(menu, { parameters })
    for (let times = 0; times < 3; times++) await phone.hears('For your order, press 3.')
    await phone.hears('Goodbye')
    expect(await phone.outcome).toMatchObject({ reason: 'completed' })
  })

  test.each([
    ['before nine', Date.UTC(2026, 0, 5, 8, 59), {}],
    ['from five on', Date.UTC(2026, 0, 5, 17), {}],
    ['on Saturday', Date.UTC(2026, 0, 3, 12), {}],
    ['at noon here, in the morning there', Date.UTC(2026, 0, 5, 12), { timeZone: 'America/New_York' }],
  ])('closed %s', async (_when, nowMs, more) => {
    await using phone = await testCall(
      menuAt(() => nowMs),
      { parameters: { ...parameters, ...more } },
    )
    await phone.hears('Our office is closed')
    expect(await phone.outcome).toMatchObject({ status: 'heard' })
  })

  test('a key that means nothing is answered with those that do, the operator’s too', async () => {
    for (const [more, keys] of [
      [{}, '1, 2 or 3.'],
      [{ operator: '+15551230100' }, '1, 2, 3 or 0.'],
    ] as const) {
      await using phone = await testCall(menu, { parameters: { ...parameters, ...more } })
      await phone.hears('For your order, press 3.')
      phone.press('9')
      await phone.hears(`Sorry, please press ${keys}`)
    }
  })

  test.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ timeZone: 'Europe/Berlin', operator: '+1 555 123 4567' }, undefined],
    [{ operator: '' }, undefined],
    [{ timeZone: 'Berlin' }, 'timeZone'],
    [{ operator: '0190' }, 'operator'],
  ])('parameters are looked at before anybody calls: %o, %s', (given, named) => {
    const problem = whyNotMenu(given)
    if (named === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(`The parameter ${named}: expected`)
  })

  test('never closed where that is asked for', async () => {
    await using phone = await testCall(
      menuAt(() => Date.UTC(2026, 0, 3, 3)),
      { parameters: { hours: 'always' } },
    )
    await phone.hears('Welcome')
  })
})
