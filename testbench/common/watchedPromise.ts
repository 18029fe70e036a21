/** A promise that tells when somebody waits for it: `await` calls the `then` of a class of its own. */
export class WatchedPromise<T> extends Promise<T> {
  private onAwaited: () => void = () => {};

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Follows a promise. A rejection for which nobody waits is not reported to the process. */
  static following<T>(promise: Promise<T>, onAwaited: () => void): WatchedPromise<T> {
    const watched = new WatchedPromise<T>((resolve, reject) => void promise.then(resolve, reject));
    watched.catch(() => {});
    watched.onAwaited = onAwaited;
    return watched;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.onAwaited();
    return super.then(onFulfilled, onRejected);
  }
}
