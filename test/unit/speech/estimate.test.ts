import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateMs } from '../../../src/speech/estimate.ts'

test('an announcement of 20 words takes six to ten seconds', () => {
  const text =
    'Hello, your order has shipped and will arrive tomorrow at ten. Press one to hear this again, or two to change it.'
  expect(estimateMs(text)).toBeGreaterThan(6000)
  expect(estimateMs(text)).toBeLessThan(10_000)
})

test('a sign of Chinese takes longer than a letter, and longer still in Japanese', () => {
  expect(estimateMs('abcdefghij')).toBe(650)
  expect(estimateMs('您的订单已经发货谢谢', 'zh')).toBe(2000)
  expect(estimateMs('商品発送', 'ja')).toBeGreaterThan(estimateMs('商品発送', 'zh'))
})

test('breaks are added, tags are not read', () => {
  const plain = estimateMs('Hello there')
  expect(estimateMs("Hello there<break time='1.5s'/>")).toBe(plain + 1500)
  expect(estimateMs('<digits>12-34</digits>')).toBe(1600)
  expect(estimateMs('<phonemes>abc</phonemes>')).toBe(195)
})

test('a run of dots or spaces is one pause, and nothing takes no time', () => {
  expect(estimateMs('a.....     b')).toBe(estimateMs('a. b'))
  expect(estimateMs('3.14')).toBe(estimateMs('314'))
  expect(estimateMs('')).toBe(0)
})

test('more text never takes less time, and the estimate is always a number', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ms = estimateMs(text)
      expect(Number.isInteger(ms) && ms >= 0).toBe(true)
      expect(estimateMs(`${text} word`)).toBeGreaterThan(ms)
    }),
  )
})
