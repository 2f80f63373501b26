using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Papers;

/// <summary>Something that a user asks of a fleet while it learns; it acts within a round. <c>set-case</c>: nodes take the rows of another
/// case. <c>set-delay</c>: versions take so many milliseconds longer on their way.</summary>
internal sealed record DemoCommand(string Name, int Value) : ISized
{
    internal const int MostDelay = 60_000;

    private const string CaseName = "set-case", DelayName = "set-delay";

    internal static ICodec<DemoCommand> Codec { get; } = new CommandCodec();

    internal DataCase? Case => Name == CaseName ? (DataCase)Value : null;

    internal TimeSpan? Delay => Name == DelayName ? TimeSpan.FromMilliseconds(Value) : null;

    public long SizeBytes => 32;

    /// <summary>What was expected, if there is no such command; else null.</summary>
    internal string? Refusal => (Name, Value) switch
    {
        (CaseName, >= 1 and <= 4) or (DelayName, >= 0 and <= MostDelay) => null,
        (CaseName, _) => "expected a case of 1 to 4",
        (DelayName, _) => "expected a delay of 0 to 60000 ms",
        _ => "expected set-case or set-delay",
    };

    internal static DemoCommand SetCase(DataCase dataCase) => new(CaseName, (int)dataCase);

    internal static DemoCommand SetDelay(int milliseconds) => new(DelayName, milliseconds);

    public override string ToString() => Invariant($"{Name} {Value}");

    /// <summary>A byte for what, and four for the number, little-endian.</summary>
    private sealed class CommandCodec : ICodec<DemoCommand>
    {
        private const int Bytes = 5;

        public string Name => "demo-command/1";

        public void Encode(DemoCommand value, IBufferWriter<byte> buffer)
        {
            var span = buffer.GetSpan(Bytes);
            span[0] = (byte)(value.Name == CaseName ? 1 : 2);
            BinaryPrimitives.WriteInt32LittleEndian(span[1..], value.Value);
            buffer.Advance(Bytes);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out DemoCommand value)
        {
            value = null;
            if (bytes.Length != Bytes) { return false; }
            Span<byte> read = stackalloc byte[Bytes];
            bytes.CopyTo(read);
            value = new(read[0] == 1 ? CaseName : read[0] == 2 ? DelayName : "", BinaryPrimitives.ReadInt32LittleEndian(read[1..]));
            return value.Refusal is null;
        }
    }
}

/// <summary>A command, and when it is given.</summary>
internal readonly record struct TimedCommand(TimeSpan At, DemoCommand Command)
{
    private const double MostSeconds = 3600;

    /// <summary>Reads one as it stands in a command line: <c>5:set-case=2</c>, <c>7.5:set-delay=500</c>.</summary>
    internal static bool TryParse(string text, out TimedCommand command, [NotNullWhen(false)] out string? reason)
    {
        command = default;
        if (text.Split(':', '=') is not [var at, var name, var number] || text.IndexOf('=', StringComparison.Ordinal) < at.Length + 1
            || !double.TryParse(at, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            reason = "expected SECONDS:set-case=1..4 or SECONDS:set-delay=MS";
            return false;
        }

        var given = new DemoCommand(name, value);
        reason = seconds is >= 0 and <= MostSeconds ? given.Refusal : "expected a time of 0 to 3600 s";
        if (reason is null) { command = new(TimeSpan.FromSeconds(seconds), given); }
        return reason is null;
    }
}

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
