import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Flow } from './flow.ts'

const usualQuestions = 'How content were you with our service?|How likely are you to recommend us?'

/**
 * Asks questions that are answered by 1 to 5, and appends a line of JSON for every callee who answered one:
 * `{ "at", "id", "answers", "complete" }`, also when they hung up in the middle.
 *
 * Parameters: `questions`, separated by `|`; `id`, which is written along.
 *
 * @param folder where `survey.jsonl` is
 * @param now what time it is, in milliseconds since the epoch
 */
export function surveyInto(folder: string, now: () => number): Flow {
  return async (call) => {
    const { questions = usualQuestions, id = null } = call.parameters
    const asked = questions
      .split('|')
      .map((question) => question.trim())
      .filter((question) => question !== '')
    const answers: { question: string; answer: number }[] = []
    try {
      await call.say('Thank you for taking our survey. Please answer with the keys 1, for not at all, to 5, for very.')
      for (const question of asked) {
        const { digits } = await call.gather({
          say: question,
          choices: ['1', '2', '3', '4', '5'],
          attempts: 2,
          again: { nonsense: `Please press a key from 1 to 5. ${question}` },
        })
        if (digits !== undefined) answers.push({ question, answer: Number(digits) })
      }
      await call.say('Thank you. Goodbye.')
    } finally {
      // A callee who hangs up ends the flow at its await, and this is still done.
      const complete = answers.length === asked.length
      const line = JSON.stringify({ at: new Date(now()).toISOString(), id, answers, complete })
      if (answers.length > 0) {
        await mkdir(folder, { recursive: true })
        await appendFile(join(folder, 'survey.jsonl'), `${line}\n`, { mode: 0o600 })
      }
    }
  }
}
