using System.CommandLine;

namespace StreamLearn.Programs;

/// <summary>What <c>config init</c> may be told.</summary>
/// <param name="Options">Its options.</param>
/// <param name="Write">Writes a configuration by them; null of it: none was given.</param>
internal sealed record InitOptions(IReadOnlyList<Option> Options, Func<ParseResult, Task<string?>> Write);
