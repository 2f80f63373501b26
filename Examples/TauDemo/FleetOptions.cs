using System.CommandLine;

namespace TauDemo;

/// <summary>The options that say what one fleet learns.</summary>
internal sealed class FleetOptions
{
    private const int MostSeconds = 600;

    private readonly Option<int> _case = CreateCase();
    private readonly Option<int> _seconds;
    private readonly Option<int> _seed = CreateSeed();
    private readonly Option<int> _delay = CreateDelay();

    /// <summary>The options.</summary>
    /// <param name="seconds">The budget where none is given.</param>
    /// <param name="kind">What seconds they are.</param>
    internal FleetOptions(int seconds, string kind = "virtual seconds") =>
        _seconds = NumberOption.Of("--seconds", $"The budget: {kind} that learning may take.", seconds, 1, MostSeconds);

    /// <summary>The case.</summary>
    internal static Option<int> CreateCase() => NumberOption.Of("--case", "The case that nodes begin with.", 1, 1, 4);

    /// <summary>The seed.</summary>
    internal static Option<int> CreateSeed() => NumberOption.Of("--seed", "Seed of digits, order and times.", 0, 0, int.MaxValue);

    /// <summary>The delay, in milliseconds.</summary>
    internal static Option<int> CreateDelay() => NumberOption.Of(
        "--delay", "Milliseconds by which versions take longer on their way.", 0, 0, DemoCommand.MostDelay);

    /// <summary>Commands and their times.</summary>
    /// <param name="seconds">What the times are.</param>
    internal static Option<TimedCommand[]> CreateAt(string seconds) => new("--at")
    {
        Description = $"A command and when it is given, in {seconds}: 5:set-case=2 or 5:set-delay=500. May be repeated.",
        HelpName = "SECONDS:COMMAND=NUMBER",
        DefaultValueFactory = static _ => [],
        CustomParser = static result =>
        {
            List<TimedCommand> commands = [];
            foreach (var token in result.Tokens)
            {
                if (TimedCommandText.TryParse(token.Value, out var command, out var reason)) { commands.Add(command); }
                else { result.AddError($"--at: {reason}"); }
            }

            return [.. commands];
        },
    };

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_case);
        command.Add(_seconds);
        command.Add(_seed);
        command.Add(_delay);
    }

    /// <summary>What they say.</summary>
    internal TauFleetSettings Of(ParseResult parsed) => new()
    {
        Case = (DataCase)parsed.GetValue(_case),
        Budget = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        Seed = parsed.GetValue(_seed),
        AddedDelay = TimeSpan.FromMilliseconds(parsed.GetValue(_delay)),
    };
}
