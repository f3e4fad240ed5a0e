import { describe, expect, test } from 'vitest'
import { readVoicesArguments } from '../../../scripts/voices-arguments.ts'

const read = (...words: string[]) => readVoicesArguments(words)

describe('the words of npm run voices', () => {
  test('list takes filters under the names of their options', () => {
    const words = [
      '--language',
      'de',
      '--accent',
      'German',
      '--gender',
      'female',
      '--style',
      'calm',
      '--model',
      'm',
      '--mine',
    ]
    expect(read('list', ...words, '--after', 'x').command).toEqual({
      kind: 'list',
      filter: { language: 'de', accent: 'German', gender: 'Female', style: 'calm', modelId: 'm', mine: true },
      limit: 10,
      after: 'x',
    })
    expect(read('list', '--limit', '250').command).toMatchObject({ filter: {}, limit: 250 })
    expect(read('list', '--all', '--json')).toMatchObject({ command: { limit: Number.POSITIVE_INFINITY }, json: true })
  })

  test('the other commands take ids, files and descriptions', () => {
    expect(read('show', 'a', 'b', 'c').command).toEqual({ kind: 'show', voiceIds: ['a', 'b', 'c'] })
    expect(read('preview', 'a').command).toEqual({ kind: 'preview', voiceId: 'a', file: undefined })
    expect(read('preview', 'a', 'x.mp3').command).toEqual({ kind: 'preview', voiceId: 'a', file: 'x.mp3' })
    expect(read('clone', 'me.wav', '--name', 'Me', '--gender', 'Male', '--enhance').command).toEqual({
      kind: 'clone',
      file: 'me.wav',
      described: { name: 'Me', gender: 'Male', enhance: true },
    })
    expect(read('update', 'a', '--name', 'N', '--description', 'D', '--accent', 'A', '--style', 'S').command).toEqual({
      kind: 'update',
      voiceId: 'a',
      changes: { name: 'N', description: 'D', accent: 'A', style: 'S' },
    })
    expect(read('delete', 'a').command).toEqual({ kind: 'delete', voiceId: 'a', yes: false })
    expect(read('delete', 'a', '-y').command).toMatchObject({ yes: true })
    expect(read('--help').command).toEqual({ kind: 'help' })
  })

  test('NAME=value words are settings, wherever they stand', () => {
    expect(read('ASYNC_API_KEY=k', 'show', 'a', 'ASYNC_URL=http://127.0.0.1:1')).toMatchObject({
      command: { voiceIds: ['a'] },
      settings: { ASYNC_API_KEY: 'k', ASYNC_URL: 'http://127.0.0.1:1' },
    })
  })

  test.each<[string[], RegExp]>([
    [[], /one of list, show, .*; nothing came/],
    [['constructor'], /"constructor" came/],
    [['list', 'x'], /fewer words/],
    [['list', '--name', 'x'], /--name is no option of list/],
    [['list', '--limit', '0'], /--limit: expected/],
    [['list', '--limit', '-1'], /limit/],
    [['list', '--limit', '1.5'], /--limit: expected/],
    [['list', '--limit', '5', '--all'], /not both/],
    [['list', '--gender', 'x'], /--gender: expected one of Male/],
    [['show'], /id of a voice/],
    [['preview', 'a', 'b', 'c'], /fewer words/],
    [['clone'], /a file/],
    [['clone', 'f'], /--name/],
    [['clone', 'f', '--name', ' '], /--name/],
    [['update', 'a'], /what to change/],
    [['update', 'a', '--enhance'], /--enhance is no option of update/],
    [['delete', 'a', 'b'], /fewer words/],
    [['show', 'a', '--yes'], /--yes is no option of show/],
    [['show', '--colour'], /Unknown option/],
  ])('%j is refused', (words, message) => {
    expect(() => read(...words)).toThrow(message)
    expect(() => read(...words)).toThrow(expect.objectContaining({ code: 'usage.invalid' }))
  })
})
