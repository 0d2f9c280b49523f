/** Which subscriptions a frame is for, by its APPID and the name of its control block, before its values are looked at. */
import { GooseDecoder } from '../../goose/goose-decoder.js';
import type { GooseExpectation } from '../../goose/subscriber.js';
import { MAX_GOOSE_STREAMS } from '../../limits.js';

/** What a route leads to. */
export interface Routed {
  readonly subscription: { readonly appId?: number; readonly expected: Pick<GooseExpectation, 'gocbRef'> };
}

/** Frames of one control block, whoever sends them: what its decoder remembers of the last one makes the next one quick. */
export interface GooseRoute<S extends Routed> {
  readonly decoder: GooseDecoder;
  /** Those that may want its frames; each has its own word on APPID and goID. */
  readonly streams: S[];
}

export class GooseRoutes<S extends Routed> {
  private readonly routes = new Map<string, GooseRoute<S>>();
  /** Streams that take control blocks of any name. */
  private readonly unnamed: S[] = [];
  private readonly appIds = new Set<number>();
  private anyAppId = false;

  add(stream: S): void {
    const { appId, expected } = stream.subscription;
    if (appId === undefined) this.anyAppId = true;
    else this.appIds.add(appId);
    if (expected.gocbRef !== undefined) this.made(expected.gocbRef).streams.push(stream);
    else {
      this.unnamed.push(stream);
      for (const { streams } of this.routes.values()) streams.push(stream);
    }
  }

  /** Whether anybody wants frames with this APPID. */
  takes(appId: number): boolean {
    return this.anyAppId || this.appIds.has(appId);
  }

  /** Undefined when nobody wants frames of this control block. */
  find(gocbRef: string): GooseRoute<S> | undefined {
    const route = this.routes.get(gocbRef);
    if (route || this.unnamed.length === 0) return route;
    // Names that are made up take no more memory than this.
    return this.routes.size < MAX_GOOSE_STREAMS ? this.made(gocbRef) : this.fresh();
  }

  private made(gocbRef: string): GooseRoute<S> {
    let route = this.routes.get(gocbRef);
    if (!route) this.routes.set(gocbRef, (route = this.fresh()));
    return route;
  }

  private fresh(): GooseRoute<S> {
    return { decoder: new GooseDecoder(), streams: [...this.unnamed] };
  }
}
