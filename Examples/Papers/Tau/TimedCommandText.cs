using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TauDemo;

/// <summary>Commands with their times, as they stand in a command line: <c>5:set-case=2</c>, <c>7.5:set-delay=500</c>.</summary>
internal static class TimedCommandText
{
    private const double MostSeconds = 3600;

    /// <summary>The option that takes them.</summary>
    internal static Option<TimedCommand[]> CreateOption() => new("--at")
    {
        Description = "A command and when it is given, in virtual seconds: 5:set-case=2 or 5:set-delay=500. May be repeated.",
        HelpName = "SECONDS:COMMAND=NUMBER",
        DefaultValueFactory = static _ => [],
        CustomParser = static result =>
        {
            List<TimedCommand> commands = [];
            foreach (var token in result.Tokens)
            {
                if (TryParse(token.Value, out var command, out var reason)) { commands.Add(command); }
                else { result.AddError($"--at: {reason}"); }
            }

            return [.. commands];
        },
    };

    /// <summary>Reads one.</summary>
    internal static bool TryParse(string text, out TimedCommand command, [NotNullWhen(false)] out string? reason)
    {
        command = default;
        var (colon, equals) = (text.IndexOf(':', StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
        if (colon < 0 || equals < colon
            || !double.TryParse(text[..colon], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            || !int.TryParse(text[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            reason = $"expected SECONDS:set-case=1..4 or SECONDS:set-delay=MS, got '{text}'";
            return false;
        }

        if (!(seconds is >= 0 and <= MostSeconds))
        {
            reason = $"expected a time of 0 to 3600 s, got '{text}'";
            return false;
        }

        if (!DemoCommand.TryCreate(text[(colon + 1)..equals], value, out var given, out reason))
        {
            reason += $", got '{text}'";
            return false;
        }

        command = new(TimeSpan.FromSeconds(seconds), given);
        return true;
    }
}
