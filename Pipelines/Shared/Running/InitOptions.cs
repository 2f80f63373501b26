using System.CommandLine;

namespace StreamLearn.Programs;

/// <summary>What <c>config init</c> may be told. <paramref name="Write"/>: writes a configuration by them; null of it: none was
/// given.</summary>
internal sealed record InitOptions(IReadOnlyList<Option> Options, Func<ParseResult, Task<string?>> Write);
