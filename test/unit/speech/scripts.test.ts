import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unspeakable } from '../../../src/speech/scripts.ts'

const flash15 = ['en', 'es', 'fr', 'de', 'it', 'pt']
const flash10 = [...flash15, 'ar', 'ru', 'ro', 'ja', 'he', 'hy', 'tr', 'hi', 'zh']

test('a text in a script of none of the model languages is unspeakable, and the script is named', () => {
  const cases: [text: string, script: string][] = [
    ['Ваш заказ отправлен.', 'Cyrillic'],
    ['ご注文の商品を発送しました。', 'Hiragana'],
    ['您的订单已发货', 'Han'],
    ['تم شحن طلبك', 'Arabic'],
    ['आपका ऑर्डर', 'Devanagari'],
    ['주문하신 상품', 'Hangul'],
    ['ההזמנה נשלחה', 'Hebrew'],
    ['Ձեր պատվերը', 'Armenian'],
  ]
  for (const [text, script] of cases) {
    const error = unspeakable(text, flash15)
    expect([script, error?.code]).toEqual([script, 'text.unspeakable'])
    expect(error?.message).toContain(script)
    expect(error?.message).toContain('en, es, fr, de, it, pt')
    expect(error?.details['script']).toBe(script)
    expect(error?.retryable).toBe(false)
  }
})

test('each script passes where one of the languages is written in it', () => {
  for (const text of [
    'Hello',
    'Ваш заказ',
    'ご注文の商品',
    '您的订单',
    'تم شحن',
    'आपका',
    'ההזמנה',
    'Ձեր',
    'Teşekkürler',
  ])
    expect([text, unspeakable(text, flash10)]).toEqual([text, undefined])
  expect(unspeakable('주문하신 商品', ['ko'])).toBeUndefined()
  expect(unspeakable('Здраво', ['sr'])).toBeUndefined()
  expect(unspeakable('Zdravo', ['sr'])).toBeUndefined()
  expect(unspeakable('您的订单', ['cmn'])).toBeUndefined()
  expect(unspeakable('Hello', ['ru'])?.details['script']).toBe('Latin')
})

test('up to half of the letters may be foreign', () => {
  expect(unspeakable('Ok да', flash15)).toBeUndefined()
  expect(unspeakable('Ok дай', flash15)?.code).toBe('text.unspeakable')
  expect(unspeakable('The shop "Гастроном" is open.', flash15)).toBeUndefined()
})

test('digits, signs and the insides of tags are no letters', () => {
  expect(unspeakable('123 — 45 %! 😀', ['ru'])).toBeUndefined()
  expect(unspeakable('', flash15)).toBeUndefined()
  expect(unspeakable('<phonemes>θβχ</phonemes> a', ['en'])).toBeUndefined()
  expect(unspeakable("Да <break time='400ms'/> да", ['en'])?.details['script']).toBe('Cyrillic')
})

test('a language that is asked for must be one of the model, whatever its region', () => {
  expect(unspeakable('Hello', flash15, 'en-GB')).toBeUndefined()
  expect(unspeakable('Hello', ['zh', 'en'], 'cmn-Hans-CN')).toBeUndefined()
  const error = unspeakable('Goedendag', flash15, 'nl')
  expect(error?.code).toBe('text.unspeakable')
  expect(error?.message).toContain('"nl"')
  expect(error?.message).toContain('en, es, fr, de, it, pt')
  expect(unspeakable('Hello', flash15, 'no language!')?.code).toBe('text.unspeakable')
})

test('where the languages are not known, nothing is refused', () => {
  expect(unspeakable('Привет', undefined, 'xx')).toBeUndefined()
  expect(unspeakable('Привет', [])).toBeUndefined()
  expect(unspeakable('Привет', ['en', 'not a language'])).toBeUndefined()
})

test('the message never quotes the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 4 }), (noise) => {
      const text = `Секретный код ${noise}`
      const { message = '', details = {} } = unspeakable(text, ['en']) ?? {}
      expect(message).not.toContain('Секрет')
      expect(JSON.stringify(details)).not.toContain('Секрет')
    }),
  )
})
