// Stands with what every provider needs; this name goes when nothing imports it any more.
export { shortestSpeechMs } from '../shortest-speech.ts'
