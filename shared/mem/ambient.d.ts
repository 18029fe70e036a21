/**
 * Integer types of the loop dialect. The TypeScript compiler sees numbers; AssemblyScript,
 * which compiles the same files to WebAssembly, has these names built in.
 */
declare type u32 = number;
declare type bool = boolean;
