/** A value that is there at once as a rule, and later when somebody outside has to be asked. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with the value: at once when it is there. */
export function whenThere<T, R>(value: MaybePromise<T>, go: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(go) : go(value);
}
