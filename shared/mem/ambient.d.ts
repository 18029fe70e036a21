/**
 * Integer types of the loop dialect. They are numbers to the TypeScript compiler and built-in
 * types to AssemblyScript, which compiles the same files to WebAssembly.
 */
declare type u32 = number;
declare type bool = boolean;
