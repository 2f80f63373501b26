using System.CommandLine;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>How long a member of a fleet waits for those that are silent.</summary>
internal static class PatienceOption
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Makes the option.</summary>
    /// <param name="whom">Whom it waits for, beside the server.</param>
    internal static Option<TimeSpan?> Create(string whom) => TimeOption.Create(
        "--patience", $"How long to wait for a server or {whom} that has fallen silent, such as 60s, the default; then it ends.");

    /// <summary>What it says.</summary>
    internal static TimeSpan Of(ParseResult parsed, Option<TimeSpan?> option) => parsed.GetValue(option) ?? Patience;
}
