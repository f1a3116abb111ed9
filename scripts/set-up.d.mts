export declare const repository: string;
export declare const commandBundle: string;
export declare const consoleFolder: string;
export declare function ensureInstalled(): Promise<void>;
export declare function ensureCommandBuilt(): Promise<void>;
export declare function ensureConsoleBuilt(): Promise<void>;
