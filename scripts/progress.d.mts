/** Runs `work` and shows `title` on stderr meanwhile, with the time it took. */
export declare function step<T>(title: string, work: () => Promise<T>): Promise<T>;
