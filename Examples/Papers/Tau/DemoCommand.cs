namespace Papers;

/// <summary>Something that a user asks of a fleet while it learns; it acts within a round: nodes take the rows of another case, or
/// versions take so much longer on their way.</summary>
internal sealed record DemoCommand(DataCase? Case, TimeSpan? Delay) : ISized
{
    /// <summary>Encodes the command's kind (1: a case, 2: a delay) and its number.</summary>
    internal static ICodec<DemoCommand> Codec { get; } = new NumbersCodec<DemoCommand>("demo-command/1", 2,
        static c => c.Case is { } of ? [1, (int)of] : [2, (int)c.Delay!.Value.TotalMilliseconds],
        static n => n switch
        {
            [1, >= 1 and <= 4 and var of] => SetCase((DataCase)of),
            [2, >= 0 and var milliseconds] => SetDelay(milliseconds),
            _ => null,
        });

    public long SizeBytes => 32;

    internal static DemoCommand SetCase(DataCase dataCase) => new(dataCase, null);

    internal static DemoCommand SetDelay(int milliseconds) => new(null, TimeSpan.FromMilliseconds(milliseconds));

    public override string ToString() => Case is { } of ? $"set-case {(int)of}" : Invariant($"set-delay {Delay!.Value.TotalMilliseconds}");
}

/// <summary>A command, and when it is given.</summary>
internal readonly record struct TimedCommand(TimeSpan At, DemoCommand Command);

/// <summary>Gives one command, and ends.</summary>
internal sealed class GivenCommand(DemoCommand command, OperatorContext context) : Source<DemoCommand>
{
    private readonly DateTimeOffset _at = context.Now;
    private bool _given;

    public override DateTimeOffset? NextAt => _given ? null : _at;

    public override DemoCommand Next()
    {
        _given = true;
        return command;
    }
}
