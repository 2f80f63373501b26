namespace Papers;

/// <summary>A user's command to a fleet while it learns. It takes effect within a round: nodes switch to the rows of another case, or
/// versions are delayed.</summary>
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

internal readonly record struct TimedCommand(TimeSpan At, DemoCommand Command);

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
