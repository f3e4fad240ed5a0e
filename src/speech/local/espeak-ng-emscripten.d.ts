declare module '@echogarden/espeak-ng-emscripten' {
  /** Loads the engine and its data. `print` and `printErr` take what it would write on the console. */
  export default function load(options: { print(line: string): void; printErr(line: string): void }): Promise<unknown>
}
