import { describe, expect, test } from 'vitest'
import { readDialArguments } from '../../../scripts/dial-arguments.ts'

describe('the words of dial', () => {
  test('a number and a text', () => {
    const given = readDialArguments(['+1 (555) 123-4567', 'Your order has shipped.'])
    expect(given).toMatchObject({ number: '+15551234567', text: 'Your order has shipped.', json: false, help: false })
  })

  test('a text alone leaves the number to OUTBOUND_NUMBER', () => {
    expect(readDialArguments(['Hello'])).toMatchObject({ number: undefined, text: 'Hello' })
  })

  test('with --flow the text may be left out, and parameters are given along', () => {
    expect(
      readDialArguments(['+15551234567', '--flow', 'menu', '--parameter', 'a=1=2', '--parameter', 'b=']),
    ).toMatchObject({
      number: '+15551234567',
      text: undefined,
      flow: 'menu',
      parameters: { a: '1=2', b: '' },
    })
    expect(readDialArguments(['--flow', './x.ts'])).toMatchObject({ number: undefined, text: undefined })
    expect(readDialArguments(['+15551234567', 'Hi.', '--flow', 'alert'])).toMatchObject({ text: 'Hi.', flow: 'alert' })
    expect(() => readDialArguments(['--flow', 'menu', '--parameter', 'a'])).toThrow('--parameter: expected a name')
    expect(() => readDialArguments(['+15551234567'])).toThrow('only a number came')
  })

  test('--to makes a list, which takes one text and no number of its own', () => {
    const list = ['--to', '+15551234567', '--to', '555']
    expect(readDialArguments([...list, 'Hi.', '--rounds', '10'])).toMatchObject({
      list: ['+15551234567', '555'],
      text: 'Hi.',
      number: undefined,
      rounds: 10,
    })
    expect(readDialArguments([...list, '--flow', 'alert'])).toMatchObject({ text: undefined, rounds: undefined })
    expect(readDialArguments(['+15551234567', 'Hi.']).list).toEqual([])
    expect(() => readDialArguments([...list, '+15551234567'])).toThrow('every number behind a --to')
    expect(() => readDialArguments([...list, '+15551234567', 'Hi.'])).toThrow('2 words came')
    expect(() => readDialArguments([...list, 'Hi.', '--save', 'x.wav'])).toThrow('--save keeps one call')
    expect(() => readDialArguments(['+15551234567', 'Hi.', '--rounds', '2'])).toThrow('expected a list')
    for (const rounds of ['0', '11', 'x', '1.5', ''])
      expect(() => readDialArguments([...list, 'Hi.', '--rounds', rounds])).toThrow('--rounds: expected 1 to 10')
  })

  test('NAME=value words are settings wherever they stand, and options become settings', () => {
    const { settings, text } = readDialArguments([
      'LOG_LEVEL=debug',
      '+15551234567',
      '-',
      '--from',
      '+15005550006',
      '--timeout',
      '2.5',
      '--language',
      'de',
      'PORT=1',
    ])
    expect(text).toBe('-')
    expect(settings).toEqual({
      LOG_LEVEL: 'debug',
      PORT: '1',
      '--from': '+15005550006',
      '--timeout': '2500',
      '--language': 'de',
    })
  })

  test('a text that looks like a setting which does not exist is a text', () => {
    expect(readDialArguments(['+15551234567', 'X=5 is the answer']).text).toBe('X=5 is the answer')
  })

  test('a number alone is no text: it is never spoken to OUTBOUND_NUMBER', () => {
    for (const number of ['+15551234567', '555 123-4567', '0049 30 123456', '(555) 123.4567'])
      expect(() => readDialArguments([number])).toThrow('Expected a text behind the number')
    expect(readDialArguments(['+15551234567', '555 123-4567']).text).toBe('555 123-4567')
    expect(readDialArguments(['4711']).text).toBe('4711')
  })

  test('a word that sets what is no setting, and cannot be the text, is refused by its name', () => {
    for (const words of [
      ['FOO=bar', 'Hello'],
      ['+15551234567', 'Hello', 'FOO=bar'],
      ['+15551234567', 'FOO=bar', 'Hello'],
    ])
      expect(() => readDialArguments(words)).toThrow('FOO is no setting')
  })

  test('a text for a mailbox', () => {
    expect(readDialArguments(['Hi.', '--voicemail', 'We called.']).voicemail).toBe('We called.')
    expect(readDialArguments(['Hi.']).voicemail).toBeUndefined()
  })

  test('--timeout takes 1 to 600 seconds, and says so', () => {
    for (const seconds of ['1', '2.5', '600'])
      expect(readDialArguments(['x', '--timeout', seconds]).settings).toEqual({
        '--timeout': String(Number(seconds) * 1000),
      })
    for (const seconds of ['0', '0.5', '601', 'soon', '', 'NaN', 'Infinity'])
      expect(() => readDialArguments(['x', `--timeout=${seconds}`])).toThrow('--timeout: expected 1 to 600 seconds')
  })

  test('what cannot be understood is refused with a pointer to --help or to what was expected', () => {
    expect(() => readDialArguments(['--colour'])).toThrow('--help')
    expect(() => readDialArguments(['+15551234567', 'two', 'words'])).toThrow('Quote the text')
    expect(() => readDialArguments(['+15551234567', 'x', '--timeout', 'soon'])).toThrow('seconds')
    expect(() => readDialArguments(['5551234567', 'x'])).toThrow('country code')
    expect(() => readDialArguments(['+1555123456789012345', 'x'])).toThrow(/phone number|length/)
    expect(() => readDialArguments(['+1', 'x'])).toThrow(/phone number|length/)
  })
})
