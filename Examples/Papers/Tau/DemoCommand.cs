using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Papers;

/// <summary>Something that a user asks of a fleet while it learns; it acts within a round: nodes take the rows of another case, or
/// versions take so much longer on their way.</summary>
internal sealed record DemoCommand(DataCase? Case, TimeSpan? Delay) : ISized
{
    internal static ICodec<DemoCommand> Codec { get; } = new CommandCodec();

    public long SizeBytes => 32;

    internal static DemoCommand SetCase(DataCase dataCase) => new(dataCase, null);

    internal static DemoCommand SetDelay(int milliseconds) => new(null, TimeSpan.FromMilliseconds(milliseconds));

    public override string ToString() => Case is { } of ? $"set-case {(int)of}" : Invariant($"set-delay {Delay!.Value.TotalMilliseconds}");

    /// <summary>A byte for what, and four for the number, little-endian.</summary>
    private sealed class CommandCodec : ICodec<DemoCommand>
    {
        private const int Bytes = 5;
        private const byte CaseKind = 1, DelayKind = 2;

        public string Name => "demo-command/1";

        public void Encode(DemoCommand value, IBufferWriter<byte> buffer)
        {
            var span = buffer.GetSpan(Bytes);
            span[0] = value.Case is null ? DelayKind : CaseKind;
            BinaryPrimitives.WriteInt32LittleEndian(span[1..], (int?)value.Case ?? (int)value.Delay!.Value.TotalMilliseconds);
            buffer.Advance(Bytes);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out DemoCommand value)
        {
            value = null;
            if (bytes.Length != Bytes) { return false; }
            Span<byte> read = stackalloc byte[Bytes];
            bytes.CopyTo(read);
            value = (read[0], BinaryPrimitives.ReadInt32LittleEndian(read[1..])) switch
            {
                (CaseKind, >= 1 and <= 4 and var number) => SetCase((DataCase)number),
                (DelayKind, >= 0 and var number) => SetDelay(number),
                _ => null,
            };
            return value is not null;
        }
    }
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
