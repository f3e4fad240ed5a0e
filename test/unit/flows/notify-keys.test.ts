import { expect, test } from 'vitest'
import { notifyKeys, whyNotNotify } from '../../../src/flows/notify-keys.ts'

test('without a key asked for there are none, whatever else is given', () => {
  expect(notifyKeys({ message: 'Hi.', prompt: 'Press something.', confirmedText: 'Thanks.' })).toBeUndefined()
})

test('the question offers what is asked for, in that order, and speaks of keys as they are called', () => {
  expect(notifyKeys({ optOut: '9', confirm: '1' })?.prompt).toBe(
    'Press 1 to confirm. Press 9 if you do not want to be called again.',
  )
  expect(notifyKeys({ repeat: '*', confirm: '#' })?.prompt).toBe(
    'Press the pound key to confirm. Press the star key to hear this again.',
  )
  expect(notifyKeys({ confirm: '1', prompt: 'Eins, bitte.' })?.prompt).toBe('Eins, bitte.')
})

test('a key is one key, and each has its own', () => {
  expect(whyNotNotify({ message: 'Hi.' })).toBeUndefined()
  expect(whyNotNotify({ confirm: '1', repeat: '*', optOut: '#' })).toBeUndefined()
  for (const wrong of ['', '12', 'A', 'on', '１']) expect(whyNotNotify({ confirm: wrong })).toMatch(/confirm: expected/)
  expect(whyNotNotify({ confirm: '1', optOut: '1' })).toMatch(/optOut: expected a key of its own/)
})
