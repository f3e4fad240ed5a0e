import { describe, expect, test } from 'vitest'
import { reminder } from '../../../src/flows/reminder.ts'
import { testCall } from '../../../src/simulator/test-call.ts'

const parameters = { name: 'Ada', appointment: 'your check-up on Tuesday at ten', days: 'Thursday, Friday' }

describe('reminder', () => {
  test('confirmed with 1', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('Hello Ada. This is a reminder of your check-up on Tuesday at ten.')
    phone.press('1')
    await phone.hears('We look forward to seeing you. Goodbye.')
    expect(await phone.outcome).toMatchObject({ reason: 'completed', keys: '1' })
  })

  test('moved with 2 to one of the days offered, by its key', async () => {
    await using phone = await testCall(reminder, { parameters })
    await phone.hears('press 2')
    phone.press('2')
    await phone.hears('For Thursday, press 1. For Friday, press 2.')
    phone.press('2')
    await phone.hears('moved to Friday. Goodbye.')
    expect(await phone.outcome).toMatchObject({ keys: '22' })
  })

  test.each(['0', '55', ''])('the day is kept with 0, with keys that are no day, and with none (%s)', async (keys) => {
    await using phone = await testCall(reminder, { parameters, direction: 'inbound' })
    await phone.hears('press 2')
    phone.press('2')
    for (const key of keys) {
      await phone.hears('To keep the day')
      phone.press(key)
    }
    await phone.hears('stays as it is. Goodbye.')
  })

  test('cancelled with 3', async () => {
    await using phone = await testCall(reminder)
    await phone.hears('Hello. This is a reminder of your appointment.')
    await phone.hears('press 3')
    phone.press('3')
    await phone.hears('cancelled. Goodbye.')
  })

  test('who says nothing is asked three times, and keeps the appointment', async () => {
    await using phone = await testCall(reminder, { parameters })
    for (let times = 0; times < 3; times++) await phone.hears('To cancel, press 3.')
    await phone.hears('We did not get an answer')
    expect(await phone.outcome).toMatchObject({ keys: '' })
  })
})
