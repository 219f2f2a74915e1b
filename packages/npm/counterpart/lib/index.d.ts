export interface MockOptions {
  /** Files and folders with specs; default: `specs`, else the vendors in the program. */
  specs?: string | string[];
  seed?: number;
  /** RFC 3339. */
  clock?: string;
  freeze?: boolean;
  /** More options of `counterpart-mock serve`. */
  arguments?: string[];
}

export type Row = Record<string, unknown>;

export interface Fault {
  vendor?: string;
  operation?: string;
  times?: number;
  share?: number;
  /** A duration such as `PT2S`, or two between which it is. */
  delay?: string | { from: string; to: string };
  fault?: { status: number } | { error: string } | 'reset' | 'empty' | 'truncated' | 'garbage' | 'slow';
}

export interface JournalEntry {
  id: number;
  time: string;
  session: string;
  vendor: string;
  operation: string | null;
  rule: string | null;
  durationMicroseconds: number;
  request: { method: string; path: string; url: string; headers: Record<string, string>; body: string };
  response: { status: number; headers: Record<string, string>; body: string };
  transitions: string[];
  explanation: Array<{ rule: string; name: string; outcome: string; at: string; [more: string]: unknown }>;
}

export interface Message {
  channel: string;
  name: string;
  links: Record<string, string>;
  [more: string]: unknown;
}

export declare class Session {
  readonly name: string | null;
  url(vendor: string): string;
  state(vendor: string): Promise<Record<string, Row[]>>;
  state(vendor: string, collection: string): Promise<Row[]>;
  state(vendor: string, collection: string, key: string | number): Promise<Row>;
  replaceState(vendor: string, collection: string, rows: Row[]): Promise<unknown>;
  add(vendor: string, collection: string, row: Row): Promise<Row>;
  remove(vendor: string, collection: string, key: string | number): Promise<void>;
  settings(vendor: string): Promise<Row>;
  setSettings(vendor: string, settings: Row): Promise<void>;
  outbox(vendor: string): Promise<Message[]>;
  reset(vendor?: string): Promise<void>;
  rewind(before: number): Promise<void>;
  addFault(fault: Fault): Promise<unknown>;
  faults(): Promise<Fault[]>;
  clearFaults(): Promise<void>;
  clock(): Promise<{ now: string; frozen: boolean }>;
  setClock(clock: { now?: string; frozen?: boolean }): Promise<void>;
  advance(by: string): Promise<void>;
  requests(filter?: { operation?: string; vendor?: string; status?: number }): Promise<JournalEntry[]>;
  assertRequested(
    operation: string,
    expected?: { vendor?: string; status?: number; times?: number },
  ): Promise<JournalEntry[]>;
  assertNotRequested(operation: string, expected?: { vendor?: string }): Promise<void>;
  drop(): Promise<void>;
}

export declare class Mock {
  static start(options?: MockOptions): Promise<Mock>;
  readonly root: string;
  readonly vendors: Record<string, string>;
  /** A new session, or the named one; `null` is the one that all share. */
  session(name?: string | null): Session;
  log(): string;
  stop(): Promise<void>;
}

/** One mock for the tests of a file, and a session for each test. */
export declare function useMock(options?: MockOptions, hooks?: object): { mock: Mock; session: Session };

/** The path of one of the two programs. */
export declare function program(name: 'counterpart-mock' | 'counterpart-test'): string;
