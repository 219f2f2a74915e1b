import { AbstractStartedContainer, GenericContainer } from 'testcontainers';
import { Session } from './index';

/** The mock in a container, by Testcontainers. The image is that of the Dockerfile of counterpart. */
export declare class CounterpartContainer extends GenericContainer {
  constructor(image?: string);
  /** A folder with specs, which is mounted; without it the vendors in the program are served. */
  withSpecs(folder: string): this;
  /** More options of `counterpart-mock serve`. */
  withArguments(...more: string[]): this;
  start(): Promise<StartedCounterpartContainer>;
}

export declare class StartedCounterpartContainer extends AbstractStartedContainer {
  /** The root of the mock as this machine sees it. */
  readonly root: string;
  /** The base URL of each vendor in the nameless session. */
  readonly vendors: Record<string, string>;
  session(name?: string): Session;
}
